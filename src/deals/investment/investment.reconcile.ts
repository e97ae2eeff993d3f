import { Injectable } from '@nestjs/common';
import { ofInstance } from '../../engine/store/outbox.js';
import { DocusignClient } from '../../integrations/docusign/docusign.client.js';
import type { Outcome } from '../../integrations/outcome.js';
import { StripeRecords } from '../../integrations/stripe/stripe.records.js';
import { Database, type Tx } from '../../platform/database.js';
import { differences, LEAVING, type OurDeal, type OurEffect, type TheirObject } from './investment.books.js';

/** A deal to look at. */
export interface ReconciledDeal {
  tenant: string;
  instanceId: string;
  /** When it began, milliseconds of the providers' time, or earlier. */
  since: number;
}

interface Books extends OurDeal {
  instanceId: string;
  dealId: string;
  customerId: string | null;
  effects: OurEffect[];
}

/** Compares what the providers hold for an investment with what we believe they hold (P8). */
@Injectable()
export class InvestmentReconcile {
  constructor(
    private readonly database: Database,
    private readonly stripe: StripeRecords,
    private readonly docusign: DocusignClient,
  ) {}

  /** The deals of a tenant, or of all, in batches behind `after`; or the one named. */
  deals(
    { tenant, instanceId }: { tenant?: string | undefined; instanceId?: string | undefined },
    after: ReconciledDeal | null,
    limit: number,
  ): Promise<ReconciledDeal[]> {
    return this.database.system((tx) =>
      // Business time may have been moved ahead; counting back from now never says too late.
      tx.query<ReconciledDeal>(
        `select tenant, workflow_instance_id as "instanceId",
                (extract(epoch from clock_timestamp() - (engine.now() - created_at)) * 1000)::float8 as since
           from deals.investment_deals
          where ($1::text is null or tenant = $1) and ($2::text is null or workflow_instance_id = $2)
            and ($3::text is null or (tenant, workflow_instance_id) > ($3, $4))
          order by tenant, workflow_instance_id limit $5`,
        [tenant ?? null, instanceId ?? null, after?.tenant ?? null, after?.instanceId ?? null, limit],
      ),
    );
  }

  /** How many deals there are. */
  async count(tenant: string | undefined): Promise<number> {
    const row = await this.database.system((tx) =>
      tx.one<{ n: number }>(
        `select count(*) as n from deals.investment_deals where ($1::text is null or tenant = $1)`,
        [tenant ?? null],
      ),
    );
    return row?.n ?? 0;
  }

  /** Every difference of one deal in a sentence; a provider that cannot be asked is one too. */
  async differences({ tenant, instanceId }: ReconciledDeal): Promise<string[]> {
    const books = await this.database.transaction(tenant, (tx) => booksOf(tx, instanceId));
    if (!books || books.effects.length === 0) return [];
    const [money, envelopes] = await Promise.all([this.money(books), this.envelopes(books)]);
    if (money.kind !== 'done') return [`Stripe could not be asked: ${money.reason}`];
    if (envelopes.kind !== 'done') return [`DocuSign could not be asked: ${envelopes.reason}`];
    return differences(books, books.effects, [...money.output, ...envelopes.output]);
  }

  private async money(books: Books): Promise<Outcome<TheirObject[]>> {
    const { instanceId, customerId, dealId: transferGroup, effects } = books;
    if (!effects.some(({ type }) => type.startsWith('stripe.'))) return NOTHING;
    return this.stripe.movements({ instanceId, customerId, transferGroup });
  }

  private async envelopes({ effects }: Books): Promise<Outcome<TheirObject[]>> {
    const asked = effects.filter(({ type }) => type === 'docusign.envelope');
    if (asked.length === 0) return NOTHING;
    const ids = asked.flatMap(({ result }) => (result && 'envelopeId' in result ? [String(result.envelopeId)] : []));
    const found = await this.docusign.envelopesOf(
      asked.map(({ key }) => key),
      ids,
    );
    if (found.kind !== 'done') return found;
    return { ...found, output: found.output.map(({ envelopeId: id, status }) => ({ kind: 'envelope', id, status })) };
  }
}

const NOTHING: Outcome<TheirObject[]> = { kind: 'done', output: [], receipt: { provider: 'none' } };
/** Effects that the books speak of: what leaves something behind, and what says where a payment should stand. */
const KEPT: ReadonlySet<string> = new Set([...LEAVING, 'stripe.capture']);

async function booksOf(tx: Tx, instanceId: string): Promise<Books | undefined> {
  const deal = await tx.one<Omit<Books, 'effects' | 'instanceId'>>(
    `select d.id as "dealId", d.transfer_id as "transferId", i.stripe_customer_id as "customerId",
            w.status in ('done', 'failed') and w.compensation <> 'pending' as "isOver"
       from deals.investment_deals d
       join engine.instances w on w.tenant = d.tenant and w.id = d.workflow_instance_id
       left join deals.investors i on i.tenant = d.tenant and i.id = d.investor_id
      where d.tenant = engine.tenant() and d.workflow_instance_id = $1`,
    [instanceId],
  );
  const effects = (await ofInstance(tx, instanceId)).filter(({ type }) => KEPT.has(type));
  return deal && { ...deal, instanceId, effects: effects.map(asOurs) };
}

/** Params and results are JSON; what is no object has no fields to compare. */
const asOurs = ({ type, key, status, params, result }: Awaited<ReturnType<typeof ofInstance>>[number]): OurEffect => ({
  type,
  key,
  status,
  params: objectOf(params) ?? {},
  result: objectOf(result),
});
const objectOf = (json: unknown): object | null => (typeof json === 'object' ? json : null);
