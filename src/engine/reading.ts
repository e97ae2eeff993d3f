import { Injectable } from '@nestjs/common';
import { seesEverything, type Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import type { Description, Explanation, Json } from './core/driver.js';
import { maySend } from './core/permission.js';
import { allowedEvents, asEvent, Decisions } from './decisions.js';
import { checkPayload, Registry, type Hosted } from './registry.js';
import { lastFailure } from './store/audit.js';
import * as history from './store/history.js';
import * as instances from './store/instances.js';
import type { Instance, InstanceFilter } from './store/instances.js';
import * as outbox from './store/outbox.js';
import * as timers from './store/timers.js';
import { visible } from './visibility.js';

/** An instance as people and clients see it. */
export interface InstanceView {
  id: string;
  lifecycle: string;
  version: number;
  status: instances.InstanceStatus;
  state: string;
  phase: string | null;
  tags: string[];
  revision: number;
  context: Json;
  output: Json;
  parties: Record<string, string>;
  keys: Record<string, string>;
  compensation: instances.CompensationStatus;
  /** External events the state answers to. */
  allowedEvents: string[];
  createdAt: string;
  updatedAt: string;
}

/** Everything that looks at instances and changes nothing. */
@Injectable()
export class Reading {
  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
    private readonly decisions: Decisions,
  ) {}

  read(caller: Caller, id: string, lifecycle?: string): Promise<InstanceView> {
    return this.looking(caller, id, async (_, { instance, hosted }) => view(hosted, instance), lifecycle);
  }

  /** Newest first; parties see their own. */
  async list(caller: Caller, filter: InstanceFilter, limit: number, after: { createdAt: string; id: string } | null): Promise<InstanceView[]> {
    const mine = seesEverything(caller) ? filter : { ...filter, party: caller.userId };
    const rows = await this.database.transaction(caller.tenant, (tx) => instances.list(tx, mine, limit, after));
    return rows.map((row) => view(this.registry.get(row.lifecycle, row.version), row));
  }

  history(caller: Caller, id: string, after: number, limit: number, until: string | null): Promise<history.HistoryRow[]> {
    return this.looking(caller, id, (tx) => history.read(tx, id, after, limit, until));
  }

  timers(caller: Caller, id: string): Promise<timers.TimerView[]> {
    return this.looking(caller, id, (tx) => timers.ofInstance(tx, id));
  }

  effects(caller: Caller, id: string): Promise<outbox.EffectView[]> {
    return this.looking(caller, id, (tx) => outbox.ofInstance(tx, id));
  }

  /** The last decision of this instance that threw, or null (R000-95). */
  async lastFailure(caller: Caller, id: string): Promise<{ type: string; state: string; error: { name: string; message: string }; at: Date } | null> {
    return (await this.looking(caller, id, (tx) => lastFailure(tx, id))) ?? null;
  }

  /** Why an event would be taken or refused right now; without one, each event the lifecycle knows. @throws WF001, WF006 */
  explain(caller: Caller, id: string, type: string | undefined, given?: Json): Promise<Explanation[]> {
    return this.looking(caller, id, async (tx, { instance, hosted }) => {
      if (type !== undefined && !(type in hosted.lifecycle.events)) throw refuse('WF006', { detail: `${type} is not an event of ${hosted.lifecycle.name}.` });
      const payload = type === undefined || given === undefined ? {} : checkPayload(hosted, type, given);
      const at = await instances.businessTime(tx);
      const types = type === undefined ? Object.keys(hosted.lifecycle.events) : [type];
      const explanations: Explanation[] = [];
      for (const each of types) {
        const happened = { type: each, payload, facts: {} as Json, at };
        const cause = { kind: 'event' as const, cause: 'explain', actor: caller.userId, roles: caller.roles, correlationId: caller.correlationId };
        happened.facts = await this.decisions.facts(tx, hosted, instance, asEvent(happened, cause), at);
        explanations.push(judged(hosted, instance, caller, hosted.driver.explain(instance.snapshot, asEvent(happened, cause))));
      }
      return explanations;
    });
  }

  /** What an instance diagram shows: the definition, the active state path and the steps walked so far. */
  walked(caller: Caller, id: string): Promise<{ description: Description; revision: number; active: string[]; walked: { type: string; from: string | null; to: string; phase: string | null }[] }> {
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

  private looking<T>(caller: Caller, id: string, look: (tx: Tx, found: { instance: Instance; hosted: Hosted }) => Promise<T>, lifecycle?: string): Promise<T> {
    return this.database.transaction(caller.tenant, async (tx) => look(tx, visible(this.registry, caller, await instances.find(tx, id), lifecycle)));
  }
}

/** The machine's verdict, overruled by what the machine does not know: the sender, a pause, a quarantine. */
function judged(hosted: Hosted, instance: Instance, caller: Caller, explanation: Explanation): Explanation {
  const rule = hosted.lifecycle.events[explanation.event];
  const allowed = rule !== undefined && maySend(rule, instance.parties, { id: caller.userId, roles: caller.roles });
  if (instance.status === 'paused') return { ...explanation, allowed: false, verdict: 'INSTANCE_PAUSED' };
  if (instance.status === 'quarantined') return { ...explanation, allowed: false, verdict: 'INSTANCE_QUARANTINED' };
  return explanation.verdict === 'ALLOWED' && !allowed ? { ...explanation, allowed: false, verdict: 'SENDER_REFUSED' } : explanation;
}

function view(hosted: Hosted, instance: Instance): InstanceView {
  const { context = null, output = null } = instance.snapshot as { context?: Json; output?: Json };
  return {
    id: instance.id,
    lifecycle: instance.lifecycle,
    version: instance.version,
    status: instance.status,
    state: instance.state,
    phase: instance.phase,
    tags: instance.tags,
    revision: instance.revision,
    context,
    output,
    parties: instance.parties,
    keys: instance.keys,
    compensation: instance.compensation,
    allowedEvents: instance.status === 'active' ? allowedEvents(hosted, instance.snapshot) : [],
    createdAt: instance.created_at.toISOString(),
    updatedAt: instance.updated_at.toISOString(),
  };
}
