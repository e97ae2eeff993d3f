import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { consequences, type Consequences } from './consequences.js';
import type { Json } from './core/driver.js';
import type { Broken } from './core/invariants.js';
import { migrate, migrateBack, type Move } from './core/migration/migrate.js';
import { asEvent, Decisions } from './decisions.js';
import { path } from './forcing.js';
import { idempotencyOf, oncePerKey, replayed } from './idempotency.js';
import type { Ack, Cause, Happened } from './recording.js';
import { Registry, type Hosted } from './registry.js';
import { audit } from './store/audit.js';
import * as instances from './store/instances.js';
import type { Locked } from './store/instances.js';
import * as migrations from './store/migrations.js';
import { visible } from './visibility.js';

/** What moving one instance to the newest version comes to. */
export interface MovePlan {
  instanceId: string;
  version: number;
  /** The newest version. */
  to: number;
  from: string;
  verdict: Move['verdict'];
  /** Why it cannot be moved. */
  reason?: string;
  /** Where it would be, and what would follow. */
  becomes?: { state: string; invariantsBroken: Broken[] } & Consequences;
}

/** What the history keeps of a move: enough to prove it, and to take it back. */
interface Kept {
  from: number;
  to: number;
  reason: string;
  before: Json;
  /** Deadlines that were running, by the moment at which they are due, milliseconds since 1970. */
  timers: { id: string; dueAt: number }[];
  snapshot: Json;
}

