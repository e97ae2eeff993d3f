import { Injectable } from '@nestjs/common';
import type { CustomTerms, NdaContext, NdaInput } from '../../../machines/nda.types.js';
import type { Caller } from '../../auth/caller.js';
import type { Opening, StartTx } from '../../engine/engine.service.js';
import type { Transitioned } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { Settings } from '../../platform/settings.js';
import { isAgent } from '../agents.js';
import { checkPitch } from '../pitch.owner.js';
import { slowDown, type Counted } from '../frequency.js';
import type { CreateNda } from './nda.dto.js';
import { currentScorecard } from './nda.scorecards.js';
import { NdaSettings } from './nda.settings.dto.js';

const UNIQUE_VIOLATION = '23505';
const DEFAULT_MONTHS = 24;
/** R000-78. */
const REQUESTS: Counted = {
  table: 'deals.ndas',
  column: 'requester_id',
  seconds: 86_400,
  sentence: (most) => `A requester may ask for ${most} NDAs in 24 hours.`,
};

/** Who may see what of whom, and for how long. The state is the instance's; the row follows it in the same transaction. */
@Injectable()
export class Ndas {
  constructor(private readonly settings: Settings) {}

  /** Writes the NDA and answers what its lifecycle starts with. @throws WF005, WF006, WF007 when there is a live one, RATE_LIMITED */
  async open(tx: StartTx, caller: Caller, body: CreateNda): Promise<Opening> {
    const { requesterId, requesterEmail, creatorId, pitchId, requesterType = 'investor' } = body;
    const { templateId = 'standard', durationMonths = DEFAULT_MONTHS, customTerms = {} } = body;
    const territories = body.territorialRestrictions ?? [];
    if (caller.userId !== requesterId && !isAgent(caller))
      throw refuse('WF005', { detail: 'A requester asks for NDAs of his own only.' });
    if (requesterId === creatorId) throw refuse('WF006', { detail: 'Nobody needs an NDA for a pitch of his own.' });
    // Nobody approves NDAs for a pitch of somebody else.
    await checkPitch(tx, pitchId, creatorId, isAgent(caller));
    const knownName = await nameOf(tx, requesterId);
    const { maxRequestsPerDay, offersRenewal, expiryReminderDays, ...deadlines } = await this.settings.read(
      tx,
      'nda',
      NdaSettings,
    );
    await slowDown(tx, REQUESTS, requesterId, maxRequestsPerDay);
    const scorecard = await currentScorecard(tx);
    const ndaId = newId('nda');
    const written = await tx.run(
      `insert into deals.ndas
         (tenant, id, workflow_instance_id, requester_id, requester_type, requester_name, requester_email, creator_id, pitch_id, template_id,
          duration_months, custom_terms, territorial_restrictions, scorecard_version, status, created_at, updated_at)
       values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'DRAFT',
               to_timestamp($14::float8 / 1000), to_timestamp($14::float8 / 1000))
       on conflict do nothing`,
      [
        ndaId,
        tx.instanceId,
        requesterId,
        requesterType,
        body.requesterName ?? knownName,
        requesterEmail,
        creatorId,
        pitchId,
        templateId,
        durationMonths,
        JSON.stringify(customTerms),
        territories,
        scorecard.version,
        tx.at,
      ],
    );
    if (written === 0) throw refuse('WF007', { detail: 'This requester has a live NDA for this pitch already.' });
    const input: NdaInput = {
      ndaId,
      requesterId,
      requesterType,
      creatorId,
      pitchId,
      templateId,
      durationMonths,
      customTerms,
      territories,
      deadlines,
      scorecard,
      expiryReminderDays,
      offersRenewal,
    };
    return { parties: { requester: requesterId, creator: creatorId }, keys: { pitchId, ndaId }, input };
  }
}

/** The requester's name, from whichever record knows him. @throws WF006 for somebody nobody knows (R000-71) */
async function nameOf(tx: Tx, requesterId: string): Promise<string> {
  const row = await tx.one<{ name: string }>(
    `select name from (
       select name, 1 as rank from deals.requesters where tenant = engine.tenant() and id = $1
       union all select name, 2 from deals.investors where tenant = engine.tenant() and id = $1
       union all select name, 3 from deals.companies where tenant = engine.tenant() and id = $1) known
      order by rank limit 1`,
    [requesterId],
  );
  if (!row) throw refuse('WF006', { errors: [{ field: 'requesterId', message: 'There is no such requester' }] });
  return row.name;
}

/** Writes down what a transition means for the NDA (R000-72, R000-90). @throws WF007 when a forced transition revives an NDA beside another */
export async function followTransition(
  tx: Tx,
  { instanceId, state, context, at }: Transitioned<NdaContext>,
): Promise<void> {
  const { risk, approval, envelopeId, effectiveAt, expiresAt, reasonCode, customTerms } = context;
  try {
    await tx.run(
      `update deals.ndas
          set status = $2, reason_code = $3, envelope_id = $4, approved_by = $5, custom_terms = $6,
              risk_score = $7, risk_level = $8, risk_factors = $9, risk_route = $10,
              assessed_at = case when $7::int is null then null else coalesce(assessed_at, to_timestamp($13::float8 / 1000)) end,
              effective_date = to_timestamp($11::float8 / 1000), expiration_date = to_timestamp($12::float8 / 1000),
              signed_at = case when $11::float8 is null then null else coalesce(signed_at, to_timestamp($13::float8 / 1000)) end,
              updated_at = to_timestamp($13::float8 / 1000)
        where tenant = engine.tenant() and workflow_instance_id = $1`,
      [
        instanceId,
        state,
        reasonCode,
        envelopeId,
        approval?.by ?? null,
        JSON.stringify(customTerms),
        risk?.score ?? null,
        risk?.level ?? null,
        risk === null ? null : JSON.stringify(risk.factors),
        risk?.route ?? null,
        effectiveAt,
        expiresAt,
        at,
      ],
    );
  } catch (error) {
    if ((error as { code?: string }).code === UNIQUE_VIOLATION) throw refuse('WF007');
    throw error;
  }
}

/** An NDA with the people and the pitch it is about; what is unknown is null. */
export interface NdaDetails {
  id: string;
  pitch_id: string;
  pitch_title: string | null;
  requester_id: string;
  requester_type: 'investor' | 'production' | 'partner';
  requester_name: string;
  requester_email: string;
  creator_id: string;
  creator_name: string | null;
  creator_email: string | null;
  custom_terms: CustomTerms;
}

/** The NDA of an instance. @throws Error when there is none: instances and NDAs are written together */
export async function detailsOf(tx: Tx, instanceId: string): Promise<NdaDetails> {
  const row = await tx.one<NdaDetails>(
    `select d.id, d.pitch_id, p.title as pitch_title, d.requester_id, d.requester_type, d.requester_name, d.requester_email,
            d.creator_id, c.name as creator_name, c.email as creator_email, d.custom_terms
       from deals.ndas d
       left join deals.pitches p on p.tenant = d.tenant and p.id = d.pitch_id
       left join deals.creators c on c.tenant = d.tenant and c.id = d.creator_id
      where d.tenant = engine.tenant() and d.workflow_instance_id = $1`,
    [instanceId],
  );
  if (!row) throw new Error(`no NDA belongs to ${instanceId}`);
  return row;
}
