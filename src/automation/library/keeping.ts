import { createHash } from 'node:crypto';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Injectable } from '@nestjs/common';
import { IsDefined, IsInt, IsObject, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import type { Action } from '../../actions/action.js';
import type { Json } from '../../engine/core/driver.js';
import type { EffectResult } from '../../engine/host.js';
import { DocumentStore } from '../../integrations/storage/document.store.js';
import { Database } from '../../platform/database.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { aboutOf } from './about.js';

const KEY = /^[\x21-\x7e]{1,256}$/;
const COLLECTION = /^[a-z][a-z0-9_]{0,62}$/;
const ROW = /^[A-Za-z0-9_-]{1,64}$/;
const MOST_YEARS_S = 10 * 365 * 86_400;
/** Characters of what is kept, as JSON. */
const LARGEST = 65_536;

class KeyParams {
  /** Of the tenant: the same key of another tenant is another. */
  @IsString() @Matches(KEY) key!: string;
}

/** Parameters of `kv_get`. */
export class KvGetParams extends KeyParams {}

/** Parameters of `kv_set`. */
export class KvSetParams extends KeyParams {
  @ApiProperty({}) @IsDefined() value!: Json;
  /** Seconds. */
  @MayBeAbsent() @IsInt() @Min(1) @Max(MOST_YEARS_S) expirationTtl?: number;
}

/** Parameters of `r2_put`. */
export class FilePutParams extends KeyParams {
  @ApiProperty({}) @IsDefined() value!: Json;
  @MayBeAbsent() @IsString() @MinLength(3) @MaxLength(100) contentType?: string;
}

/** Parameters of `r2_get`. */
export class FileGetParams extends KeyParams {}

/** Parameters of `db_insert`. */
export class DbInsertParams {
  @IsString() @Matches(COLLECTION) table!: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) @IsObject() data!: { [name: string]: Json };
}

/** Parameters of `db_update`. */
export class DbUpdateParams extends DbInsertParams {
  @IsString() @Matches(ROW) id!: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  where?: { [name: string]: Json };
}

/** What workflows keep: values by key, files, rows (R002-65, R002-66). */
@Injectable()
export class Keeping {
  constructor(
    private readonly database: Database,
    private readonly documents: DocumentStore,
  ) {}

  readonly kvGet: Action<KvGetParams> = {
    ...common('kv_get', 'Read a value', KvGetParams),
    run: async ({ key }, { tenant }) => {
      const row = await this.database.transaction(tenant, (tx) =>
        tx.one<{ value: Json }>(
          `select value from automation.kept_values
            where tenant = engine.tenant() and key = $1 and (expires_at is null or expires_at > engine.now())`,
          [key],
        ),
      );
      return { kind: 'done', output: { key, value: row?.value ?? null } };
    },
  };

  readonly kvSet: Action<KvSetParams> = {
    ...common('kv_set', 'Keep a value', KvSetParams),
    run: async ({ key, value, expirationTtl }, { tenant }) => {
      const text = JSON.stringify(value);
      if (text.length > LARGEST) return tooLarge();
      await this.database.transaction(tenant, (tx) =>
        tx.run(
          `insert into automation.kept_values (tenant, key, value, expires_at, updated_at)
           values (engine.tenant(), $1, $2, engine.now() + $3 * interval '1 second', engine.now())
           on conflict (tenant, key) do update set value = excluded.value, expires_at = excluded.expires_at, updated_at = excluded.updated_at`,
          [key, text, expirationTtl ?? null],
        ),
      );
      return { kind: 'done', output: { key, stored: true } };
    },
  };

  readonly filePut: Action<FilePutParams> = {
    ...common('r2_put', 'Keep a file', FilePutParams),
    run: async ({ key, value, contentType = 'application/json' }, { tenant }) => {
      const bytes = Buffer.from(JSON.stringify({ value, contentType }));
      if (bytes.length > LARGEST) return tooLarge();
      await this.documents.put(tenant, placeOf(key), bytes, 'application/json');
      return { kind: 'done', output: { key, stored: true } };
    },
  };

  readonly fileGet: Action<FileGetParams> = {
    ...common('r2_get', 'Read a file', FileGetParams),
    run: async ({ key }, { tenant }) => {
      const bytes = await this.documents.get(tenant, placeOf(key));
      const kept = bytes && (JSON.parse(bytes.toString('utf8')) as { value: Json; contentType: string });
      return { kind: 'done', output: { key, value: kept?.value ?? null, contentType: kept?.contentType ?? null } };
    },
  };

  readonly dbInsert: Action<DbInsertParams> = {
    ...common('db_insert', 'Keep a row', DbInsertParams),
    run: async ({ table, data }, { tenant, key }) => {
      if (JSON.stringify(data).length > LARGEST) return tooLarge();
      // The same job is the same row, however often it is tried.
      const id = createHash('sha256').update(key).digest('hex').slice(0, 32);
      await this.database.transaction(tenant, (tx) =>
        tx.run(
          `insert into automation.kept_rows (tenant, collection, row_id, data, created_at, updated_at)
           values (engine.tenant(), $1, $2, $3, engine.now(), engine.now()) on conflict (tenant, collection, row_id) do nothing`,
          [table, id, JSON.stringify(data)],
        ),
      );
      return { kind: 'done', output: { id } };
    },
  };

  readonly dbUpdate: Action<DbUpdateParams> = {
    ...common('db_update', 'Change a row', DbUpdateParams),
    run: async ({ table, id, data, where = {} }, { tenant }) => {
      if (JSON.stringify(data).length > LARGEST) return tooLarge();
      const updated = await this.database.transaction(tenant, (tx) =>
        tx.run(
          `update automation.kept_rows set data = data || $3::jsonb, updated_at = engine.now()
            where tenant = engine.tenant() and collection = $1 and row_id = $2 and data @> $4::jsonb`,
          [table, id, JSON.stringify(data), JSON.stringify(where)],
        ),
      );
      return { kind: 'done', output: { updated } };
    },
  };
}

const common = <Params extends object>(type: string, title: string, Params: new () => Params) => ({
  type,
  title,
  kind: 'data' as const,
  permission: 'automation.write' as const,
  Params,
  about: aboutOf(type),
});

const placeOf = (key: string): string => `automation/files/${createHash('sha256').update(key).digest('hex')}.json`;

const tooLarge = (): EffectResult => ({
  kind: 'failed',
  code: 'TOO_LARGE',
  reason: `at most ${LARGEST} characters are kept`,
});
