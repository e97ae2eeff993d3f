import { Body, Controller, Delete, Get, Param, Post, Put, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { once } from '../once.js';
import { OwnOrg } from '../own.org.js';
import { READERS, WRITERS } from '../roles.js';
import { Deleted, idIn } from '../workstream.dto.js';
import { AddCost, CostList, CostView, EstimateList, EstimateView, PutEstimate } from './effort.dto.js';
import { addCost, costsOf, estimatesOf, putEstimate, removeCost, removeEstimate } from './effort.entity.js';

/** What winning a pursuit costs, and what its work is expected to take (R001-10). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WRITERS)
@Controller('api/pursuits/:pursuit_id')
export class EffortController {
  constructor(private readonly database: Database) {}

  /** The cost of sale, entry by entry. */
  @Get('cos')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  costs(@CurrentCaller() caller: Caller, @Param('pursuit_id') id: string): Promise<CostList> {
    return this.within(caller, (tx) => costsOf(tx, idIn('pursuit_id', id)));
  }

  /** Adds an entry to the cost of sale. */
  @Post('cos')
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  addCost(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') given: string,
    @Body() request: AddCost,
    @IdempotencyKey() key: string | undefined,
  ): Promise<CostView> {
    const id = idIn('pursuit_id', given);
    return this.within(caller, (tx) =>
      once(tx, caller, { scope: `pursuit:${id}:cos`, key, request }, () => addCost(tx, id, caller.userId, request)),
    );
  }

  /** Takes an entry away. */
  @Delete('cos/:entry_id')
  @ApiProblems('NOT_FOUND')
  async removeCost(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') id: string,
    @Param('entry_id') entry: string,
  ): Promise<Deleted> {
    await this.within(caller, (tx) => removeCost(tx, idIn('pursuit_id', id), idIn('entry_id', entry)));
    return { deleted: 1 };
  }

  /** The estimates, role by role, with the hours that PERT expects. */
  @Get('estimates')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  estimates(@CurrentCaller() caller: Caller, @Param('pursuit_id') id: string): Promise<EstimateList> {
    return this.within(caller, (tx) => estimatesOf(tx, idIn('pursuit_id', id)));
  }

  /** Writes the estimate of a role. */
  @Put('estimates/:role')
  @ApiProblems('NOT_FOUND')
  estimate(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') id: string,
    @Param('role') role: string,
    @Body() body: PutEstimate,
  ): Promise<EstimateView> {
    return this.within(caller, (tx) => putEstimate(tx, idIn('pursuit_id', id), roleIn(role), body));
  }

  /** Takes the estimate of a role away. */
  @Delete('estimates/:role')
  @ApiProblems('NOT_FOUND')
  async removeEstimate(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') id: string,
    @Param('role') role: string,
  ): Promise<Deleted> {
    await this.within(caller, (tx) => removeEstimate(tx, idIn('pursuit_id', id), roleIn(role)));
    return { deleted: 1 };
  }

  private within<T>({ tenant }: Caller, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(tenant, work);
  }
}

function roleIn(text: string): string {
  if (text.length > 100 || text.trim() === '')
    throw refuse('WF006', { errors: [{ field: 'role', message: 'must have 1 to 100 characters' }] });
  return text;
}
