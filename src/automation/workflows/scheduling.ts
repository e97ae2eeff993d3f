import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { businessTime } from '../../engine/store/instances.js';
import { Sweeps } from '../../engine/workers/sweeps.js';
import { Database, type Tx } from '../../platform/database.js';
import { Starting } from '../executions/starting.js';
import { nextOccurrence } from '../schedules/occurrences.js';
import type { WrittenTrigger } from './definition.js';

const POLL_MS = 1_000;
const AT_ONCE = 20;

interface Schedule {
  workflow_id: string;
  position: number;
  cron: string;
  timezone: string;
  next_at: Date;
}

/** Starts workflows when it is time. What was due many times while nobody worked is made up for once (R002-79). */
@Injectable()
export class Scheduling implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly starting: Starting,
    private readonly sweeps: Sweeps,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.every('workflow-schedules', POLL_MS, () => this.turn());
  }

  /** Starts what is due. Answers true when there may be more. */
  async turn(): Promise<boolean> {
    const due = await this.database.system((tx) =>
      tx.query<{ tenant: string; workflow_id: string; position: number }>(
        `select tenant, workflow_id, position from automation.workflow_schedules
          where next_at <= engine.now() order by next_at limit $1`,
        [AT_ONCE],
      ),
    );
    for (const { tenant, workflow_id, position } of due)
      await this.database.transaction(tenant, (tx) => this.start(tx, workflow_id, position));
    return due.length === AT_ONCE;
  }

  /** The next time is written down with the start: both happen, or neither. */
  private async start(tx: Tx, workflowId: string, position: number): Promise<void> {
    const schedule = await tx.one<Schedule>(
      `select workflow_id, position, cron, timezone, next_at from automation.workflow_schedules
        where tenant = engine.tenant() and workflow_id = $1 and position = $2 and next_at <= engine.now() for update skip locked`,
      [workflowId, position],
    );
    // Another process was faster.
    if (!schedule) return;
    const dueAt = schedule.next_at.toISOString();
    const key = `schedule:${workflowId}:${position}:${dueAt}`;
    await this.starting.startWithin(tx, {
      workflowId,
      trigger: { type: 'schedule', id: `${workflowId}:${position}` },
      input: { dueAt },
      key,
      by: { actor: 'system:schedule', roles: [], correlationId: key },
    });
    const now = await businessTime(tx);
    await tx.run(
      `update automation.workflow_schedules set last_due_at = next_at, next_at = to_timestamp($3::float8 / 1000)
        where tenant = engine.tenant() and workflow_id = $1 and position = $2`,
      [workflowId, position, nextOccurrence(schedule, now, now)],
    );
  }
}

/** Writes down when a workflow starts by itself; a trigger that stays as it was keeps its next time. */
export async function followTriggers(
  tx: Tx,
  workflowId: string,
  triggers: readonly WrittenTrigger[],
  isEnabled: boolean,
): Promise<void> {
  const now = await businessTime(tx);
  await tx.run(
    `delete from automation.workflow_schedules where tenant = engine.tenant() and workflow_id = $1 and position >= $2`,
    [workflowId, isEnabled ? triggers.length : 0],
  );
  if (!isEnabled) return;
  for (const [position, { cron, timezone = 'UTC' }] of triggers.entries())
    await tx.run(
      `insert into automation.workflow_schedules as s (tenant, workflow_id, position, cron, timezone, next_at)
       values (engine.tenant(), $1, $2, $3, $4, to_timestamp($5::float8 / 1000))
       on conflict (tenant, workflow_id, position) do update
          set cron = excluded.cron, timezone = excluded.timezone, next_at = excluded.next_at, last_due_at = null
        where (s.cron, s.timezone) is distinct from (excluded.cron, excluded.timezone)`,
      [workflowId, position, cron, timezone, nextOccurrence({ cron, timezone }, now, now)],
    );
}
