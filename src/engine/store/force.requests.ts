/** Forces that one administrator asked for and another has to agree to; and the wish that forces no longer need the other one. */
import type { Tx } from '../../platform/database.js';

export type ForceRequestStatus = 'open' | 'approved' | 'rejected';

export type ForceRequestRow = Kept &
  (
    | {
        kind: 'force';
        instance_id: string;
        revision: number;
        request: { fromState: string; toState: string; reason: string; runEntryEffects: boolean };
      }
    | {
        kind: 'settings';
        instance_id: null;
        revision: null;
        /** What would be set, and what was set when it was asked for. */
        request: { changes: object; before: object; reason: string };
      }
  );

interface Kept {
  id: string;
  undoes: boolean;
  asked_by: string;
  roles: string[];
  asked_at: Date;
  expires_at: Date;
  status: ForceRequestStatus;
  decided_by: string | null;
  decided_at: Date | null;
  note: string | null;
  seq: number | null;
}

const COLUMNS = `id, kind, instance_id, revision, request, undoes, asked_by, roles, asked_at, expires_at, status, decided_by, decided_at, note, seq`;

/** @param expiresMs how long it may be agreed to, milliseconds */
export const ask = async (
  tx: Tx,
  asked: Pick<
    ForceRequestRow,
    'id' | 'kind' | 'instance_id' | 'revision' | 'request' | 'undoes' | 'asked_by' | 'roles'
  >,
  expiresMs: number,
): Promise<ForceRequestRow> => {
  const row = await tx.one<ForceRequestRow>(
    `insert into engine.force_requests (tenant, id, instance_id, revision, request, undoes, asked_by, roles, asked_at, expires_at, status, kind)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, engine.now(), engine.now() + $8 * interval '1 millisecond', 'open', $9)
     returning ${COLUMNS}`,
    [
      asked.id,
      asked.instance_id,
      asked.revision,
      JSON.stringify(asked.request),
      asked.undoes,
      asked.asked_by,
      asked.roles,
      expiresMs,
      asked.kind,
    ],
  );
  if (!row) throw new Error('the request was not kept');
  return row;
};

/** Newest first, behind `after`. */
export const list = (
  tx: Tx,
  status: ForceRequestStatus | null,
  limit: number,
  after: { askedAt: string; id: string } | null,
): Promise<ForceRequestRow[]> =>
  tx.query(
    `select ${COLUMNS} from engine.force_requests
      where tenant = engine.tenant() and ($1::text is null or status = $1)
        and ($3::timestamptz is null or (asked_at, id) < ($3, $4))
      order by asked_at desc, id desc limit $2`,
    [status, limit, after?.askedAt ?? null, after?.id ?? null],
  );

/** Under its lock, so that it is decided once; `isLate` when nobody agreed in time. */
export const lock = (tx: Tx, id: string): Promise<(ForceRequestRow & { isLate: boolean }) | undefined> =>
  tx.one(
    `select ${COLUMNS}, expires_at <= engine.now() as "isLate" from engine.force_requests
      where tenant = engine.tenant() and id = $1 for no key update`,
    [id],
  );

export const decide = async (
  tx: Tx,
  id: string,
  decision: { status: 'approved' | 'rejected'; by: string; note: string; seq: number | null },
): Promise<ForceRequestRow> => {
  const row = await tx.one<ForceRequestRow>(
    `update engine.force_requests set status = $2, decided_by = $3, decided_at = engine.now(), note = $4, seq = $5
      where tenant = engine.tenant() and id = $1 returning ${COLUMNS}`,
    [id, decision.status, decision.by, decision.note, decision.seq],
  );
  if (!row) throw new Error(`there is no request ${id}`);
  return row;
};