/** Moves running instances from the version they started on to another one. Each move is a row of their history, and audited. */
@Injectable()
export class Migrating {
  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
    private readonly decisions: Decisions,
  ) {}

  /** What a move would come to, without making it. @throws WF001 */
  plan(caller: Caller, id: string): Promise<MovePlan> {
    return this.database.transaction(caller.tenant, async (tx) => {
      const locked = await instances.lock(tx, id, null);
      if (!locked) throw refuse('WF001');
      const newest = this.registry.get(locked.lifecycle);
      if (!this.registry.knows(locked.lifecycle, locked.version))
        return planOf(locked, newest, {
          verdict: 'blocked',
          reason: `this release does not know version ${locked.version}`,
        });
      const { instance, hosted } = visible(this.registry, caller, locked);
      const move = await this.move(tx, hosted, newest, instance, happenedAt(instance, null), causeOf(caller));
      return planOf(instance, newest, move);
    });
  }

  /** Moves an instance to the newest version. @throws WF001, WF002 with the reason, IDEMPOTENCY_KEY_REUSED */
  migrate(caller: Caller, id: string, reason: string, key?: string): Promise<Ack> {
    return this.deciding(caller, id, { migrate: reason }, key, async (tx, instance, hosted, cause) => {
      const newest = this.registry.get(instance.lifecycle);
      if (instance.version === newest.lifecycle.version)
        throw refuse('WF002', { detail: `The instance is on version ${instance.version}, which is the newest.` });
      const move = await this.move(tx, hosted, newest, instance, happenedAt(instance, null), cause);
      return this.write(tx, { hosted: newest, instance, move, reason, action: 'migrate', cause });
    });
  }

  /** Takes the last move back, as long as nothing has happened since. @throws WF001, WF002 with the reason, IDEMPOTENCY_KEY_REUSED */
  undo(caller: Caller, id: string, reason: string, key?: string): Promise<Ack> {
    return this.deciding(caller, id, { undo: reason }, key, async (tx, instance, _, cause) => {
      const last = await migrations.lastRow(tx, id);
      if (last?.kind !== 'migrate')
        throw refuse('WF002', { detail: 'The last thing that happened to the instance was no change of version.' });
      const { from, before, timers } = last.payload as unknown as Kept;
      const hosted = this.registry.get(instance.lifecycle, from);
      const pending = await migrations.pending(tx, id, instance.at);
      const running = timers.map(({ id: timer, dueAt }) => ({ id: timer, inMs: dueAt - instance.at }));
      const move = migrateBack(hosted.lifecycle, { snapshot: before, timers: running }, pending);
      return this.write(tx, { hosted, instance, move, reason, action: 'migrate-undo', cause });
    });
  }

  /** How many instances of a lifecycle do not live on its newest version. @param tenant of one tenant only */
  count(lifecycle: string, tenant: string | null): Promise<number> {
    return migrations.countStragglers(this.database, this.registry.get(lifecycle).lifecycle, tenant);
  }

  /** Those instances behind `after`, by tenant and id. */
  stragglers(
    lifecycle: string,
    tenant: string | null,
    after: migrations.Straggler | null,
    limit: number,
  ): Promise<migrations.Straggler[]> {
    return migrations.stragglers(this.database, this.registry.get(lifecycle).lifecycle, tenant, after, limit);
  }

  private async move(
    tx: Tx,
    hosted: Hosted,
    newest: Hosted,
    instance: Locked,
    happened: Happened,
    cause: Cause,
  ): Promise<Move> {
    if (instance.status === 'quarantined') return { verdict: 'blocked', reason: 'it is quarantined' };
    const pending = await migrations.pending(tx, instance.id, instance.at);
    return migrate(hosted.lifecycle, newest.lifecycle, instance.snapshot, pending, asEvent(happened, cause));
  }

  private async write(tx: Tx, { hosted, instance, move, reason, action, cause }: Writing): Promise<Ack> {
    const { id, version: from, at } = instance;
    if (move.verdict !== 'auto') throw refuse('WF002', { detail: `The instance cannot be moved: ${move.reason}.` });
    const { version, fingerprint } = hosted.lifecycle;
    const { timers } = await migrations.pending(tx, id, at);
    const kept: Kept = {
      from,
      to: version,
      reason,
      before: instance.snapshot,
      timers: timers.map(({ id: timer, inMs }) => ({ id: timer, dueAt: Math.round(at + inMs) })),
      snapshot: move.step.snapshot,
    };
    await migrations.pin(tx, id, version, fingerprint);
    const message = `Moved from version ${from} to version ${version}`;
    const happened = happenedAt(instance, kept);
    const ack = await this.decisions.record(tx, hosted, instance, happened, move.step, { ...cause, message });
    const details = { from, to: version, seq: ack.seq };
    await audit(tx, { actor: cause.actor, action, target: id, reason, details });
    return ack;
  }

  /** Decides under the lock; the answer to the key is kept with the row. */
  private deciding(
    caller: Caller,
    id: string,
    request: object,
    key: string | undefined,
    work: (tx: Tx, instance: Locked, hosted: Hosted, cause: Cause) => Promise<Ack>,
  ): Promise<Ack> {
    const idempotency = idempotencyOf(key, id, request);
    return oncePerKey(this.database, caller.tenant, idempotency, () =>
      this.database.transaction(caller.tenant, async (tx) => {
        const { instance, hosted } = visible(this.registry, caller, await instances.lock(tx, id, key ?? null));
        if (instance.answered && idempotency) return replayed<Ack>(instance.answered, idempotency);
        return work(tx, instance, hosted, { ...causeOf(caller), idempotency });
      }),
    );
  }
}

interface Writing {
  /** The version that it moves to. */
  hosted: Hosted;
  instance: Locked;
  move: Move;
  reason: string;
  action: 'migrate' | 'migrate-undo';
  cause: Cause;
}

const causeOf = ({ userId: actor, roles, correlationId }: Caller): Cause => ({
  kind: 'migrate',
  cause: 'admin',
  actor,
  roles,
  correlationId,
});

const happenedAt = ({ at }: Locked, kept: Kept | null): Happened => ({
  type: 'admin.migrate',
  payload: kept && { ...kept },
  facts: {},
  at,
});

function planOf(instance: Locked, { driver, lifecycle: { version: to } }: Hosted, move: Move): MovePlan {
  const plan = { instanceId: instance.id, version: instance.version, to, from: path(instance), verdict: move.verdict };
  return move.verdict === 'auto'
    ? {
        ...plan,
        becomes: {
          state: path(move.step),
          invariantsBroken: driver.broken(move.step),
          ...consequences(move.step.effects),
        },
      }
    : { ...plan, reason: move.reason };
}
