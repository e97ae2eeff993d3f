import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { InvestmentContext } from '../../../machines/investment.types.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { EngineService } from '../../engine/engine.service.js';
import { Reading } from '../../engine/reading.js';
import { refuse } from '../../platform/errors.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { StartedDeal } from '../deals.dto.js';
import { CreateInvestment, PaymentView } from './investment.dto.js';
import { InvestmentDeals } from './investment.entity.js';
import { InvestmentMoney } from './investment.money.js';

/** Investments: how they begin, and how they are paid. */
@ApiTags('deals')
@Controller('api/workflows/investment')
export class InvestmentController {
  constructor(
    private readonly engine: EngineService,
    private readonly reading: Reading,
    private readonly deals: InvestmentDeals,
    private readonly money: InvestmentMoney,
  ) {}

  /** Starts an investment (R000-13). */
  @Post('create')
  @HttpCode(200)
  @ApiProblems('WF007', 'IDEMPOTENCY_KEY_REUSED')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateInvestment,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<StartedDeal> {
    const ack = await this.engine.start(caller, 'investment', { idempotencyKey, request: body }, (tx) =>
      this.deals.open(tx, caller, body),
    );
    return { ...ack, message: 'Investment deal workflow started', estimatedProcessingTime: '7-14 days' };
  }

  /** What the investor's browser completes the payment with (R000-40). Only the investor gets it. */
  @Get(':id/payment')
  @ApiProblems('WF001', 'NOT_FOUND', 'WF004')
  async payment(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<PaymentView> {
    const { context, parties } = await this.reading.read(caller, id, 'investment');
    if (parties['investor'] !== caller.userId)
      throw refuse('WF005', { detail: 'The payment is between the investor and the provider.' });
    const { transactionId } = context as unknown as InvestmentContext;
    if (transactionId === null) throw refuse('NOT_FOUND', { detail: 'There is nothing to pay by card at the moment.' });
    const outcome = await this.money.payment(transactionId);
    if (outcome.kind !== 'done') throw refuse('WF004', { detail: 'The payment provider did not answer.' });
    const { clientSecret, status, amountMinor, currency } = outcome.output;
    return { transactionId, clientSecret, status, amountMinor, currency };
  }
}
