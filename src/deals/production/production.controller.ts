import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ProductionContext } from '../../../machines/production.types.js';
import { CurrentCaller, seesEverything, type Caller } from '../../auth/caller.js';
import { EngineService } from '../../engine/engine.service.js';
import { Reading } from '../../engine/reading.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { CreateProduction, LineView, StartedProduction } from './production.dto.js';
import { ProductionDeals } from './production.entity.js';
import { lineFor } from './production.line.js';

/** Production deals: how they begin, and where they stand in the line for their pitch. */
@ApiTags('deals')
@Controller('api/workflows/production')
export class ProductionController {
  constructor(
    private readonly engine: EngineService,
    private readonly reading: Reading,
    private readonly deals: ProductionDeals,
    private readonly database: Database,
  ) {}

  /** Starts a production deal (R000-15). */
  @Post('create')
  @HttpCode(200)
  @ApiProblems('WF007', 'IDEMPOTENCY_KEY_REUSED')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateProduction,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<StartedProduction> {
    const ack = await this.engine.start(caller, 'production', { idempotencyKey, request: body }, (tx) =>
      this.deals.open(tx, caller, body),
    );
    return { ...ack, message: 'Production deal workflow started', note: 'Creator will be notified of your interest' };
  }

  /** Where a deal stands in the line for its pitch (R000-57, R000-58). A company is not told who else waits. */
  @Get(':id/line')
  @ApiProblems('WF001')
  async line(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<LineView> {
    const { context, parties } = await this.reading.read(caller, id, 'production');
    const { pitchId } = context as unknown as ProductionContext;
    const { line, ...view } = await this.database.transaction(caller.tenant, (tx) => lineFor(tx, id, pitchId));
    return seesEverything(caller) || parties['creator'] === caller.userId ? { ...view, line } : view;
  }
}
