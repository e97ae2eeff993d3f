import { Injectable } from '@nestjs/common';
import { Wakeup } from '../../platform/wakeup.js';
import type { Json, Step } from '../core/driver.js';
import { asEvent, Decisions, statusAfter } from '../decisions.js';
import { isFollowed } from '../host.js';
import { replayed } from '../idempotency.js';
import { compose, work, type Ack, type Cause, type Happened } from '../recording.js';
import { Registry, type Hosted } from '../registry.js';
import { stepOf } from '../step.row.js';
import type { Outcome, Seen, Write } from '../store/advance.js';

import { GroupCommit } from './group.commit.js';
import { KnownInstances } from './known.js';

/** Lost races after which the instance is decided under its lock, where nobody can overtake. */
const TRIES = 3;

/** What somebody wants of an instance as it was seen. */
export interface Wish {
  event: { type: string; payload: Json };
  /** True for what lands during a pause too. */
  evenPaused?: boolean;
  /** The timer, or the claimed effect, that the step takes out of the world. */
  fired?: Write['fired'];
  ended?: Write['ended'];
}

/** A step that was decided and not yet written. */
interface Decided {
  hosted: Hosted;
  happened: Happened;
  step: Step;
  write: Write;
  offset: number;
  ack: Ack;
  next: Omit<Seen, 'row_version'>;
  /** The snapshot as it is written. */
  text: string;
  began: number;
}

/**
 * The faster of the two ways through the door: decides on the instance as it was seen last, without a lock, and writes if it is still that
 * version. Only plain acceptances go this way. Whatever else there is to say — refusals above all — is said under the lock, on the instance
 * as it is, so both ways mean the same.
 */
@Injectable()
export class Optimistic {
  constructor(
    private readonly commits: GroupCommit,
    private readonly registry: Registry,
    private readonly decisions: Decisions,
    private readonly known: KnownInstances,
    wakeup: Wakeup,
  ) {
    // Another process moved it, or this one did, under the lock.
    wakeup.on('history', (id) => void (id !== undefined && this.known.forget(id)));
  }

  /**
   * @param wish says what is wanted of the instance; undefined when it has to be looked at under the lock
   * @returns undefined when nothing was written and the other way has to be taken
   */
  async advance(
    tenant: string,
    id: string,
    cause: Cause,
    wish: (seen: Seen, hosted: Hosted) => Wish | undefined,
  ): Promise<Ack | undefined> {
    for (let lost = 0; lost < TRIES; lost++) {
      const seen = (this.commits.time.now() && this.known.take(tenant, id)) ?? (await this.commits.look(tenant, id));
      const decided = seen && (await this.decide(seen, cause, wish));
      if (!decided) return undefined;
      const outcome = await this.commits.write(tenant, decided.write, decided.offset);
      if (!outcome) return undefined;
      switch (outcome.kind) {
        case 'written':
          return this.written(tenant, seen, decided, outcome, cause);
        case 'answered':
          return cause.idempotency && replayed(outcome.answered, cause.idempotency);
        case 'gone':
          return undefined;
        case 'again':
      }
    }
    return undefined;
  }

  private written(
    tenant: string,
    before: Seen,
    { hosted, happened, step, ack, next, text, began }: Decided,
    { row_version }: Extract<Outcome, { kind: 'written' }>,
    cause: Cause,
  ): Ack {
    this.decisions.announce(tenant, hosted, before, happened, step, cause, began);
    this.known.keep({ ...next, row_version }, text.length);
    return ack;
  }

  /** Decides, or answers undefined where more than this instance is needed: facts, a module's own rows, an undoing. */
  private async decide(
    seen: Seen,
    cause: Cause,
    wish: (seen: Seen, hosted: Hosted) => Wish | undefined,
  ): Promise<Decided | undefined> {
    const began = performance.now();
    const moment = this.commits.time.now();
    try {
      const hosted = this.registry.get(seen.lifecycle, seen.version);
      const { onTransition, followed } = hosted.host;
      const wanted = onTransition && !followed ? undefined : wish(seen, hosted);
      if (!wanted || !moment) return undefined;
      if (seen.status !== 'active' && !(wanted.evenPaused && seen.status === 'paused')) return undefined;
      if (hosted.driver.factsNeeded(seen.snapshot, wanted.event.type).length > 0) return undefined;
      const at = Math.max(moment.now_ms, seen.updated_at.getTime());
      const happened: Happened = { ...wanted.event, facts: {}, at };
      const step = await hosted.driver.step(seen.snapshot, asEvent(happened, cause));
      if (!step.handled || (step.status !== 'active' && step.tags.includes('compensate'))) return undefined;
      if (isFollowed(hosted.host, step.state, cause.kind)) return undefined;
      return {
        ...put(seen, hosted, happened, step, cause, wanted),
        hosted,
        happened,
        step,
        offset: moment.offset_ms,
        began,
      };
    } catch {
      // What is wrong, and with what, is found out under the lock.
      return undefined;
    }
  }
}

/**
 * The step as it is written, as it is answered and as it is remembered. Field by field: V8 keeps an object that was put together from the
 * rest of another as a hash table, which cost more than everything else here.
 */
function put(
  seen: Seen,
  hosted: Hosted,
  happened: Happened,
  step: Step,
  cause: Cause,
  { fired, ended }: Wish,
): Pick<Decided, 'write' | 'ack' | 'next' | 'text'> {
  const status = statusAfter(step, seen);
  const composed = compose(seen.tenant, hosted, seen, happened, { ...step, status }, cause);
  const { row, ack, hash } = composed;
  const { state, phase, tags, snapshot } = step;
  const text = JSON.stringify(snapshot);
  const write: Write = {
    step: stepOf(composed, seen, { status, state, phase, tags }, text, cause, seen.row_version),
    work: work(step.effects),
    fired,
    ended,
  };
  const next = {
    tenant: seen.tenant,
    id: seen.id,
    lifecycle: seen.lifecycle,
    version: seen.version,
    fingerprint: seen.fingerprint,
    status,
    state,
    phase,
    tags,
    snapshot,
    revision: row.seq,
    head_hash: hash,
    parties: seen.parties,
    keys: seen.keys,
    compensation: seen.compensation,
    created_at: seen.created_at,
    updated_at: new Date(row.at),
  };
  return { write, ack, next, text };
}
