import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database.js';
import { Refused } from '../../platform/errors.js';
import { backoff } from '../core/backoff.js';
import type { Explanation } from '../core/driver.js';
import { EngineService } from '../engine.service.js';
import { InboxIntake, type Translation } from '../inbox.intake.js';
import * as inbox from '../store/inbox.js';
import type { InboxEnd, InboxRow } from '../store/inbox.js';

const BATCH = 50;
const LEASE_MS = 10_000;
/** A message may overtake the answer to our own request: it gets this long before it counts as not wanted. */
const RETRY = { backoffMs: 250, maxBackoffMs: 60_000 };
const ATTEMPTS = 10;

/** Applies kept messages of providers to their instances, each exactly once. */
@Injectable()
export class InboxWorker {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
    private readonly intake: InboxIntake,
  ) {}

  /** Applies one batch. Answers true when there may be more. */
  async turn(): Promise<boolean> {
    const rows = await this.database.system((tx) => inbox.claim(tx, BATCH, LEASE_MS));
    await Promise.all(rows.map((row) => this.apply(row)));
    return rows.length > 0;
  }

  private async apply(row: InboxRow): Promise<void> {
    const translation = this.translate(row);
    if ('ignore' in translation) return this.end(row, 'ignored', translation.ignore);
    if ('quarantine' in translation) return this.end(row, 'quarantined', translation.quarantine);
    const { instanceId, event } = translation;
    const tenant = translation.tenant ?? (await this.database.system((tx) => inbox.tenantOf(tx, instanceId)));
    if (tenant === undefined) return this.end(row, 'ignored', `no instance ${instanceId}`);
    await this.database.system((tx) => inbox.address(tx, row, tenant, instanceId));
    try {
      const source = `webhook:${row.provider}`;
      const cause = `${source}:${row.provider_event_id}`;
      let late = false;
      await this.engine.receive(
        tenant,
        instanceId,
        { kind: 'webhook', cause, actor: `system:${row.provider}`, roles: [], correlationId: cause },
        async (tx, instance) => {
          late = instance.status === 'done' || instance.status === 'failed';
          if (
            !(await inbox.finish(
              tx,
              row,
              late ? 'ignored' : 'applied',
              late ? `the instance is ${instance.status}` : null,
            ))
          )
            return undefined;
          return late ? undefined : event;
        },
        'explain',
        source,
      );
    } catch (error) {
      await this.refused(row, error);
    }
  }

  /** A state that does not wait for it yet may soon; a guard that says no means the message contradicts the instance. */
  private async refused(row: InboxRow, error: unknown): Promise<void> {
    const explanation = error instanceof Refused ? (error.data['explanation'] as Explanation | undefined) : undefined;
    if (explanation?.verdict === 'GUARDS_REFUSED') {
      return this.end(
        row,
        'quarantined',
        explanation.failing.map(({ name, reason }) => reason?.code ?? name).join(', '),
      );
    }
    if (error instanceof Refused && ['WF001', 'WF005', 'WF006'].includes(error.code))
      return this.end(row, 'quarantined', error.code);
    const reason = error instanceof Error ? error.message : String(error);
    if (row.attempts >= ATTEMPTS) return this.end(row, error instanceof Refused ? 'ignored' : 'failed', reason);
    await this.database.system((tx) => inbox.postpone(tx, row, backoff(row.attempts, RETRY, Math.random()), reason));
  }

  private translate(row: InboxRow): Translation {
    const translator = this.intake.translatorOf(row.provider);
    if (!translator) return { ignore: `nobody understands ${row.provider}` };
    try {
      return translator(row.body);
    } catch (error) {
      return { quarantine: error instanceof Error ? error.message : 'not understood' };
    }
  }

  private async end(row: InboxRow, status: InboxEnd, reason: string): Promise<void> {
    await this.database.system((tx) => inbox.finish(tx, row, status, reason));
  }
}
