import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { Jobs } from '../jobs/jobs.js';
import { checkOrg } from '../orgs.js';
import type { ChangeSlaRule, PutSlaRule, SlaRuleChanged, SlaRuleView } from './sla.dto.js';
import { countItems } from './sla.waiting.js';

/** Which item can wait for what. */
const ITEM_OF: Readonly<Record<string, readonly string[]>> = {
  triage_sla: ['signal'],
  proposal_sla: ['candidate'],
  response_sla: ['pursuit'],
  stage_sla: ['candidate', 'pursuit'],
};

/** The rules of a tenant. A change reaches the clocks that run already by a job of its own. */
@Injectable()
export class SlaRules {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
  ) {}

  list({ tenant }: Caller, orgId?: string): Promise<SlaRuleView[]> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, orgId);
      return tx.query<SlaRuleView>(
        `${SELECT} order by r.item_type, r.metric, r.stage nulls first, r.active_from nulls first`,
      );
    });
  }

  /** @throws NOT_FOUND */
  find({ tenant }: Caller, ruleId: number): Promise<SlaRuleView> {
    return this.database.transaction(tenant, (tx) => found(tx, ruleId));
  }

  /** Writes a rule; the same matter from the same day is the same rule. @throws WF006, WF005 */
  async put(caller: Caller, rule: PutSlaRule): Promise<{ rule: SlaRuleChanged; isNew: boolean }> {
    const metric = rule.metric === 'submit_sla' ? 'response_sla' : rule.metric;
    check(metric, rule);
    return this.database.transaction(caller.tenant, async (tx) => {
      await checkOrg(tx, rule.org_id);
      const written = await tx.one<{ rule_id: number; is_new: boolean }>(
        `insert into workstream.sla_rules as r (tenant, item_type, metric, stage, threshold_hrs, clock, warn_pct, pause_stages, active_from, active_to, is_active, updated_by)
         values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (tenant, item_type, metric, coalesce(stage, ''), coalesce(active_from, '-infinity')) do update
            set threshold_hrs = excluded.threshold_hrs, clock = excluded.clock, warn_pct = excluded.warn_pct, pause_stages = excluded.pause_stages,
                active_to = excluded.active_to, is_active = excluded.is_active, revision = r.revision + 1, updated_at = excluded.updated_at, updated_by = excluded.updated_by
         returning r.rule_id, xmax = 0 as is_new`,
        [
          rule.item_type,
          metric,
          rule.stage ?? null,
          rule.threshold_hrs,
          rule.clock,
          rule.warn_pct,
          rule.pause_stages,
          rule.active_from ?? null,
          rule.active_to ?? null,
          rule.is_active,
          caller.userId,
        ],
      );
      if (!written) throw new Error('the rule was not written');
      return { rule: await this.spread(tx, caller, written.rule_id), isNew: written.is_new };
    });
  }

  /** @throws NOT_FOUND, WF006 */
  change(caller: Caller, ruleId: number, changes: ChangeSlaRule): Promise<SlaRuleChanged> {
    if (Object.values(changes).every((value) => value === undefined))
      throw refuse('WF006', { detail: 'At least one field required' });
    return this.database.transaction(caller.tenant, async (tx) => {
      const before = await found(tx, ruleId);
      const after = { ...before, ...withoutUndefined(changes) };
      checkWindow(before.active_from?.toISOString(), after.active_to?.toString());
      await tx.run(
        `update workstream.sla_rules
            set threshold_hrs = $2, clock = $3, warn_pct = $4, pause_stages = $5, active_to = $6, is_active = $7,
                revision = revision + 1, updated_at = engine.now(), updated_by = $8
          where tenant = engine.tenant() and rule_id = $1`,
        [
          ruleId,
          after.threshold_hrs,
          after.clock,
          after.warn_pct,
          after.pause_stages,
          after.active_to,
          after.is_active,
          caller.userId,
        ],
      );
      return this.spread(tx, caller, ruleId);
    });
  }

  private async spread(tx: Tx, caller: Caller, ruleId: number): Promise<SlaRuleChanged> {
    const job_id = await this.jobs.startWithin(tx, caller, 'sla.reconcile', { rule_id: ruleId }, await countItems(tx));
    return { ...(await found(tx, ruleId)), job_id };
  }
}

const SELECT = `
  select r.rule_id, o.org_id, r.item_type, r.metric, r.stage, r.threshold_hrs::float8 as threshold_hrs, r.clock, r.warn_pct, r.pause_stages,
         r.active_from, r.active_to, r.is_active, r.revision, r.updated_at, r.updated_by
    from workstream.sla_rules r join workstream.orgs o on o.tenant = r.tenant
   where r.tenant = engine.tenant()`;

async function found(tx: Tx, ruleId: number): Promise<SlaRuleView> {
  const rule = await tx.one<SlaRuleView>(`${SELECT} and r.rule_id = $1`, [ruleId]);
  if (!rule) throw refuse('NOT_FOUND');
  return rule;
}

function check(metric: string, { item_type: itemType, stage, active_from: from, active_to: to }: PutSlaRule): void {
  if (!ITEM_OF[metric]?.includes(itemType))
    throw refuse('WF006', {
      errors: [{ field: 'metric', message: `${metric} is for: ${ITEM_OF[metric]?.join(', ')}` }],
    });
  if ((metric === 'stage_sla') !== (typeof stage === 'string'))
    throw refuse('WF006', { errors: [{ field: 'stage', message: 'stage is for stage_sla, and stage_sla needs one' }] });
  checkWindow(from ?? undefined, to ?? undefined);
}

function checkWindow(from: string | undefined, to: string | undefined): void {
  if (from !== undefined && to !== undefined && Date.parse(to) <= Date.parse(from))
    throw refuse('WF006', { errors: [{ field: 'active_to', message: 'active_to must be later than active_from' }] });
}

const withoutUndefined = (changes: ChangeSlaRule): Partial<SlaRuleView> =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
