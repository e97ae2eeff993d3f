import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { checkOrg } from '../orgs.js';
import type {
  BreachList,
  BreachView,
  ClockList,
  ClockView,
  Compliance,
  ComplianceQuery,
  ComplianceRow,
  ListBreaches,
  ListClocks,
} from './sla.dto.js';

/** How well the tenant keeps its promises. */
@Injectable()
export class SlaQueries {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  breaches({ tenant }: Caller, query: ListBreaches): Promise<BreachList> {
    const { page, limit } = query;
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      const filter = [query.status ?? null, query.item_type ?? null, query.item_id ?? null, query.metric ?? null];
      const data = await tx.query<BreachView>(
        `select b.breach_id, (select org_id from workstream.orgs where tenant = b.tenant) as org_id, b.item_type, b.item_id, b.rule_id, k.metric, b.reason_code,
                k.due_at, b.breached_at, b.resolved_at, b.resolution
           ${BREACHES} order by b.breached_at desc, b.breach_id desc limit $5 offset $6`,
        [...filter, limit, (page - 1) * limit],
      );
      return { data, pagination: { page, limit, total: await count(tx, BREACHES, filter) } };
    });
  }

  /** The next to fall due first. */
  clocks({ tenant }: Caller, query: ListClocks): Promise<ClockList> {
    const { page, limit } = query;
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      const filter = [query.item_type ?? null, query.item_id ?? null, query.state ?? null];
      const data = await tx.query<ClockView>(
        `select ${CLOCK} ${CLOCKS} order by k.due_at, k.clock_id limit $4 offset $5`,
        [...filter, limit, (page - 1) * limit],
      );
      return { data, pagination: { page, limit, total: await count(tx, CLOCKS, filter) } };
    });
  }

  /** @throws NOT_FOUND */
  async clock({ tenant }: Caller, clockId: number): Promise<ClockView> {
    const clock = await this.database.transaction(tenant, (tx) =>
      tx.one<ClockView>(
        `select ${CLOCK} from workstream.sla_clocks k where k.tenant = engine.tenant() and k.clock_id = $1`,
        [clockId],
      ),
    );
    if (!clock) throw refuse('NOT_FOUND');
    return clock;
  }

  /** Clocks that fell due in a time, by rule: kept or not. What was withdrawn asked for nothing. @throws WF006 */
  compliance({ tenant }: Caller, { from, to, org_id: orgId }: ComplianceQuery): Promise<Compliance> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, orgId);
      const span = await tx.one<{ from: Date; to: Date }>(
        `select coalesce($1::timestamptz, coalesce($2::timestamptz, engine.now()) - interval '30 days') as "from", coalesce($2::timestamptz, engine.now()) as "to"`,
        [from ?? null, to ?? null],
      );
      if (!span || span.to <= span.from)
        throw refuse('WF006', { errors: [{ field: 'to', message: 'to must be later than from' }] });
      const data = await tx.query<ComplianceRow>(
        `select r.rule_id, r.item_type, r.metric, r.threshold_hrs::float8 as threshold_hrs, k.met, k.breached, k.still_open,
                round(100.0 * k.met / nullif(k.met + k.breached, 0), 2)::float8 as compliance_pct, k.average_hours
           from (select rule_id, count(*) filter (where state = 'met') as met, count(*) filter (where breached_at is not null) as breached,
                        count(*) filter (where state = 'breached') as still_open,
                        round((avg(extract(epoch from ended_at - started_at)) filter (where state in ('met', 'resolved')) / 3600)::numeric, 2)::float8 as average_hours
                   from workstream.sla_clocks
                  where tenant = engine.tenant() and due_at >= $1 and due_at < $2 and state in ('met', 'breached', 'resolved')
                  group by rule_id) k
           join workstream.sla_rules r on r.tenant = engine.tenant() and r.rule_id = k.rule_id
          order by r.item_type, r.metric, r.rule_id`,
        [span.from, span.to],
      );
      const met = data.reduce((sum, row) => sum + row.met, 0);
      const due = data.reduce((sum, row) => sum + row.met + row.breached, 0);
      return { ...span, data, compliance_pct: due === 0 ? null : Math.round((10_000 * met) / due) / 100 };
    });
  }
}

const BREACHES = `
  from workstream.sla_breaches b
  join workstream.sla_clocks k on k.tenant = b.tenant and k.clock_id = b.clock_id
 where b.tenant = engine.tenant()
   and ($1::text is null or ($1 = 'open') = (b.resolved_at is null))
   and ($2::text is null or b.item_type = $2)
   and ($3::bigint is null or b.item_id = $3)
   and ($4::text is null or k.metric = $4)`;

const CLOCK = `k.clock_id, k.workflow_instance_id, k.rule_id, k.metric, k.item_type, k.item_id, k.state, k.started_at, k.warn_at, k.due_at, k.breached_at, k.ended_at, k.reason`;
const CLOCKS = `
  from workstream.sla_clocks k
 where k.tenant = engine.tenant()
   and ($1::text is null or k.item_type = $1)
   and ($2::bigint is null or k.item_id = $2)
   and ($3::text is null or k.state = $3)`;

const count = async (tx: Tx, matching: string, filter: readonly unknown[]): Promise<number> =>
  (await tx.one<{ total: number }>(`select count(*) as total ${matching}`, filter))?.total ?? 0;
