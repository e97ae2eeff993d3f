import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database.js';
import { Refused } from '../../platform/errors.js';
import { backoff } from '../core/backoff.js';
import type { Explanation, Json } from '../core/driver.js';
import { EngineService } from '../engine.service.js';
import { InboxIntake, type Translation } from '../inbox.intake.js';
import { Registry } from '../registry.js';
import { raise } from '../store/alert.js';
import * as inbox from '../store/inbox.js';
import type { InboxEnd, InboxRow } from '../store/inbox.js';
import * as instances from '../store/instances.js';

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
    private readonly registry: Registry,
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
    if ('matter' in translation) return this.entrust(row, translation.matter, translation.about);
    const { instanceId, event } = translation;
    const tenant = await this.addressed(row, instanceId, translation.tenant);
    if (tenant === undefined) return this.end(row, 'ignored', `no instance ${instanceId}`);
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
      await this.refused(row, { tenant, instanceId }, error);
    }
  }

  /** The tenant it is for, noted with the message. */
  private addressed(row: InboxRow, instanceId: string, tenant: string | undefined): Promise<string | undefined> {
    if (row.tenant !== null && row.instance_id === instanceId) return Promise.resolve(row.tenant);
    return this.database.system(async (tx) => {
      if (tenant === undefined) return inbox.addressByInstance(tx, row, instanceId);
      await inbox.address(tx, row, tenant, instanceId);
      return tenant;
    });
  }

  /** What moves no instance goes to whoever looks after such matters. */
  private async entrust(row: InboxRow, matter: string, about: Json): Promise<void> {
    const keeper = this.intake.keeperOf(matter);
    const found = await this.database.system((tx) => keeper?.find(tx, about) ?? Promise.resolve(undefined));
    if (!keeper || !found) return this.end(row, 'quarantined', `a ${matter} that concerns nobody here`);
    const { tenant, instanceId } = found;
    await this.database.system((tx) => inbox.address(tx, row, tenant, instanceId));
    try {
      await this.database.transaction(tenant, async (tx) => {
        if (await inbox.finish(tx, row, 'applied', null)) await keeper.keep(tx, instanceId, about, keyOf(row));
      });
    } catch (error) {
      await this.again(row, error);
    }
  }

  /** A state that does not wait for it yet may soon; a guard that says no means the message contradicts the instance. */
  private async refused(row: InboxRow, addressee: Addressee, error: unknown): Promise<void> {
    const explanation = error instanceof Refused ? (error.data['explanation'] as Explanation | undefined) : undefined;
    if (explanation?.verdict === 'GUARDS_REFUSED') {
      return this.contradicts(
        row,
        addressee,
        explanation.failing.map(({ name, reason }) => reason?.code ?? name),
      );
    }
    if (error instanceof Refused && ['WF001', 'WF005', 'WF006'].includes(error.code))
      return this.end(row, 'quarantined', error.code);
    await this.again(row, error);
  }

  /** Later, as long as tries are left. */
  private async again(row: InboxRow, error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    if (row.attempts >= ATTEMPTS) return this.end(row, error instanceof Refused ? 'ignored' : 'failed', reason);
    await this.database.system((tx) => inbox.postpone(tx, row, backoff(row.attempts, RETRY, Math.random()), reason));
  }

  /** Puts the message aside and has those told who should know, both or neither. */
  private contradicts(row: InboxRow, { tenant, instanceId }: Addressee, reasons: readonly string[]): Promise<void> {
    return this.database.transaction(tenant, async (tx) => {
      if (!(await inbox.finish(tx, row, 'quarantined', reasons.join(', ')))) return;
      const instance = await instances.find(tx, instanceId);
      if (!instance) return;
      const { host } = this.registry.get(instance.lifecycle, instance.version);
      const alert = host.onQuarantine?.({ provider: row.provider, type: row.type, id: row.provider_event_id, reasons });
      if (alert) await raise(tx, instanceId, keyOf(row), alert);
    });
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

interface Addressee {
  tenant: string;
  instanceId: string;
}

/** Names a message, for ever. */
const keyOf = ({ provider, provider_event_id: id }: InboxRow): string => `webhook:${provider}:${id}`;
