import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { EngineService } from '../../engine/engine.service.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { StartedDeal } from '../deals.dto.js';
import { CreateNda } from './nda.dto.js';
import { Ndas } from './nda.entity.js';

/** NDAs: how they begin. */
@ApiTags('deals')
@Controller('api/workflows/nda')
export class NdaController {
  constructor(
    private readonly engine: EngineService,
    private readonly ndas: Ndas,
  ) {}

  /** Asks for an NDA (R000-16). */
  @Post('create')
  @HttpCode(200)
  @ApiProblems('WF007', 'IDEMPOTENCY_KEY_REUSED')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateNda,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<StartedDeal> {
    const ack = await this.engine.start(caller, 'nda', { idempotencyKey, request: body }, (tx) =>
      this.ndas.open(tx, caller, body),
    );
    return { ...ack, message: 'NDA workflow started', estimatedProcessingTime: estimateFor(body) };
  }
}

const IMMEDIATE = 'Immediate for standard NDAs';
/** What has to be read by somebody takes its time. */
const estimateFor = ({ templateId = 'standard', customTerms = {} }: CreateNda): string =>
  templateId === 'standard' && Object.keys(customTerms).length === 0
    ? IMMEDIATE
    : `${IMMEDIATE}, 24-48 hours for custom terms`;
