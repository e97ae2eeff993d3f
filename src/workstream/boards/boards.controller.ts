import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { ListCandidates } from '../candidates/candidate.dto.js';
import { checkOrg } from '../orgs.js';
import { OwnOrg } from '../own.org.js';
import { ListPursuits } from '../pursuits/pursuit.dto.js';
import { READERS } from '../roles.js';
import { ListSignals, SignalPage } from '../signals/signal.dto.js';
import { listSignals } from '../signals/signal.entity.js';
import { CandidateBoard, PursuitBoard } from './boards.dto.js';
import { candidateBoard, pursuitBoard } from './boards.queries.js';

/** The boards of the pipeline (R001-43, R001-45). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...READERS)
@Controller('api/workstream')
export class BoardsController {
  constructor(private readonly database: Database) {}

  /** Signals, newest first. */
  @Get('signals')
  signals(@CurrentCaller() { tenant }: Caller, @Query() query: ListSignals): Promise<SignalPage> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      return listSignals(tx, query);
    });
  }

  /** Candidates, those first that have been left alone longest. */
  @Get('candidates')
  candidates(@CurrentCaller() { tenant }: Caller, @Query() query: ListCandidates): Promise<CandidateBoard> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      return candidateBoard(tx, query);
    });
  }

  /** Pursuits, those first that are due first. */
  @Get('pursuits')
  pursuits(@CurrentCaller() { tenant }: Caller, @Query() query: ListPursuits): Promise<PursuitBoard> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      return pursuitBoard(tx, query);
    });
  }
}
