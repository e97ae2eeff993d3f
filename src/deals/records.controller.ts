import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiConsumes, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { audit } from '../engine/store/audit.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { decodeCursor, encodeCursor, PageQuery } from '../platform/paging.js';
import { ImportQuery, ImportRecords, ImportReport } from './records.import.dto.js';
import { check, readCsv, type ImportRow } from './records.import.js';
import { RECORD_KINDS, RECORDS, type RecordKind, type RecordType } from './records.kinds.js';
import { CompanyPage, CreatorPage, InvestorPage, PitchPage, RequesterPage } from './records.pages.dto.js';

/** Rows stored in one transaction. */
const CHUNK = 500;
const MOST_ERRORS = 1_000;

/** The records that deals are about, many at a time: lists, and imports from the tenant's own systems. */
@ApiTags('admin')
@Roles('admin', 'service')
@Controller('admin')
export class RecordsController {
  constructor(private readonly database: Database) {}

  /** Every investor, by id. */
  @Get('investors')
  investors(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<InvestorPage> {
    return this.page(caller, 'investors', query);
  }

  /** Every creator, by id. */
  @Get('creators')
  creators(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<CreatorPage> {
    return this.page(caller, 'creators', query);
  }

  /** Every pitch, by id. */
  @Get('pitches')
  pitches(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<PitchPage> {
    return this.page(caller, 'pitches', query);
  }

  /** Every production company, by id. */
  @Get('companies')
  companies(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<CompanyPage> {
    return this.page(caller, 'companies', query);
  }

  /** Every requester of NDAs, by id. */
  @Get('requesters')
  requesters(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<RequesterPage> {
    return this.page(caller, 'requesters', query);
  }

  /**
   * Stores many records as they are now; those that are wrong are named and left out, the others are stored. Doing it again
   * changes nothing. At most 10,000 records in 1 MB.
   */
  @Post('import/:kind')
  @HttpCode(200)
  @RouteConfig({ accepts: 'text/csv' })
  @ApiConsumes('application/json', 'text/csv')
  @ApiOkResponse({ type: ImportReport })
  @ApiProblems('NOT_FOUND', 'UNSUPPORTED_MEDIA_TYPE', 'PAYLOAD_TOO_LARGE')
  async import(
    @CurrentCaller() caller: Caller,
    @Param('kind') kind: string,
    @Query() { dryRun }: ImportQuery,
    @Body() { records, csv }: ImportRecords,
  ): Promise<ImportReport> {
    const type = typeOf(kind);
    if ((records === undefined) === (csv === undefined))
      throw refuse('WF006', { detail: 'Send records, or a table as text/csv; not both, not neither.' });
    const rows = check(csv === undefined ? (records ?? []) : readCsv(csv, type), type);
    if (!dryRun) await this.store(caller, kind, type, rows);
    const wrong = rows.flatMap((row) => ('errors' in row ? [row] : []));
    const stored = rows.length - wrong.length;
    return { dryRun, total: rows.length, stored, failed: wrong.length, errors: wrong.slice(0, MOST_ERRORS) };
  }

  private async store({ tenant, userId }: Caller, kind: string, type: RecordType, rows: readonly ImportRow[]) {
    const { put, isAlone = false } = type;
    const size = isAlone ? 1 : CHUNK;
    const good = rows.flatMap((row) => ('record' in row ? [row] : []));
    for (let at = 0; at < good.length; at += size) {
      await this.database.transaction(tenant, async (tx) => {
        // In one order, so that two imports at once cannot wait for each other.
        const chunk = good.slice(at, at + size).sort((one, other) => (one.id < other.id ? -1 : 1));
        for (const { id, record } of chunk) await put(tx, id, record as never);
      });
    }
    const details = { stored: good.length, failed: rows.length - good.length };
    await this.database.transaction(tenant, (tx) =>
      audit(tx, { actor: userId, action: 'import', target: kind, reason: 'import of records', details }),
    );
  }

  private page<View extends { id: string }>({ tenant }: Caller, kind: RecordKind, query: PageQuery) {
    return this.database.transaction(tenant, (tx) => pageOf<View>(tx, kind, query));
  }
}

function typeOf(kind: string): RecordType {
  const known = RECORD_KINDS.find((name) => name === kind);
  if (known === undefined) throw refuse('NOT_FOUND', { detail: `There are: ${RECORD_KINDS.join(', ')}.` });
  return RECORDS[known];
}

async function pageOf<View extends { id: string }>(tx: Tx, kind: RecordKind, { limit, cursor }: PageQuery) {
  const after = decodeCursor(cursor, { id: 'id' });
  const data = await tx.query<View>(
    `select ${RECORDS[kind].columns} from deals.${kind}
      where tenant = engine.tenant() and ($1::text is null or id > $1) order by id limit $2`,
    [after?.id ?? null, limit],
  );
  const counted = await tx.one<{ total: number }>(
    `select count(*) as total from deals.${kind} where tenant = engine.tenant()`,
  );
  const last = data.length === limit ? data.at(-1) : undefined;
  return { data, nextCursor: last ? encodeCursor({ id: last.id }) : null, total: counted?.total ?? 0 };
}
