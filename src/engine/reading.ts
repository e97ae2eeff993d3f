import { Injectable } from '@nestjs/common';
import { seesEverything, type Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import type { Description, Explanation, Json } from './core/driver.js';
import { maySend, partiesOf } from './core/permission.js';
import { asEvent, Decisions } from './decisions.js';
import type { RuleSchema } from '../platform/validation.schema.js';
import { checkPayload, payloadSchemas, Registry, type Hosted } from './registry.js';
import { attemptsOf } from './store/attempts.js';
import { lastFailure } from './store/audit.js';
import * as history from './store/history.js';
import * as instances from './store/instances.js';
import type { Instance, InstanceFilter } from './store/instances.js';
import * as outbox from './store/outbox.js';
import * as timers from './store/timers.js';
import {
  effectForParties,
  forParties,
  view,
  withReceipts,
  type EffectForParties,
  type EffectWithReceipts,
  type InstanceView,
} from './view.js';
import { veilOf, visible } from './visibility.js';

export type { InstanceView } from './view.js';

/** Everything that looks at instances and changes nothing. */
@Injectable()
export class Reading {
  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
    private readonly decisions: Decisions,
  ) {}

  read(caller: Caller, id: string, lifecycle?: string): Promise<InstanceView> {
    return this.looking(caller, id, async (_, { instance, hosted }) => view(hosted, instance, caller), lifecycle);
  }

  /** Newest first; parties see their own. */
  async list(
    caller: Caller,
    filter: InstanceFilter,
    limit: number,
    after: { createdAt: string; id: string } | null,
  ): Promise<InstanceView[]> {
    const mine = seesEverything(caller)
      ? filter
      : { ...filter, among: partiesOf({ id: caller.userId, roles: caller.roles }) };
    const rows = await this.database.transaction(caller.tenant, (tx) => instances.list(tx, mine, limit, after));
    return rows.map((row) => view(this.registry.get(row.lifecycle, row.version), row, caller));
  }

  /** Oldest first. Parties see what happened; what it was decided on, and what providers answered, is for overseers. */
  async history(
    caller: Caller,
    id: string,
    after: number,
    limit: number,
    until: string | null,
  ): Promise<history.HistoryRow[]> {
    return this.looking(caller, id, async (tx, { hosted }) => {
      const rows = await history.read(tx, id, after, limit, until);
      const { confidential = [] } = hosted.lifecycle;
      return seesEverything(caller) ? rows : rows.map((row) => forParties(row, confidential));
    });
  }

  timers(caller: Caller, id: string): Promise<timers.TimerView[]> {
    return this.looking(caller, id, (tx) => timers.ofInstance(tx, id));
  }

  /** Oldest first. What was asked of providers, and what they answered, is for overseers. */
  async effects(caller: Caller, id: string): Promise<EffectWithReceipts[] | EffectForParties[]> {
    const effects = await this.looking(caller, id, async (tx) =>
      withReceipts(await outbox.ofInstance(tx, id), await attemptsOf(tx, id)),
    );
    return seesEverything(caller) ? effects : effects.map(effectForParties);
  }

  /** The last decision of this instance that threw, or null (R000-95); without its words for parties of what has something confidential. */
  async lastFailure(
    caller: Caller,
    id: string,
  ): Promise<{ type: string; state: string; error: { name: string; message: string }; at: Date } | null> {
    return this.looking(caller, id, async (tx, { hosted }) => {
      const failure = (await lastFailure(tx, id)) ?? null;
      // What it says may quote what it was decided on.
      return failure && veilOf(hosted, caller).size > 0
        ? { ...failure, error: { name: failure.error.name, message: 'withheld' } }
        : failure;
    });
  }

  /** Why an event would be taken or refused right now; without one, each event the lifecycle knows. @throws WF001, WF006 */
  explain(caller: Caller, id: string, type: string | undefined, given?: Json): Promise<Explanation[]> {
    return this.looking(caller, id, async (tx, { instance, hosted }) => {
      if (type !== undefined && !(type in hosted.lifecycle.events))
        throw refuse('WF006', { detail: `${type} is not an event of ${hosted.lifecycle.name}.` });
      const payload = type === undefined || given === undefined ? {} : checkPayload(hosted, type, given);
      const at = await instances.businessTime(tx);
      const types = type === undefined ? Object.keys(hosted.lifecycle.events) : [type];
      if (instance.status === 'quarantined') return types.map((each) => quarantined(hosted, instance, each));
      const veil = veilOf(hosted, caller);
      const explanations: Explanation[] = [];
      for (const each of types) {
        const happened = { type: each, payload, facts: {} as Json, at };
        const cause = {
          kind: 'event' as const,
          cause: 'explain',
          actor: caller.userId,
          roles: caller.roles,
          correlationId: caller.correlationId,
        };
        happened.facts = await this.decisions.facts(tx, hosted, instance, asEvent(happened, cause), at);
        explanations.push(
          judged(hosted, instance, caller, hosted.driver.explain(instance.snapshot, asEvent(happened, cause), veil)),
        );
      }
      return explanations;
    });
  }

  /** What an instance diagram shows: the definition, the active state path and the steps walked so far. */
  walked(
    caller: Caller,
    id: string,
  ): Promise<{
    description: Description;
    revision: number;
    active: string[];
    walked: { type: string; from: string | null; to: string; phase: string | null }[];
  }> {
    return this.looking(caller, id, async (tx, { instance, hosted }) => ({
      description: hosted.description,
      revision: instance.revision,
      active: [instance.state, ...(instance.phase === null ? [] : [`${instance.state}.${instance.phase}`])],
      walked: await history.walked(tx, id),
    }));
  }

  lifecycles(): Description[] {
    return this.registry.all().map(({ description }) => description);
  }

  describe(name: string, version?: number): Description {
    return this.registry.get(name, version).description;
  }

  /** What the payload of each of its events has to be, as JSON Schema. */
  payloads(name: string): { type: string; schema: RuleSchema }[] {
    return payloadSchemas(this.registry.get(name));
  }

  private looking<T>(
    caller: Caller,
    id: string,
    look: (tx: Tx, found: { instance: Instance; hosted: Hosted }) => Promise<T>,
    lifecycle?: string,
  ): Promise<T> {
    return this.database.transaction(caller.tenant, async (tx) =>
      look(tx, visible(this.registry, caller, await instances.find(tx, id), lifecycle)),
    );
  }
}

/** The machine's verdict, overruled by what the machine does not know: the sender, a pause. */
function judged(hosted: Hosted, instance: Instance, caller: Caller, explanation: Explanation): Explanation {
  const rule = hosted.lifecycle.events[explanation.event];
  const allowed = rule !== undefined && maySend(rule, instance.parties, { id: caller.userId, roles: caller.roles });
  if (instance.status === 'paused') return { ...explanation, allowed: false, verdict: 'INSTANCE_PAUSED' };
  return (explanation.verdict === 'ALLOWED' || explanation.verdict === 'WITHHELD') && !allowed
    ? { ...explanation, allowed: false, verdict: 'SENDER_REFUSED' }
    : explanation;
}

/** The machine cannot be asked about a snapshot that it cannot load. */
const quarantined = (hosted: Hosted, { state, phase }: Instance, event: string): Explanation => ({
  event,
  state,
  phase,
  verdict: 'INSTANCE_QUARANTINED',
  allowed: false,
  candidates: [],
  failing: [],
  missing: [],
  senders: [...(hosted.lifecycle.events[event]?.from ?? [])],
  clearedBy: [],
  handledEvents: [],
});
