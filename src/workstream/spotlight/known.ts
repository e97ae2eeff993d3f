import type { Known } from '../../../machines/spotlight.types.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';

/** What a row of signals says, besides what its last evaluation was told: the newer word counts. */
export const KNOWN_OF_SIGNAL = `
  jsonb_strip_nulls(jsonb_build_object('source_type', s.source_type, 'snippet', s.snippet, 'contact_email', s.contact_email, 'contact_phone', s.contact_phone,
    'company_domain', s.company_domain, 'problem_phrase', s.problem_phrase, 'solution_hint', s.solution_hint, 'urgency_score', s.urgency_score))
  || coalesce((select jsonb_strip_nulls(e.signal_data) from workstream.spotlight_evaluations e
                where e.tenant = s.tenant and e.signal_id = s.signal_id order by e.evaluation_id desc limit 1), '{}')`;

/** What is known of a stored signal. @throws NOT_FOUND */
export async function knownOfSignal(tx: Tx, signalId: number): Promise<Known> {
  const row = await tx.one<{ known: Known }>(
    `select ${KNOWN_OF_SIGNAL} as known from workstream.signals s where s.tenant = engine.tenant() and s.signal_id = $1`,
    [signalId],
  );
  if (!row) throw refuse('NOT_FOUND', { detail: 'There is no such signal, or it is not yours to see.' });
  return row.known;
}

/** What is known of a candidate: its own words, and those of its signals, newest last. @throws NOT_FOUND */
export async function knownOfCandidate(tx: Tx, candidateId: number): Promise<Known> {
  const row = await tx.one<{ own: Known; signals: Known[] }>(
    `select jsonb_strip_nulls(jsonb_build_object('title', c.title, 'one_liner_scope', c.one_liner_scope, 'value_band', c.value_band, 'confidence', c.confidence, 'status', c.status)) as own,
            coalesce((select json_agg(${KNOWN_OF_SIGNAL} order by s.signal_id)
                        from workstream.candidate_signals l join workstream.signals s on s.tenant = l.tenant and s.signal_id = l.signal_id
                       where l.tenant = c.tenant and l.candidate_id = c.candidate_id), '[]') as signals
       from workstream.candidates c where c.tenant = engine.tenant() and c.candidate_id = $1`,
    [candidateId],
  );
  if (!row) throw refuse('NOT_FOUND', { detail: 'There is no such candidate, or it is not yours to see.' });
  return [...row.signals, row.own].reduce<Known>((known, more) => ({ ...known, ...more }), {});
}
