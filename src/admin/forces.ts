import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { canonicalText } from '../engine/core/json.js';
import { Forcing, type ForceAck, type ForcePreview, type ForceRequest, type WayBack } from '../engine/forcing.js';
import { answerOnce, idempotencyOf } from '../engine/idempotency.js';
import { Reading } from '../engine/reading.js';
import { audit } from '../engine/store/audit.js';
import * as requests from '../engine/store/force.requests.js';
import type { ForceRequestRow } from '../engine/store/force.requests.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { Settings } from '../platform/settings.js';
import { ForceSettings, isWeaker, needsSecond, type AskSettings } from './force.settings.dto.js';

/** A request holds for a day: whoever agrees later should look again. */
const REQUEST_HOLDS_MS = 86_400_000;
const AREA = 'force';

/** Forces by one administrator, or by two where the tenant wants that. */
@Injectable()
export class Forces {
  constructor(
    private readonly database: Database,
    private readonly forcing: Forcing,
    private readonly reading: Reading,
    private readonly settings: Settings,
  ) {}

  preview(caller: Caller, id: string, asked: ForceRequest | WayBack): Promise<ForcePreview> {
    return this.forcing.preview(caller, id, asked);
  }

  /** @throws SECOND_APPROVER_NEEDED, and what `Forcing` throws */
  async force(caller: Caller, id: string, asked: ForceRequest | WayBack, key?: string): Promise<ForceAck> {
    const { lifecycle } = await this.reading.read(caller, id);
    if (needsSecond(await this.readSettings(caller), lifecycle)) throw refuse('SECOND_APPROVER_NEEDED');
    return 'toState' in asked ? this.forcing.force(caller, id, asked, key) : this.forcing.undo(caller, id, asked, key);
  }

