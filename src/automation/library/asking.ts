import { ApiPropertyOptional } from '@nestjs/swagger';
import { Injectable } from '@nestjs/common';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import type { Action } from '../../actions/action.js';
import type { Json } from '../../engine/core/driver.js';
import type { EffectResult } from '../../engine/host.js';
import { Database } from '../../platform/database.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { aboutOf } from './about.js';

const MOST_ROWS = 100;

/** Parameters of `db_query`: a query of events, or the rows of a table that `db_insert` keeps. */
export class DbQueryParams {
  /** One `select` over `events`, as at `POST /api/events/query`. */
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(10_000) query?: string;
  /** What stands for `$1`, `$2`, … in the query. */
  @ApiPropertyOptional({ type: 'array', items: {} }) @MayBeAbsent() @IsArray() @ArrayMaxSize(50) params?: Json[];
  @MayBeAbsent() @IsString() @Matches(/^[a-z][a-z0-9_]{0,62}$/) table?: string;
  /** What the rows have to have in them. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  where?: { [name: string]: Json };
  @MayBeAbsent() @IsInt() @Min(1) @Max(MOST_ROWS) limit?: number;
}

/** Questions about events, and about rows that workflows keep (R002-65). */
@Injectable()
export class Asking {
  constructor(
    private readonly database: Database,
    private readonly sandbox: Sandbox,
  ) {}

  readonly dbQuery: Action<DbQueryParams> = {
    type: 'db_query',
    title: 'Ask about events and rows',
    kind: 'data',
    permission: 'automation.write',
    Params: DbQueryParams,
    about: aboutOf('db_query'),
    run: async ({ query, params = [], table, where = {}, limit = MOST_ROWS }, { tenant }): Promise<EffectResult> => {
      if ((query === undefined) === (table === undefined))
        return { kind: 'failed', code: 'WF006', reason: 'db_query has either a query or a table' };
      if (query !== undefined)
        return { kind: 'done', output: await this.sandbox.ask(tenant, withParams(query, params), limit) };
      const output = await this.database.transaction(tenant, (tx) =>
        tx.query<{ id: string; data: Json }>(
          `select row_id as id, data from automation.kept_rows
            where tenant = engine.tenant() and collection = $1 and data @> $2::jsonb order by created_at, row_id limit $3`,
          [table, JSON.stringify(where), limit],
        ),
      );
      return { kind: 'done', output: output.map(({ id, data }) => ({ id, data })) };
    },
  };
}

/**
 * The query with its parameters as literals; what stands in quotes is left alone. What a parameter holds can say no more than the query
 * itself could: both see the tenant's own events, and change nothing.
 */
const withParams = (query: string, params: readonly Json[]): string =>
  query.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d{1,3})\b/g, (whole: string, number: string | undefined) =>
    number === undefined ? whole : literal(params[Number(number) - 1] ?? null),
  );

function literal(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return `(${String(value)})`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `'${text.replaceAll("'", "''")}'`;
}
