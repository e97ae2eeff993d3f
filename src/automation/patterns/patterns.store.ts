/** The rows of patterns. */
import type { Tx } from '../../platform/database.js';
import type { Page } from '../envelope.js';
import { awaited, type Pattern } from './pattern.js';

const COLUMNS = `id, name, description, is_enabled, workflow_id, pattern, version, triggered_count, last_triggered, watching_since, next_at, last_error, owner_id,
       created_at, updated_at`;

/** A pattern as somebody writes it. */
export interface Written {
  name: string;
  description: string | null;
  is_enabled: boolean;
  workflow_id: string;
  pattern: Pattern;
  owner_id: string;
}

/** A pattern as it is kept (R002-3). */
export interface PatternRow extends Written {
  id: string;
  /** Of pattern and workflow. */
  version: number;
  triggered_count: number;
  last_triggered: Date | null;
  watching_since: Date;
  next_at: Date | null;
  last_error: string | null;
  created_at: Date;
  updated_at: Date;
}

export const findPattern = (tx: Tx, id: string): Promise<PatternRow | undefined> =>
  tx.one(`select ${COLUMNS} from automation.patterns where tenant = engine.tenant() and id = $1`, [id]);

/** The pattern, which nobody else changes until this transaction ends. */
export const lockPattern = (tx: Tx, id: string): Promise<PatternRow | undefined> =>
  tx.one(`select ${COLUMNS} from automation.patterns where tenant = engine.tenant() and id = $1 for update`, [id]);

/** What a list is narrowed by; null is everything. */
export interface PatternFilter {
  isEnabled: boolean | null;
  type: string | null;
  workflowId: string | null;
}

/** One page, newest first. */
export async function listPatterns(
  tx: Tx,
  { isEnabled, type, workflowId }: PatternFilter,
  page: number,
  limit: number,
): Promise<Page<PatternRow>> {
  const where = `where tenant = engine.tenant() and ($1::boolean is null or is_enabled = $1) and ($2::text is null or type = $2)
        and ($3::text is null or workflow_id = $3)`;
  const values = [isEnabled, type, workflowId];
  const rows = await tx.query<PatternRow>(
    `select ${COLUMNS} from automation.patterns ${where} order by created_at desc, id limit $4 offset $5`,
    [...values, limit, (page - 1) * limit],
  );
  const counted = await tx.one<{ total: number }>(
    `select count(*)::int as total from automation.patterns ${where}`,
    values,
  );
  return { rows, total: counted?.total ?? 0 };
}

/** The enabled patterns that wait for an event of this type, by id: everybody takes them in this order. */
export const patternsFor = (tx: Tx, type: string): Promise<PatternRow[]> =>
  tx.query(
    `select ${COLUMNS} from automation.patterns
      where tenant = engine.tenant() and is_enabled
        and exists (select 1 from unnest(event_types) name
                     where name = $1 or (right(name, 1) = '*' and starts_with($1, left(name, -1))))
      order by id`,
    [type],
  );

/** How many patterns there are, and how many of them are enabled, besides this one. */
export async function countPatterns(tx: Tx, besides: string): Promise<{ all: number; enabled: number }> {
  const row = await tx.one<{ all: number; enabled: number }>(
    `select count(*) as all, count(*) filter (where is_enabled) as enabled from automation.patterns where tenant = engine.tenant() and id <> $1`,
    [besides],
  );
  return row ?? { all: 0, enabled: 0 };
}

/** Writes a pattern down. @returns false when the id is taken */
export async function insertPattern(
  tx: Tx,
  id: string,
  version: number,
  written: Written,
  nextMs: number | null,
): Promise<boolean> {
  const inserted = await tx.run(
    `insert into automation.patterns (tenant, id, name, description, is_enabled, workflow_id, type, event_types, pattern, owner_id, watching_since, next_at,
                                      version, created_at, updated_at)
     select engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, at, at + $10 * interval '1 millisecond', $11, at, at from engine.now() at
     on conflict do nothing`,
    [id, ...values(written), nextMs, version],
  );
  return inserted > 0;
}

/** Writes a pattern anew. What it has seen so far is forgotten when it looks for something else. */
export const updatePattern = (
  tx: Tx,
  id: string,
  written: Written,
  version: number,
  watchesAnew: boolean,
  nextMs: number | null,
): Promise<number> =>
  tx.run(
    `update automation.patterns
        set name = $2, description = $3, is_enabled = $4, workflow_id = $5, type = $6, event_types = $7, pattern = $8, owner_id = $9,
            next_at = case when $12 then engine.now() + $10 * interval '1 millisecond' else next_at end,
            last_error = case when $12 then null else last_error end,
            version = $11, watching_since = case when $12 then engine.now() else watching_since end, updated_at = engine.now()
      where tenant = engine.tenant() and id = $1`,
    [id, ...values(written), nextMs, version, watchesAnew],
  );

/** Keeps what a version was. */
export const keepVersion = (tx: Tx, id: string, version: number, written: Written): Promise<number> =>
  tx.run(
    `insert into automation.pattern_versions (tenant, pattern_id, version, pattern, workflow_id, made_by, made_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, engine.now())`,
    [id, version, JSON.stringify(written.pattern), written.workflow_id, written.owner_id],
  );

export const deletePattern = (tx: Tx, id: string): Promise<number> =>
  tx.run('delete from automation.patterns where tenant = engine.tenant() and id = $1', [id]);

/** The version after all that there were under this id, also before it was taken away. */
export async function nextVersion(tx: Tx, id: string): Promise<number> {
  const row = await tx.one<{ last: number | null }>(
    'select max(version) as last from automation.pattern_versions where tenant = engine.tenant() and pattern_id = $1',
    [id],
  );
  return (row?.last ?? 0) + 1;
}

const values = ({ pattern, ...row }: Written): unknown[] => [
  row.name,
  row.description,
  row.is_enabled,
  row.workflow_id,
  pattern.type,
  awaited(pattern),
  JSON.stringify(pattern),
  row.owner_id,
];

/** Whether there is such a workflow to start. */
export const isWorkflow = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.one(
    'select 1 from automation.workflows where tenant = engine.tenant() and workflow_id = $1 and deleted_at is null',
    [id],
  )) !== undefined;
