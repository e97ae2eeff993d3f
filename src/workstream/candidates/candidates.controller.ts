import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Put,
  Query,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
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
import { CandidateDesk } from './candidate.desk.js';
import {
  CandidatePage,
  CandidateView,
  ChangeCandidate,
  CreateCandidate,
  LinkSignals,
  ListCandidates,
  MoveCandidate,
  MoveCandidates,
  Moved,
  Promoted,
} from './candidate.dto.js';
import { changeCandidate, listCandidates, readCandidate } from './candidate.entity.js';

/** Candidates: leads that somebody takes seriously (R001-35 to R001-37). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WRITERS)
@Controller('api/candidates')
export class CandidatesController {
  constructor(
    private readonly database: Database,
    private readonly desk: CandidateDesk,
    private readonly items: Items,
  ) {}

  /** Begins a candidate, with the signals it is made of. */
  @Post()
  @ApiProblems('NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateCandidate,
    @IdempotencyKey() key: string | undefined,
  ): Promise<CandidateView> {
    return this.desk.create(caller, body, key);
  }

  /** One page, newest first. */
  @Get()
  @Roles(...READERS)
  list(@CurrentCaller() { tenant }: Caller, @Query() query: ListCandidates): Promise<CandidatePage> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      return listCandidates(tx, query);
    });
  }

  /** Moves many candidates, each by itself. */
  @Post('bulk/status')
  @HttpCode(200)
  bulk(
    @CurrentCaller() caller: Caller,
    @Body() { ids, ...move }: MoveCandidates,
    @IdempotencyKey() key: string | undefined,
  ): Promise<BulkOutcomes> {
    return eachOf(ids, async (id): Promise<BulkAnswer> => ({
      state: (await this.desk.move(caller, id, move, key)).status,
    }));
  }

  /** One candidate. */
  @Get(':candidate_id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  read(
    @CurrentCaller() { tenant }: Caller,
    @Param('candidate_id') id: string,
    @Query() { org_id }: OfOrg,
  ): Promise<CandidateView> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      return readCandidate(tx, idIn('candidate_id', id));
    });
  }

  /** Changes what is known about a candidate, but not its status. */
  @Put(':candidate_id')
  @ApiProblems('NOT_FOUND', 'STATE_READ_ONLY')
  change(
    @CurrentCaller() { tenant }: Caller,
    @Param('candidate_id') given: string,
    @Body() { org_id, status, ...changes }: ChangeCandidate,
  ): Promise<CandidateView> {
    const id = idIn('candidate_id', given);
    refuseState(status, 'status', 'POST /api/candidates/:candidate_id/status');
    insistOnChanges(changes);
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      await changeCandidate(tx, id, changes);
      return readCandidate(tx, id);
    });
  }

  /** Moves a candidate along its table (R001-36). */
  @Post(':candidate_id/status')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'INVALID_TRANSITION')
  move(
    @CurrentCaller() caller: Caller,
    @Param('candidate_id') id: string,
    @Body() body: MoveCandidate,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Moved> {
    return this.desk.move(caller, idIn('candidate_id', id), body, key);
  }

  /** Makes a pursuit of it: 201, or 200 when it has become one before (R001-37). */
  @Post(':candidate_id/promote')
  @ApiCreatedResponse({ type: Promoted })
  @ApiOkResponse({ type: Promoted, description: 'It has become this pursuit before' })
  @ApiProblems('NOT_FOUND', 'INVALID_TRANSITION')
  async promote(
    @CurrentCaller() caller: Caller,
    @Param('candidate_id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Promoted> {
    const { pursuit_id, isNew } = await this.desk.promote(caller, idIn('candidate_id', id), key);
    void reply.status(isNew ? HttpStatus.CREATED : HttpStatus.OK);
    return { pursuit_id };
  }

  /** Adds signals to it, which touches them (R001-56). */
  @Post(':candidate_id/signals')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'WF002')
  async link(
    @CurrentCaller() caller: Caller,
    @Param('candidate_id') given: string,
    @Body() { signal_ids }: LinkSignals,
    @IdempotencyKey() key: string | undefined,
  ): Promise<{ ok: true; linked: number }> {
    const id = idIn('candidate_id', given);
    await this.items.instanceOf(caller, 'candidate', id);
    await this.desk.link(caller, id, signal_ids, key);
    return { ok: true, linked: signal_ids.length };
  }

  /** Takes a candidate away that has no pursuit; its history stays. */
  @Delete(':candidate_id')
  @ApiProblems('NOT_FOUND', 'IN_USE')
  remove(
    @CurrentCaller() caller: Caller,
    @Param('candidate_id') id: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<Deleted> {
    return this.items.remove(caller, 'candidate', idIn('candidate_id', id), { idempotencyKey });
  }
}
