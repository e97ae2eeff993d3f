/** Who has a pitch to himself, who waits for it, and what a transition of one deal changes about that (R000-55 to R000-59, R000-61). */
import { objectionTo } from '../../../machines/production.rules.js';
import type { ProductionContext, Standing } from '../../../machines/production.types.js';
import type { Transitioned } from '../../engine/host.js';
import type { Letter } from '../../engine/store/letters.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import {
  free,
  grant,
  join,
  leave,
  lock,
  passOn,
  positionOf,
  type Lease,
  type Member,
} from '../exclusivity/exclusivity.js';

type Change = Transitioned<ProductionContext>;

/** States in which a deal has its pitch to itself. */
export const EXCLUSIVE: ReadonlySet<string> = new Set(['NEGOTIATION', 'CONTRACT', 'PRODUCTION']);

/** The thing that only one company at a time may have. */
export const keyOf = (pitchId: string): string => `pitch:${pitchId}`;

/** How a deal stands to its pitch; the pitch stays locked until the transaction ends. */
export async function standingOf(tx: Tx, instanceId: string, pitchId: string): Promise<Standing> {
  const { key, holder } = await lock(tx, keyOf(pitchId));
  const isMine = holder === instanceId;
  const isHeld = holder !== null && !isMine;
  const [member] = isHeld ? await membersOf(tx, [instanceId]) : [];
  const producing = await tx.one<{ id: string }>(
    `select id from deals.production_deals
      where tenant = engine.tenant() and pitch_id = $1 and status = 'PRODUCTION' and workflow_instance_id <> $2`,
    [pitchId, instanceId],
  );
  return {
    isHeld,
    isMine,
    position: member ? await positionOf(tx, key, member) : null,
    isInProduction: producing !== undefined,
  };
}

/**
 * Settles what a transition means for the pitch and answers whom to tell. Whatever happened: at the end nobody, or one deal, has the
 * pitch, and nobody only when no deal in the line qualifies.
 * @throws WF007 when a forced transition would give a pitch away twice
 */
export async function settlePitch(tx: Tx, change: Change): Promise<Letter[]> {
  const { instanceId, state, phase, status, from, context, event } = change;
  const lease = await lock(tx, keyOf(context.pitchId));
  const isHolder = lease.holder === instanceId;
  if (EXCLUSIVE.has(state)) return occupy(tx, change, lease);

  const hasEnded = status !== 'active';
  const isWaiting = !hasEnded && (context.waitlistedAt !== null || (state === 'WAITLISTED' && phase === 'inLine'));
  const wasExclusive = from !== null && EXCLUSIVE.has(from);
  // What is only kept for a deal stays kept until it refuses; what it had to itself ends with any of these states.
  const hasRefused = isHolder && isWaiting && event.type === 'exclusivity-available';
  const lets = isHolder && (hasEnded || wasExclusive || hasRefused);
  if (lets) await free(tx, lease);
  if (hasEnded) await leave(tx, lease.key, instanceId);
  if (isWaiting && (lets || !isHolder)) await join(tx, lease, await membersOf(tx, [instanceId]));
  const next = lets || lease.holder === null ? await hand(tx, lease) : undefined;
  const told = next === undefined ? [] : [letter(next, 'exclusivity-available')];
  if (!lets || hasEnded || isWaiting || next === undefined) return told;
  // Its time is over while others wait: it goes on behind whoever has the pitch now.
  await join(tx, lease, await membersOf(tx, [instanceId]));
  return [...told, letter(instanceId, 'exclusivity-taken')];
}

/** Keeps a pitch that nobody has for the first in its line who qualifies; answers whom to tell. Its lease must be locked. */
export async function offerIfFree(tx: Tx, lease: Lease): Promise<Letter[]> {
  const next = lease.holder === null ? await hand(tx, lease) : undefined;
  return next === undefined ? [] : [letter(next, 'exclusivity-available')];
}

/** The deal has the pitch to itself now, or still; the others are told once. */
async function occupy(tx: Tx, { instanceId, state, from, context }: Change, lease: Lease): Promise<Letter[]> {
  if (lease.holder !== null && lease.holder !== instanceId)
    throw refuse('WF007', { detail: 'Another company has exclusive rights to this pitch.' });
  await grant(tx, lease, instanceId, context.exclusiveUntil);
  if (state === 'PRODUCTION') {
    if (from === 'PRODUCTION') return [];
    return (await rivalsOf(tx, context.pitchId, instanceId)).map((rival) => letter(rival, 'pitch-in-production'));
  }
  if (from !== null && EXCLUSIVE.has(from)) return [];
  const rivals = await rivalsOf(tx, context.pitchId, instanceId, ['INTEREST', 'MEETING', 'PROPOSAL']);
  await join(tx, lease, await membersOf(tx, rivals));
  return rivals.map((rival) => letter(rival, 'exclusivity-taken'));
}

const hand = (tx: Tx, lease: Lease): Promise<string | undefined> =>
  passOn(tx, lease, (member) => qualifies(tx, member));

/** Whether the company of a deal would be accepted now (R000-59). */
async function qualifies(tx: Tx, instanceId: string): Promise<boolean> {
  const row = await tx.one<{ verification: string; projects: number; most: number }>(
    `select c.verification_status as verification, c.active_projects_count as projects,
            (i.snapshot -> 'context' ->> 'maxActiveProjects')::int as most
       from deals.production_deals d
       join deals.companies c on c.tenant = d.tenant and c.id = d.production_company_id
       join engine.instances i on i.tenant = d.tenant and i.id = d.workflow_instance_id
      where d.tenant = engine.tenant() and d.workflow_instance_id = $1`,
    [instanceId],
  );
  return (
    row !== undefined &&
    objectionTo({ verification: row.verification, activeProjects: row.projects }, row.most) === null
  );
}

/** Other live deals of the pitch, oldest first. */
async function rivalsOf(tx: Tx, pitchId: string, instanceId: string, states?: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select d.workflow_instance_id as id from deals.production_deals d
      where d.tenant = engine.tenant() and d.pitch_id = $1 and d.workflow_instance_id <> $2
        and d.status not in ('COMPLETED', 'REJECTED', 'EXPIRED') and ($3::text[] is null or d.status = any($3))
      order by d.created_at, d.id`,
    [pitchId, instanceId, states ?? null],
  );
  return rows.map(({ id }) => id);
}

/** Deals as members of a line: first come, first served, by when they began (R000-58). */
const membersOf = (tx: Tx, instanceIds: readonly string[]): Promise<Member[]> =>
  tx.query<Member>(
    `select workflow_instance_id as member, (extract(epoch from created_at) * 1000)::float8 as rank, id as "rankId"
       from deals.production_deals where tenant = engine.tenant() and workflow_instance_id = any($1)`,
    [instanceIds],
  );

const letter = (to: string, type: string): Letter => ({ to, event: { type, payload: {} } });
