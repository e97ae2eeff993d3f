import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { refuse } from '../../platform/errors.js';
import { IdempotencyKey } from '../../platform/http.js';
import { uploadOf } from '../../platform/http.upload.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { OwnOrg } from '../own.org.js';
import { READERS, WRITERS } from '../roles.js';
import { ImportErrorPage, ImportQuery, ImportSignals, ImportView, ListImportErrors } from './import.dto.js';
import { SignalImports } from './signal.imports.js';

/** Files of signals. */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WRITERS)
@Controller('api/signals/import')
export class ImportController {
  constructor(private readonly imports: SignalImports) {}

  /**
   * Takes a CSV file, as `text/csv` or as a field of JSON; its rows come in one after the other, whatever happens to the service
   * meanwhile. At most 100,000 rows: in 32 MB as `text/csv`, in 1 MB as a field.
   */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @RouteConfig({ accepts: 'text/csv', streams: true })
  @ApiConsumes('application/json', 'text/csv')
  @ApiProblems('UNSUPPORTED_MEDIA_TYPE', 'PAYLOAD_TOO_LARGE', 'IDEMPOTENCY_KEY_REUSED')
  start(
    @CurrentCaller() caller: Caller,
    @Query() asked: ImportQuery,
    @Body() body: ImportSignals,
    @IdempotencyKey() key: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<ImportView> {
    const { csv, org_id = asked.org_id, source_type = asked.source_type } = body;
    const file = csv === undefined ? uploadOf(request) : Readable.from([Buffer.from(csv)]);
    if (!file) throw refuse('WF006', { errors: [{ field: 'csv', message: 'csv must be the file, as text' }] });
    return this.imports.start(caller, file, { org_id, source_type }, key);
  }

  /** How far the file is, and what was wrong with its rows. */
  @Get(':import_id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  view(@CurrentCaller() caller: Caller, @Param('import_id') id: string): Promise<ImportView> {
    return this.imports.view(caller, id);
  }

  /** Every row that was not taken in, in the order of the file. */
  @Get(':import_id/errors')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  errors(
    @CurrentCaller() caller: Caller,
    @Param('import_id') id: string,
    @Query() query: ListImportErrors,
  ): Promise<ImportErrorPage> {
    return this.imports.errors(caller, id, query);
  }
}
