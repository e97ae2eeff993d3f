import { Body, Controller, Delete, Get, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { once } from '../once.js';
import { checkOrg } from '../orgs.js';
import { OwnOrg } from '../own.org.js';
import { READERS, WAIVERS } from '../roles.js';
import { insistOnChanges } from '../rows.js';
import { Deleted, idIn } from '../workstream.dto.js';
import { ChangeProblem, CreateProblem, ListEntries, ProblemPage, ProblemView } from './catalog.dto.js';
import { addEntry, changeEntry, listEntries, PROBLEMS, readEntry, removeEntry } from './catalog.entity.js';

/** What prospects need (R001-13). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WAIVERS)
@Controller('api/workstream/problems')
export class ProblemsController {
  constructor(private readonly database: Database) {}

  /** One page, in the order in which they were written. */
  @Get()
  @Roles(...READERS)
  list(@CurrentCaller() { tenant }: Caller, @Query() query: ListEntries): Promise<ProblemPage> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      return listEntries<ProblemView>(tx, PROBLEMS, query);
    });
  }

  /** One problem. */
  @Get(':problem_id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  read(@CurrentCaller() { tenant }: Caller, @Param('problem_id') id: string): Promise<ProblemView> {
    return this.database.transaction(tenant, (tx) => readEntry<ProblemView>(tx, PROBLEMS, idIn('problem_id', id)));
  }

  /** Adds a problem. */
  @Post()
  @ApiProblems('IN_USE', 'IDEMPOTENCY_KEY_REUSED')
  add(
    @CurrentCaller() caller: Caller,
    @Body() request: CreateProblem,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ProblemView> {
    return this.database.transaction(caller.tenant, async (tx) => {
      await checkOrg(tx, request.org_id);
      return once(tx, caller, { scope: 'problems', key, request }, () =>
        addEntry<ProblemView>(tx, PROBLEMS, caller.userId, request),
      );
    });
  }

  /** Changes what is named; `is_active: false` takes it out of use. */
  @Put(':problem_id')
  @ApiProblems('NOT_FOUND', 'IN_USE')
  change(
    @CurrentCaller() { tenant }: Caller,
    @Param('problem_id') given: string,
    @Body() { org_id, ...changes }: ChangeProblem,
  ): Promise<ProblemView> {
    const id = idIn('problem_id', given);
    insistOnChanges(changes);
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      await changeEntry(tx, PROBLEMS, id, changes);
      return readEntry<ProblemView>(tx, PROBLEMS, id);
    });
  }

  /** Takes a problem away that nobody has chosen. */
  @Delete(':problem_id')
  @ApiProblems('NOT_FOUND', 'IN_USE')
  async remove(@CurrentCaller() { tenant }: Caller, @Param('problem_id') id: string): Promise<Deleted> {
    await this.database.transaction(tenant, (tx) => removeEntry(tx, PROBLEMS, idIn('problem_id', id)));
    return { deleted: 1 };
  }
}
