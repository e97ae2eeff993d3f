import { ApiPropertyOptional } from '@nestjs/swagger';
import { Injectable } from '@nestjs/common';
import { IsObject, IsString, Matches, MaxLength } from 'class-validator';
import type { Action } from '../../actions/action.js';
import type { Json } from '../../engine/core/driver.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import { Forbidden, send, type OutboundReply } from '../../integrations/http/outbound.js';
import { Clock } from '../../platform/clock.js';
import { Config } from '../../platform/config.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { secretOf, signatureOf } from './signature.js';

/** Parameters of `automation.call_webhook`. */
export class CallWebhookParams {
  @IsString()
  @MaxLength(2_000)
  @Matches(/^https?:\/\/[^\s@]+$/, { message: 'url must be an address, without user and password' })
  url!: string;
  /** Sent as JSON; an empty object when left out. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  body?: { [name: string]: Json };
}

/** Too early, too often, or their fault: may be different next time. */
const mayRetry = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500;

/** Calls an address outside, with a signed body. The outbox tries again; the receiver tells repetitions by `Statewright-Delivery`. */
@Injectable()
export class CallWebhook {
  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  readonly action: Action<CallWebhookParams> = {
    type: 'automation.call_webhook',
    title: 'Call an address outside',
    kind: 'webhook',
    permission: 'automation.call',
    Params: CallWebhookParams,
    secrets: ['url', 'body'],
    run: ({ url, body = {} }, run) => this.call(url, JSON.stringify(body), run),
  };

  /** What a tenant's receivers check signatures with, the newest first. */
  secrets(tenant: string): string[] {
    return this.config.encryptionKeys.map((key) => secretOf(key, tenant));
  }

  private async call(address: string, body: string, { tenant, key, signal }: EffectRun): Promise<EffectResult> {
    if (!URL.canParse(address)) return { kind: 'failed', code: 'WF006', reason: 'the url is no address' };
    const url = new URL(address);
    const seconds = Math.floor((await this.clock.now()) / 1_000);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Statewright',
      'statewright-delivery': key,
      'statewright-signature': signatureOf(body, seconds, this.secrets(tenant)),
    };
    try {
      const inside = this.config.webhookInsideHosts;
      return outcome(await send(url, { method: 'POST', headers, body }, { inside, signal }));
    } catch (error) {
      if (error instanceof Forbidden) return { kind: 'failed', code: 'ADDRESS_FORBIDDEN', reason: error.message };
      // Addresses may hold secrets and are not repeated.
      return { kind: 'retry', reason: `no answer: ${codeOf(error)}`, receipt: { provider: 'webhook' } };
    }
  }
}

function outcome({ status, retryAfterSeconds }: OutboundReply): EffectResult {
  const receipt = { provider: 'webhook', responseCode: String(status) };
  if (status >= 200 && status < 300) return { kind: 'done', output: { status }, receipt };
  const reason = `the receiver answered ${status}`;
  if (!mayRetry(status)) return { kind: 'failed', code: `HTTP_${status}`, reason, receipt };
  return {
    kind: 'retry',
    reason,
    receipt,
    ...(retryAfterSeconds !== undefined && { afterMs: Math.min(retryAfterSeconds, 3_600) * 1_000 }),
  };
}

function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name);
}
