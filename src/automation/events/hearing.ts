import { Injectable } from '@nestjs/common';
import type { Json } from '../../engine/core/driver.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import type { Heard } from '../../engine/listening.js';
import { Database, type Tx } from '../../platform/database.js';
import { depthOf } from '../chain.js';
import type { EventSource } from '../rules/rule.js';
import { canonical } from './event.names.js';
import { Intake, type Arrival } from './intake.js';

/** The lifecycles whose events rules hear: the pipeline's, which those who write rules see everything of, the module's own, and tasks. */
export const HEARD = [
  'signal',
  'candidate',
  'pursuit',
  'sla',
  'spotlight',
  'drip',
  'schedule',
  'followup',
  'execution',
  'task',
];

/** Takes in what happened in the service itself, once for each event, however often it is told. */
@Injectable()
export class Hearing {
  constructor(
    private readonly database: Database,
    private readonly intake: Intake,
  ) {}

  readonly hear = async (heard: Heard, run: EffectRun): Promise<EffectResult> => {
    const arrival = arrivalOf(heard, run);
    if (!arrival) return { kind: 'failed', code: 'NO_NAME', reason: `${heard.event.type} has no canonical name` };
    await this.database.transaction(run.tenant, async (tx) => {
      // What a follow-up says, the rule that made it has said.
      const teller = arrival.source === 'followup' ? { teller: await startedWith(tx, run.instanceId) } : {};
      await this.intake.accept(tx, { ...arrival, ...teller });
    });
    return { kind: 'done' };
  };
}

/** The event as rules see it: what it says of its item stands in the payload, beside the event's own. */
function arrivalOf({ lifecycle, event: { type: givenType, ...said } }: Heard, run: EffectRun): Arrival | undefined {
  const type = canonical(givenType);
  if (type === undefined) return undefined;
  const { payload, depth, ...about } = said;
  return {
    // The key of the effect that tells of it is the event's own, for ever.
    id: run.key,
    type,
    givenType,
    source: sourceOf(lifecycle),
    payload: { ...about, ...(isRecord(payload) ? payload : {}) },
    actor: typeof about['actor_user_id'] === 'string' ? about['actor_user_id'] : null,
    correlationId: run.correlationId,
    depth: lifecycle === 'followup' && typeof depth === 'number' ? depth : depthOf(run.correlationId),
    occurredAt: run.since,
    ...(lifecycle === 'schedule' && { ruleId: Number(about['rule_id']) }),
  };
}

/** The roles with which an instance was started. */
async function startedWith(tx: Tx, instanceId: string): Promise<string[]> {
  const row = await tx.one<{ roles: string[] }>(
    'select roles from engine.history where tenant = engine.tenant() and instance_id = $1 and seq = 1',
    [instanceId],
  );
  return row?.roles ?? [];
}

const sourceOf = (lifecycle: string): EventSource =>
  lifecycle === 'schedule' || lifecycle === 'followup' ? lifecycle : 'service';

const isRecord = (value: Json | undefined): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
