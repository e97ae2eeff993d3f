import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { eachOf, type BulkAnswer, BulkOutcomes } from '../bulk.js';
import { Items } from '../items.js';
import { checkOrg } from '../orgs.js';
import { OwnOrg } from '../own.org.js';
import { READERS, WRITERS } from '../roles.js';
import { insistOnChanges, refuseState } from '../rows.js';
import { Deleted, idIn, OfOrg } from '../workstream.dto.js';
import { checkScore, PursuitDesk } from './pursuit.desk.js';
import {
  ChangePursuit,
  CreatePursuit,
  ListPursuits,
  LosePursuit,
  MovePursuit,
  MovePursuits,
  PursuitNote,
  PursuitPage,
  PursuitView,
  StageReached,
  Submitted,
} from './pursuit.dto.js';
import { changePursuit, listPursuits, readPursuit } from './pursuit.entity.js';

/** Pursuits: deals that are worked for (R001-35, R001-38 to R001-40). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WRITERS)
@Controller('api/pursuits')
export class PursuitsController {
  constructor(
    private readonly database: Database,
    private readonly desk: PursuitDesk,
    private readonly items: Items,
  ) {}

  /** Begins a pursuit of a candidate that has none; usually a promotion does. */
  @Post()
  @ApiProblems('NOT_FOUND', 'WF007', 'OUT_OF_RANGE', 'IDEMPOTENCY_KEY_REUSED')
  create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreatePursuit,
    @IdempotencyKey() key: string | undefined,
  ): Promise<PursuitView> {
    return this.desk.create(caller, body, key);
  }

  /** One page, newest first. */
  @Get()
  @Roles(...READERS)
  list(@CurrentCaller() { tenant }: Caller, @Query() query: ListPursuits): Promise<PursuitPage> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      return listPursuits(tx, query);
    });
  }

  /** Moves many pursuits, each by itself and through its own gates. */
  @Post('bulk/stage')
  @HttpCode(200)
  bulk(
    @CurrentCaller() caller: Caller,
    @Body() { ids, ...move }: MovePursuits,
    @IdempotencyKey() key: string | undefined,
  ): Promise<BulkOutcomes> {
    return eachOf(ids, async (id): Promise<BulkAnswer> => ({
      state: (await this.desk.move(caller, id, move, key)).stage,
    }));
  }

  /** One pursuit. */
  @Get(':pursuit_id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  read(
    @CurrentCaller() { tenant }: Caller,
    @Param('pursuit_id') id: string,
    @Query() { org_id }: OfOrg,
  ): Promise<PursuitView> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      return readPursuit(tx, idIn('pursuit_id', id));
    });
  }

  /** Changes what is known about a pursuit, but not its stage. */
  @Put(':pursuit_id')
  @ApiProblems('NOT_FOUND', 'STATE_READ_ONLY', 'OUT_OF_RANGE')
  change(
    @CurrentCaller() { tenant }: Caller,
    @Param('pursuit_id') given: string,
    @Body() { org_id, pursuit_stage, ...changes }: ChangePursuit,
  ): Promise<PursuitView> {
    const id = idIn('pursuit_id', given);
    refuseState(pursuit_stage, 'pursuit_stage', 'POST /api/pursuits/:pursuit_id/stage');
    insistOnChanges(changes);
    checkScore(changes.compliance_score);
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      await changePursuit(tx, id, changes);
      return readPursuit(tx, id);
    });
  }

  /** Moves a pursuit along its table and through its gates (R001-38). */
  @Post(':pursuit_id/stage')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'INVALID_TRANSITION', 'GATE_BLOCKED')
  move(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') id: string,
    @Body() body: MovePursuit,
    @IdempotencyKey() key: string | undefined,
  ): Promise<StageReached> {
    return this.desk.move(caller, idIn('pursuit_id', id), body, key);
  }

  /** Submits it, which sends its newest proposal (R001-39). */
  @Post(':pursuit_id/submit')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'INVALID_TRANSITION', 'GATE_BLOCKED')
  submit(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') id: string,
    @Body() body: PursuitNote,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Submitted> {
    return this.desk.submit(caller, idIn('pursuit_id', id), body, key);
  }

  /** Ends it well (R001-40). */
  @Post(':pursuit_id/won')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'INVALID_TRANSITION', 'GATE_BLOCKED')
  win(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') id: string,
    @Body() body: PursuitNote,
    @IdempotencyKey() key: string | undefined,
  ): Promise<{ ok: true }> {
    return this.desk.win(caller, idIn('pursuit_id', id), body, key);
  }

  /** Ends it badly, with the reason (R001-40). */
  @Post(':pursuit_id/lost')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'INVALID_TRANSITION', 'GATE_BLOCKED')
  lose(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') id: string,
    @Body() body: LosePursuit,
    @IdempotencyKey() key: string | undefined,
  ): Promise<{ ok: true }> {
    return this.desk.lose(caller, idIn('pursuit_id', id), body, key);
  }

  /** Takes a pursuit away with all that belongs to it; its history stays. */
  @Delete(':pursuit_id')
  @ApiProblems('NOT_FOUND')
  remove(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') id: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<Deleted> {
    return this.items.remove(caller, 'pursuit', idIn('pursuit_id', id), { idempotencyKey });
  }
}
