import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InboxIntake } from '../engine/inbox.intake.js';
import { raise } from '../engine/store/alert.js';
import { toDecimal } from '../integrations/stripe/money.js';
import { DISPUTE, type Dispute } from '../integrations/webhooks/stripe.translate.js';
import { Database, type Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { decodeCursor, encodeCursor } from '../platform/paging.js';
import { tellLegal } from './alerts.js';
import type { IncidentPage, IncidentView, ListIncidents } from './incidents.dto.js';

/** What goes wrong with a deal beside its lifecycle: payments that are disputed, mostly after it has ended. People settle it. */
@Injectable()
export class Incidents implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly intake: InboxIntake,
  ) {}

  onModuleInit(): void {
    this.intake.entrust(DISPUTE, {
      find: (tx, about) => dealOf(tx, about as Dispute),
      keep: (tx, instanceId, about, key) => keep(tx, instanceId, about as Dispute, key),
    });
  }

  /** One page, newest first. */
  async list(tenant: string, { status, limit, cursor }: ListIncidents): Promise<IncidentPage> {
    const after = decodeCursor(cursor, { at: 'time', id: 'id' });
    const data = await this.database.transaction(tenant, (tx) =>
      tx.query<IncidentView>(
        `select id, instance_id, kind, provider_id, amount_minor, status, opened_at, closed_at, details
           from deals.incidents
          where tenant = engine.tenant() and ($1::text is null or status = $1)
            and ($2::timestamptz is null or (opened_at, id) < ($2, $3))
          order by opened_at desc, id desc limit $4`,
        [status ?? null, after?.at ?? null, after?.id ?? null, limit],
      ),
    );
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ at: last.opened_at.toISOString(), id: last.id }) : null };
  }
}

const dealOf = (tx: Tx, { transactionId }: Dispute): Promise<{ tenant: string; instanceId: string } | undefined> =>
  tx.one(
    `select tenant, workflow_instance_id as "instanceId" from deals.investment_deals where stripe_payment_intent = $1`,
    [transactionId],
  );

/** Messages come in any order: what is closed stays closed. Only the first one is news. */
async function keep(tx: Tx, instanceId: string, dispute: Dispute, key: string): Promise<void> {
  const { disputeId, transactionId, status, reason, amountMinor, currency, isClosed } = dispute;
  const written = await tx.one<{ is_new: boolean; is_open: boolean }>(
    `insert into deals.incidents as i (tenant, id, instance_id, kind, provider_id, amount_minor, status, opened_at, closed_at, details)
     values (engine.tenant(), $1, $2, 'dispute', $3, $4, $5, engine.now(), case when $5 = 'closed' then engine.now() end, $6)
     on conflict (tenant, kind, provider_id) do update
       set amount_minor = excluded.amount_minor, status = excluded.status, closed_at = excluded.closed_at, details = excluded.details
       where i.status = 'open'
     returning xmax = 0 as is_new, status = 'open' as is_open`,
    [
      newId('incident'),
      instanceId,
      disputeId,
      amountMinor,
      isClosed ? 'closed' : 'open',
      JSON.stringify({ transactionId, status, reason, currency }),
    ],
  );
  if (!written?.is_new || !written.is_open) return;
  const amount = toDecimal(amountMinor, currency);
  await raise(tx, instanceId, key, tellLegal('dispute_opened', { disputeId, amount, reason, status }));
}
