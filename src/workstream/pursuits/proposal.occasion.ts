/** Everything a proposal, its letter and the news about it are made of. */
import type { Tx } from '../../platform/database.js';

/** A proposal with its pursuit, its candidate and whom to tell. */
export interface Occasion {
  proposal_id: number;
  pursuit_id: number;
  version: number;
  doc_id: string | null;
  mailed_at: Date | null;
  status: string;
  title: string;
  scope: string | null;
  /** US dollars, decimal. */
  value: string | null;
  due_date: string | null;
  /** Hours by role, as estimated. */
  estimates: { role: string; expected_hours: number }[];
  /** The candidate's address, or else that of its newest signal that has one. */
  contact_email: string | null;
}

/** A proposal of the instance's pursuit, or undefined when it has been deleted. */
export const occasionOf = (tx: Tx, instanceId: string, proposalId: number): Promise<Occasion | undefined> =>
  tx.one<Occasion>(
    `select pr.proposal_id, pr.pursuit_id, pr.version, pr.doc_id, pr.mailed_at, pr.status, c.title, c.one_liner_scope as scope,
            p.forecast_value_usd::text as value, p.due_date::text as due_date,
            coalesce((select json_agg(json_build_object('role', e.role, 'expected_hours', round(e.expected_hours, 1)::float8) order by e.role)
                        from workstream.pursuit_role_estimates e where e.tenant = p.tenant and e.pursuit_id = p.pursuit_id), '[]'::json) as estimates,
            coalesce(c.contact_email,
                     (select s.contact_email from workstream.candidate_signals l
                        join workstream.signals s on s.tenant = l.tenant and s.signal_id = l.signal_id
                       where l.tenant = c.tenant and l.candidate_id = c.candidate_id and s.contact_email is not null
                       order by s.created_at desc, s.signal_id desc limit 1)) as contact_email
       from workstream.proposals pr
       join workstream.pursuits p on p.tenant = pr.tenant and p.pursuit_id = pr.pursuit_id
       join workstream.candidates c on c.tenant = p.tenant and c.candidate_id = p.candidate_id
      where pr.tenant = engine.tenant() and pr.proposal_id = $2 and p.workflow_instance_id = $1`,
    [instanceId, proposalId],
  );

/** The people of a pursuit: its lead, its proposal manager, the candidate's owner; each once. */
export async function peopleOf(tx: Tx, instanceId: string): Promise<{ title: string; people: string[] } | undefined> {
  return tx.one(
    `select c.title,
            array(select distinct who from unnest(array[p.capture_lead_id, p.proposal_mgr_id, c.owner_user_id]) who where who is not null order by who) as people
       from workstream.pursuits p join workstream.candidates c on c.tenant = p.tenant and c.candidate_id = p.candidate_id
      where p.tenant = engine.tenant() and p.workflow_instance_id = $1`,
    [instanceId],
  );
}

/** Why the letter of a proposal was given up, or undefined while it is on its way or has arrived. */
export const lostLetterOf = (tx: Tx, instanceId: string, proposalId: number): Promise<{ reason: string } | undefined> =>
  tx.one(
    `select coalesce(last_error ->> 'message', last_error ->> 'code', 'unknown') as reason from engine.outbox
      where tenant = engine.tenant() and instance_id = $1 and type = 'workstream.mailProposal' and stage = 'dead'
        and (params ->> 'proposalId')::bigint = $2 limit 1`,
    [instanceId, proposalId],
  );
