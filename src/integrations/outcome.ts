import type { EffectReceipt, EffectResult, EffectRun } from '../engine/host.js';

/** What became of a call to a provider; an effect handler may return it as it is. */
export type Outcome<T> = { kind: 'done'; output: T; receipt: EffectReceipt } | Exclude<EffectResult, { kind: 'done' }>;

/** The part of an effect's run that a client needs: whom the call is about, and which effect it belongs to. */
export type Attempt = Pick<EffectRun, 'tenant' | 'instanceId' | 'key' | 'since'>;

/** The answer of a client whose provider has no credentials here. */
export const notConfigured = (provider: string): { kind: 'failed'; code: string; reason: string } => ({
  kind: 'failed',
  code: 'NOT_CONFIGURED',
  reason: `${provider} is not configured`,
});
