import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from './config.js';
import { refuse } from './errors.js';
import { Gate } from './gate.js';
import { MAX_BODY_BYTES } from './http.screen.js';
import { Metrics } from './metrics.js';

/** Bodies that are here at a time, as sent. Parsed they take several times as much. */
const MAX_BODY_BYTES_IN_FLIGHT = 32 * MAX_BODY_BYTES;
/** Whoever is turned away comes back after 1 to 3 seconds, and not all at the same moment. */
const RETRY_AFTER_SECONDS = 3;
/** Needs no place: what tells how the process is has to answer above all when there is none. */
const UNCOUNTED = /^\/(api\/)?(health|metrics)/;
/** Long and mostly idle; counted apart, so that those who only watch do not keep others from working. */
const STREAM = /\/stream$/;
const WATCH = /\/(stream|wait)$/;

/** A request that was let in. */
interface Place {
  gate: Gate;
  kind: 'requests' | 'streams';
  bytes: number;
  tenant: string | undefined;
  /** A handler works on it: its place is taken until the handler is done, also when the client has gone. */
  working: boolean;
  streaming: boolean;
}

/** Lets in as much as the process can do in reasonable time, and turns the rest away at once: nothing was begun, nothing was read. */
@Injectable()
export class Admission {
  private readonly requests: Gate;
  private readonly streams: Gate;
  private readonly places = new WeakMap<IncomingMessage, Place>();
  private bytes = 0;

  constructor(
    config: Config,
    private readonly metrics: Metrics,
  ) {
    this.requests = new Gate(config.limits.requests);
    this.streams = new Gate(config.limits.streams);
    metrics.gauge('statewright_in_flight', 'Requests being answered and streams open.', 'kind', () => this.inFlight);
  }

  get inFlight(): { requests: number; streams: number } {
    return { requests: this.requests.taken, streams: this.streams.taken };
  }

  /** Takes a place for a request. @throws OVERLOADED */
  enter({ raw, headers, routeOptions: { url = '' } }: FastifyRequest): void {
    if (UNCOUNTED.test(url)) return;
    const kind = WATCH.test(url) ? 'streams' : 'requests';
    const gate = this[kind];
    const bytes = announced(headers);
    const room = bytes === 0 || this.bytes + bytes <= MAX_BODY_BYTES_IN_FLIGHT;
    if (!room || !gate.enter()) throw this.turnedAway(room ? kind : 'bytes');
    this.bytes += bytes;
    this.places.set(raw, { gate, kind, bytes, tenant: undefined, working: false, streaming: STREAM.test(url) });
  }

  /** Puts the request on its tenant's account. @throws RATE_LIMITED when the tenant has its share of the places */
  charge({ raw }: FastifyRequest, tenant: string): void {
    const place = this.places.get(raw);
    if (!place) return;
    if (!place.gate.charge(tenant)) {
      this.metrics.shed('share');
      const detail = `Your organisation has too many ${place.kind} under way; wait until some of them are done.`;
      throw refuse('RATE_LIMITED', { detail, retryAfter: 1 });
    }
    place.tenant = tenant;
  }

  /** A handler goes to work. */
  begin({ raw }: FastifyRequest): void {
    const place = this.places.get(raw);
    if (place) place.working = true;
  }

  /** The answer is there. */
  leave(raw: IncomingMessage): void {
    const place = this.places.get(raw);
    if (!place) return;
    this.places.delete(raw);
    this.bytes -= place.bytes;
    place.gate.leave(place.tenant);
  }

  /** The connection is gone. Whoever works goes on and leaves when done, or else clients that hang up could pile up work. */
  close(raw: IncomingMessage): void {
    const place = this.places.get(raw);
    if (place && (!place.working || place.streaming)) this.leave(raw);
  }

  private turnedAway(reason: 'requests' | 'streams' | 'bytes') {
    this.metrics.shed(reason);
    return refuse('OVERLOADED', { retryAfter: 1 + Math.floor(Math.random() * RETRY_AFTER_SECONDS) });
  }
}

/** The bytes a request says it will send; what does not say is taken for the most that is read. */
function announced(headers: FastifyRequest['headers']): number {
  if (headers['transfer-encoding'] !== undefined) return MAX_BODY_BYTES;
  return Math.min(Number(headers['content-length'] ?? 0) || 0, MAX_BODY_BYTES);
}