  /** Asks for a force that another administrator has to agree to; it is worked out now, so that what cannot be is refused at once. */
  async ask(
    caller: Caller,
    instanceId: string,
    asked: ForceRequest | WayBack,
    key?: string,
  ): Promise<ForceRequestRow & { report: ForcePreview }> {
    const idempotency = idempotencyOf(key, `force-requests/${instanceId}`, asked);
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      const report = await this.forcing.previewWithin(tx, caller, instanceId, asked);
      const { revision } = report;
      const undoes = !('toState' in asked);
      const { reason, runEntryEffects } = asked;
      const request = { fromState: report.from, toState: report.to, reason, runEntryEffects };
      const id = newId('frq');
      const { userId, roles } = caller;
      const kind = 'force' as const;
      const row = { id, kind, instance_id: instanceId, revision, request, undoes, asked_by: userId, roles: [...roles] };
      const kept = await requests.ask(tx, row, REQUEST_HOLDS_MS);
      await audit(tx, {
        ...{ actor: userId, action: 'force-ask', target: instanceId, reason },
        details: { request: id, to: report.to },
      });
      return { ...kept, report };
    });
  }

  /** Asks that some lifecycles need two administrators no longer. @throws WF002 when that needs nobody else */
  askSettings(caller: Caller, asked: AskSettings, key?: string): Promise<ForceRequestRow> {
    const { reason, ...named } = asked;
    // What is left out stays as it is.
    const changes = Object.fromEntries(Object.entries(named).filter(([, setting]) => setting !== undefined));
    const idempotency = idempotencyOf(key, 'force-requests/settings', asked);
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      const before = await this.lockSettings(tx);
      if (!isWeaker(before, { ...before, ...changes }))
        throw refuse('WF002', {
          detail: 'Nothing would need fewer than now: PUT /admin/settings/force does that.',
        });
      const { userId, roles } = caller;
      const request = { changes, before, reason };
      const row = { id: newId('frq'), kind: 'settings' as const, instance_id: null, revision: null, request };
      const kept = await requests.ask(
        tx,
        { ...row, undoes: false, asked_by: userId, roles: [...roles] },
        REQUEST_HOLDS_MS,
      );
      await audit(tx, {
        ...{ actor: userId, action: 'force-ask', target: AREA, reason },
        details: { request: kept.id, ...changes },
      });
      return kept;
    });
  }

  list(
    caller: Caller,
    status: requests.ForceRequestStatus | null,
    limit: number,
    after: { askedAt: string; id: string } | null,
  ): Promise<ForceRequestRow[]> {
    return this.database.transaction(caller.tenant, (tx) => requests.list(tx, status, limit, after));
  }

  /** Agrees, and does it in the same transaction; in the name of who asked. @throws NOT_FOUND, WF002, WF005, REVISION_MISMATCH */
  approve(caller: Caller, id: string, note: string, key?: string): Promise<ForceRequestRow & { ack?: ForceAck }> {
    return this.decided(caller, id, { approve: note }, key, async (tx, row) => {
      if (row.asked_by === caller.userId)
        throw refuse('WF005', { detail: 'Another administrator than the one who asked has to agree.' });
      if (row.kind === 'settings') {
        await this.weaken(tx, row);
        return requests.decide(tx, id, { status: 'approved', by: caller.userId, note, seq: null });
      }
      const { request, undoes, instance_id, revision: expectedRevision, asked_by: userId, roles } = row;
      const { fromState, toState, reason, runEntryEffects } = request;
      const asked: ForceRequest | WayBack = {
        ...(undoes ? {} : { fromState, toState }),
        ...{ reason, runEntryEffects, expectedRevision },
      };
      const by = { userId, roles, correlationId: caller.correlationId, approvedBy: caller.userId };
      const ack = await this.forcing.within(tx, caller, instance_id, asked, by);
      const decision = { status: 'approved' as const, by: caller.userId, note, seq: ack.seq };
      return { ...(await requests.decide(tx, id, decision)), ack };
    });
  }

  /** Says no. Who asked may take the request back himself. @throws NOT_FOUND, WF002 */
  reject(caller: Caller, id: string, note: string, key?: string): Promise<ForceRequestRow> {
    return this.decided(caller, id, { reject: note }, key, (tx) =>
      requests.decide(tx, id, { status: 'rejected', by: caller.userId, note, seq: null }),
    );
  }

  readSettings(caller: Caller): Promise<ForceSettings> {
    return this.database.transaction(caller.tenant, (tx) => this.settings.read(tx, AREA, ForceSettings));
  }

  /** What one administrator may: have more lifecycles need two. @throws WF006, SECOND_APPROVER_NEEDED */
  changeSettings(caller: Caller, changes: object): Promise<ForceSettings> {
    return this.database.transaction(caller.tenant, async (tx) => {
      const before = await this.lockSettings(tx);
      const settings = await this.settings.write(tx, AREA, ForceSettings, changes, caller.userId);
      if (isWeaker(before, settings))
        throw refuse('SECOND_APPROVER_NEEDED', {
          detail: 'Ask with POST /admin/force-requests/settings; another administrator approves it.',
        });
      await audit(tx, {
        ...{ actor: caller.userId, action: 'settings.force', target: AREA, reason: 'who has to agree to a force' },
        details: { ...settings },
      });
      return settings;
    });
  }

  private async weaken(tx: Tx, { request, asked_by }: ForceRequestRow & { kind: 'settings' }): Promise<void> {
    const { changes, before } = request;
    const now = await this.lockSettings(tx);
    if (canonicalText({ ...now }) !== canonicalText(before))
      throw refuse('WF002', { detail: 'The settings were changed since; it has to be asked for again.' });
    await this.settings.write(tx, AREA, ForceSettings, changes, asked_by);
  }

  /** The settings as they are, which nobody else can change until the transaction ends. */
  private async lockSettings(tx: Tx): Promise<ForceSettings> {
    await tx.run(`select pg_advisory_xact_lock(hashtextextended('settings.force:' || engine.tenant(), 0))`);
    return this.settings.read(tx, AREA, ForceSettings);
  }

  private decided<T extends ForceRequestRow>(
    caller: Caller,
    id: string,
    asked: object,
    key: string | undefined,
    work: (tx: Tx, row: ForceRequestRow) => Promise<T>,
  ): Promise<T> {
    const idempotency = idempotencyOf(key, `force-requests/${id}`, asked);
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      const row = await requests.lock(tx, id);
      if (!row) throw refuse('NOT_FOUND', { detail: `There is no request ${id}.` });
      if (row.status !== 'open') throw refuse('WF002', { detail: `The request is ${row.status} already.` });
      if (row.isLate) throw refuse('WF002', { detail: 'Nobody agreed within a day; it has to be asked for again.' });
      const done = await work(tx, row);
      const [action, reason] = [`force-${done.status}`, done.note ?? ''];
      const asked = row.kind === 'settings' ? row.request.changes : {};
      const details = { request: id, ...asked };
      await audit(tx, { actor: caller.userId, action, target: row.instance_id ?? AREA, reason, details });
      return done;
    });
  }
}
