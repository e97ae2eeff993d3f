import { Injectable } from '@nestjs/common';
import type { ItemType, Schedule, SlaInput } from '../../../machines/sla.js';
import { EngineService, type Opening, type StartTx } from '../../engine/engine.service.js';
import type { Cause } from '../../engine/recording.js';
import type { Tx } from '../../platform/database.js';
import { SlaCalendar } from './sla.calendar.js';
import { plan, type Act, type Start } from './sla.plan.js';
import { scheduleOf, type KnownCalendar } from './sla.terms.js';
import { ofItem } from './sla.waiting.js';

/** What a breach is called (R001-57). */
const REASONS: Readonly<Record<string, string>> = {
  triage_sla: 'untouched',
  proposal_sla: 'unsubmitted',
  response_sla: 'response_overdue',
  stage_sla: 'stage_overdue',
};

/** Who moved an item, for the histories of its clocks. */
export interface Mover {
  actor: string;
  correlationId: string;
  /** In the words of the item: `signal.touched`; why a clock ends. */
  why: string;
  /** The item comes to be in this transaction: nobody else can know of it yet. */
  isNew?: boolean;
}

/** Keeps the clocks of items what they should be, in the transaction that moved the item. */
@Injectable()
export class SlaClocks {
  constructor(
    private readonly engine: EngineService,
    private readonly calendar: SlaCalendar,
  ) {}

  /** Starts, stops, pauses and sets the clocks of an item by what it waits for now. Call it last in the transaction. Answers how many it touched. */
  async follow(tx: Tx, itemType: ItemType, itemId: number, mover: Mover): Promise<number> {
    const { waiting, running } = await ofItem(tx, itemType, itemId, mover.isNew ?? false);
    if (waiting.length === 0 && running.length === 0) return 0;
    const calendar = await this.calendar.known(tx);
    const acts = plan(waiting, running, calendar.hash, mover.why);
    for (const act of acts) await this.carryOut(tx, itemType, itemId, act, calendar, mover);
    return acts.length;
  }

  private async carryOut(
    tx: Tx,
    itemType: ItemType,
    itemId: number,
    act: Act,
    calendar: KnownCalendar,
    mover: Mover,
  ): Promise<void> {
    switch (act.kind) {
      case 'tell':
        return this.tell(tx, act.instanceId, act.event, 'reason' in act ? act.reason : undefined, mover);
      case 'start': {
        const { instanceId } = await this.engine.startWithin(tx, 'sla', causeOf('start', mover), (start) =>
          open(start, itemType, itemId, act.clock, scheduleOf(act.clock, calendar, act.clock.since, 0)),
        );
        if (act.clock.paused_by !== null) await this.tell(tx, instanceId, 'sla.paused', act.clock.paused_by, mover);
      }
    }
  }

  private async tell(
    tx: Tx,
    instanceId: string,
    type: string,
    reason: string | undefined,
    mover: Mover,
  ): Promise<void> {
    const payload = reason === undefined ? {} : { reason };
    await this.engine.receiveWithin(
      tx,
      instanceId,
      causeOf('event', mover),
      async () => ({ type, payload }),
      'ignore',
      'workstream:item',
    );
  }
}

const causeOf = (kind: 'start' | 'event', { actor, correlationId, why }: Mover): Cause => ({
  kind,
  cause: `item:${why}`,
  actor,
  roles: [],
  correlationId,
});

/** Writes the clock down and answers what its lifecycle starts with. */
async function open(
  tx: StartTx,
  itemType: ItemType,
  itemId: number,
  { rule_id: ruleId, metric, since, owner_id: ownerId }: Start,
  schedule: Schedule,
): Promise<Opening> {
  const row = await tx.one<{ clock_id: number }>(
    `insert into workstream.sla_clocks (tenant, workflow_instance_id, rule_id, rule_revision, calendar, metric, item_type, item_id, state, started_at, warn_at, due_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, 'running', ${moment('$8')}, ${moment('$9')}, ${moment('$10')})
     returning clock_id`,
    [
      tx.instanceId,
      ruleId,
      schedule.ruleRevision,
      schedule.calendar,
      metric,
      itemType,
      itemId,
      since,
      schedule.warnAt,
      schedule.dueAt,
    ],
  );
  if (!row) throw new Error('the clock was not written down');
  const input: SlaInput = {
    ...schedule,
    clockId: row.clock_id,
    ruleId,
    metric,
    itemType,
    itemId,
    reasonCode: REASONS[metric] ?? metric,
    ownerId,
  };
  return { parties: {}, keys: { itemType, itemId: String(itemId), ruleId: String(ruleId) }, input };
}

const moment = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;
