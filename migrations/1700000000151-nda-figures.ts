import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The risk of NDAs among the figures for whoever draws the curves (R000-7). */
export class NdaFigures1700000000151 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create or replace view statewright.workflow_analytics as
        ${QUALIFICATION}
        union all
        select d.tenant, 'nda' as workflow_type, 'risk_score' as metric, d.risk_score::float8 as value, d.assessed_at as timestamp
          from deals.ndas d
         where d.risk_score is not null and (d.tenant = engine.tenant() or current_user <> 'statewright_app')`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`create or replace view statewright.workflow_analytics as ${QUALIFICATION}`);
  }
}

/** As it was before: how long qualification took, milliseconds. */
const QUALIFICATION = `
  select left_.tenant, i.lifecycle as workflow_type, 'qualification_time' as metric,
         (extract(epoch from left_.at - entered.at) * 1000)::float8 as value, left_.at as timestamp
    from engine.history left_
    join engine.instances i on i.tenant = left_.tenant and i.id = left_.instance_id and i.lifecycle = 'investment'
    join lateral (
      select at from engine.history e
       where e.tenant = left_.tenant and e.instance_id = left_.instance_id and e.seq < left_.seq and e.to_state = 'QUALIFICATION'
       order by e.seq limit 1) entered on true
   where left_.from_state = 'QUALIFICATION' and left_.to_state <> 'QUALIFICATION'
     and (left_.tenant = engine.tenant() or current_user <> 'statewright_app')`;
