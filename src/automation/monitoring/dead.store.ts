/** Effects of this module that were given up (R002-23, R002-24). */
import type { Json } from '../../engine/core/driver.js';
import type { Tx } from '../../platform/database.js';
import type { Page } from '../envelope.js';
import { hidden } from '../workflows/secrets.js';
import type { DeadView, Queue } from './dead.dto.js';

/** Where what was given up lies, by what was to be done. */
const QUEUE_OF: Readonly<Record<string, Queue>> = {
  'patterns.match': 'events-dlq',
  'automation.hear': 'events-dlq',
  'automation.step': 'workflows-dlq',
  'automation.perform': 'workflows-dlq',
};
const TYPES = Object.keys(QUEUE_OF);

interface Row {
  id: number;
  type: string;
  instance_id: string;
  params: Json;
  last_error: Json;
  attempts: number;
  created_at: Date;
  finished_at: Date | null;
}

const DEAD = `from engine.outbox where tenant = engine.tenant() and stage = 'dead' and type = any($1)`;

/** One page, newest first. */
export async function listDead(tx: Tx, queue: Queue | null, page: number, limit: number): Promise<Page<DeadView>> {
  const types = TYPES.filter((type) => queue === null || QUEUE_OF[type] === queue);
  const rows = await tx.query<Row>(
    `select id, type, instance_id, params, last_error, attempts, created_at, finished_at ${DEAD} order by id desc limit $2 offset $3`,
    [types, limit, (page - 1) * limit],
  );
  const counted = await tx.one<{ total: number }>(`select count(*)::int as total ${DEAD}`, [types]);
  return { rows: rows.map(viewOf), total: counted?.total ?? 0 };
}

/** Whether something of this module's lies there under this number. */
export const isDead = async (tx: Tx, id: number): Promise<boolean> =>
  (await tx.one(`select 1 ${DEAD} and id = $2`, [TYPES, id])) !== undefined;

const viewOf = ({ id, type, instance_id, params, last_error, attempts, created_at, finished_at }: Row): DeadView => ({
  id,
  queue: QUEUE_OF[type] ?? 'workflows-dlq',
  type,
  instanceId: instance_id,
  payload: hidden(params),
  error: last_error,
  attempts,
  createdAt: created_at,
  failedAt: finished_at,
});
