import { Injectable } from '@nestjs/common';
import { GATES } from '../../../machines/pursuit.gates.js';
import type { Caller } from '../../auth/caller.js';
import { Database, type Tx } from '../../platform/database.js';
import { checkOrg } from '../orgs.js';
import { pageOf, type Page } from '../rows.js';
import type { CommsLag, Funnel, FunnelState, GateFigures, LeadPerformance, SlaSummary, Workload } from './today.dto.js';

/** How the pipeline does, as the views of schema `app` tell it (R001-20). */
@Injectable()
export class FigureQueries {
  constructor(private readonly database: Database) {}

  /** The busiest first. */
  workload(caller: Caller, query: { org_id?: string; page: number; limit: number }): Promise<Page<Workload>> {
    return this.within(caller, query.org_id, (tx, orgId) =>
      pageOf<Workload>(
        tx,
        {
          columns: `w.owner_user_id, w.open_candidates, w.open_pursuits, w.overdue_pursuits, w.stale_candidates, w.forecast_value_usd::float8 as forecast_value_usd, coalesce(b.open_breaches, 0) as open_breaches`,
          from: `from app.v_user_workload_analysis w
                 left join (select k.owner_user_id, count(*) as open_breaches
                              from (select c.owner_user_id from workstream.sla_breaches b join workstream.candidates c on c.tenant = b.tenant and c.candidate_id = b.item_id
                                     where b.tenant = engine.tenant() and b.item_type = 'candidate' and b.resolved_at is null
                                    union all
                                    select p.capture_lead_id from workstream.sla_breaches b join workstream.pursuits p on p.tenant = b.tenant and p.pursuit_id = b.item_id
                                     where b.tenant = engine.tenant() and b.item_type = 'pursuit' and b.resolved_at is null) k
                             group by k.owner_user_id) b on b.owner_user_id = w.owner_user_id
                where w.org_id = $1`,
          order: 'w.open_candidates + w.open_pursuits desc, w.owner_user_id',
        },
        [orgId],
        query,
      ),
    );
  }

  /** Items by state, and how many go on from one kind to the next. */
  funnel(caller: Caller, org?: string): Promise<Funnel> {
    return this.within(caller, org, async (tx, orgId) => {
      const data = await tx.query<FunnelState>(
        `select item_type, state, items from app.v_workstream_funnel where org_id = $1
          order by array_position(array['signal', 'candidate', 'pursuit'], item_type), items desc, state`,
        [orgId],
      );
      const conversion = await tx.one<Funnel['conversion']>(
        `select signals, linked_signals, candidates, promoted_candidates, submitted_pursuits, won_pursuits, lost_pursuits, signal_to_candidate_pct::float8 as signal_to_candidate_pct,
                candidate_to_pursuit_pct::float8 as candidate_to_pursuit_pct, win_rate_pct::float8 as win_rate_pct
           from app.v_conversion_funnel where org_id = $1`,
        [orgId],
      );
      if (!conversion) throw new Error('the organisation has no funnel');
      return { data, conversion };
    });
  }

  /** In the order in which pursuits come to them. */
  gates(caller: Caller, org?: string): Promise<GateFigures[]> {
    return this.within(caller, org, (tx, orgId) =>
      tx.query<GateFigures>(
        `select gate, reached, passed, forced, waiting, ended, pass_pct::float8 as pass_pct
           from app.v_gate_pass where org_id = $1 order by array_position($2::text[], gate)`,
        [orgId, [...GATES]],
      ),
    );
  }

  slaSummary(caller: Caller, org?: string): Promise<SlaSummary[]> {
    return this.within(caller, org, (tx, orgId) =>
      tx.query<SlaSummary>(
        `select item_type, metric, running, open_breaches, met, breached, compliance_pct::float8 as compliance_pct
           from app.v_sla_summary where org_id = $1 order by item_type, metric`,
        [orgId],
      ),
    );
  }

  /** The most won first. */
  performance(caller: Caller, org?: string): Promise<LeadPerformance[]> {
    return this.within(caller, org, (tx, orgId) =>
      tx.query<LeadPerformance>(
        `select capture_lead_id, won, lost, win_rate_pct::float8 as win_rate_pct, average_days_to_close::float8 as average_days_to_close,
                won_value_usd::float8 as won_value_usd, cost_of_sale::float8 as cost_of_sale
           from app.v_pursuit_performance where org_id = $1 order by won desc, capture_lead_id nulls last limit 200`,
        [orgId],
      ),
    );
  }

  /** Who lets others wait the longest first. */
  commsLag(caller: Caller, org?: string): Promise<CommsLag[]> {
    return this.within(caller, org, (tx, orgId) =>
      tx.query<CommsLag>(
        `select owner_user_id, item_type, items, average_idle_hours::float8 as average_idle_hours, longest_idle_hours::float8 as longest_idle_hours
           from app.v_comms_lag where org_id = $1 order by longest_idle_hours desc, owner_user_id nulls last, item_type limit 200`,
        [orgId],
      ),
    );
  }

  private within<T>(
    { tenant }: Caller,
    org: string | undefined,
    work: (tx: Tx, orgId: number) => Promise<T>,
  ): Promise<T> {
    return this.database.transaction(tenant, async (tx) => work(tx, await checkOrg(tx, org)));
  }
}
