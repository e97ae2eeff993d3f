/** The rows of integrations. */
import type { Fields } from '../../../machines/execution.types.js';
import type { Tx } from '../../platform/database.js';
import type { Page } from '../envelope.js';
import type { IntegrationStatus } from './integration.dto.js';

/** An integration as it is kept: its secrets sealed. */
export interface IntegrationRow {
  integration_id: string;
  name: string;
  type: string;
  config: Fields;
  is_enabled: boolean;
  status: IntegrationStatus;
  last_sync: Date | null;
  last_error: string | null;
  created_at: Date;
  updated_at: Date;
}

/** What somebody says of an integration. */
export type Written = Pick<IntegrationRow, 'name' | 'type' | 'config' | 'is_enabled'>;

const COLUMNS = 'integration_id, name, type, config, is_enabled, status, last_sync, last_error, created_at, updated_at';

export const findIntegration = (
  tx: Tx,
  id: string,
  lock: '' | 'for update' = '',
): Promise<IntegrationRow | undefined> =>
  tx.one(
    `select ${COLUMNS} from automation.integrations where tenant = engine.tenant() and integration_id = $1 ${lock}`,
    [id],
  );

/** Answers 0 when the id is taken. */
export const insertIntegration = (
  tx: Tx,
  id: string,
  { name, type, config, is_enabled }: Written,
  by: string,
): Promise<number> =>
  tx.run(
    `insert into automation.integrations (tenant, integration_id, name, type, config, is_enabled, status, created_by, created_at, updated_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, case when $5 then 'active' else 'inactive' end, $6, engine.now(), engine.now())
     on conflict do nothing`,
    [id, name, type, JSON.stringify(config), is_enabled, by],
  );

/** What was wrong with it before is forgotten. */
export const updateIntegration = (tx: Tx, id: string, { name, type, config, is_enabled }: Written): Promise<number> =>
  tx.run(
    `update automation.integrations
        set name = $2, type = $3, config = $4, is_enabled = $5, status = case when $5 then 'active' else 'inactive' end, last_error = null, updated_at = engine.now()
      where tenant = engine.tenant() and integration_id = $1`,
    [id, name, type, JSON.stringify(config), is_enabled],
  );

export const deleteIntegration = (tx: Tx, id: string): Promise<number> =>
  tx.run('delete from automation.integrations where tenant = engine.tenant() and integration_id = $1', [id]);

/** How many there are; two that ask at once are answered one after the other. */
export const countIntegrations = async (tx: Tx): Promise<number> => {
  const row = await tx.one<{ all: number }>(
    `select count(*)::int as all from automation.integrations
      where tenant = engine.tenant() and pg_advisory_xact_lock(hashtextextended('automation.integrations:' || engine.tenant(), 0)) is not null`,
  );
  return row?.all ?? 0;
};

/** One page, newest first. */
export async function listIntegrations(
  tx: Tx,
  filter: { type: string | null; status: IntegrationStatus | null },
  page: number,
  limit: number,
): Promise<Page<IntegrationRow>> {
  const where = `where tenant = engine.tenant() and ($1::text is null or type = $1) and ($2::text is null or status = $2)`;
  const values = [filter.type, filter.status];
  const rows = await tx.query<IntegrationRow>(
    `select ${COLUMNS} from automation.integrations ${where} order by created_at desc, integration_id limit $3 offset $4`,
    [...values, limit, (page - 1) * limit],
  );
  const counted = await tx.one<{ total: number }>(
    `select count(*)::int as total from automation.integrations ${where}`,
    values,
  );
  return { rows, total: counted?.total ?? 0 };
}

/**
 * Notes how a request went that was sent through it. Of many within a second one is written: the row would be what they wait for.
 * @param error null when it was answered with success
 */
export const noteUse = (tx: Tx, id: string, error: string | null): Promise<number> =>
  tx.run(
    `update automation.integrations
        set status = case when $2::text is null then 'active' else 'error' end, last_error = $2, last_sync = case when $2::text is null then engine.now() else last_sync end
      where tenant = engine.tenant() and integration_id = $1 and is_enabled
        and (last_error is distinct from $2 or ($2::text is null and (last_sync is null or last_sync < engine.now() - interval '1 second')))`,
    [id, error],
  );
