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
import { ChangeSolution, CreateSolution, ListEntries, SolutionPage, SolutionView } from './catalog.dto.js';
import { addEntry, changeEntry, listEntries, SOLUTIONS, readEntry, removeEntry } from './catalog.entity.js';

/** What we offer (R001-13). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WAIVERS)
@Controller('api/workstream/solutions')
export class SolutionsController {
  constructor(private readonly database: Database) {}

  /** One page, in the order in which they were written. */
  @Get()
  @Roles(...READERS)
  list(@CurrentCaller() { tenant }: Caller, @Query() query: ListEntries): Promise<SolutionPage> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      return listEntries<SolutionView>(tx, SOLUTIONS, query);
    });
  }

  /** One solution. */
  @Get(':solution_id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  read(@CurrentCaller() { tenant }: Caller, @Param('solution_id') id: string): Promise<SolutionView> {
    return this.database.transaction(tenant, (tx) => readEntry<SolutionView>(tx, SOLUTIONS, idIn('solution_id', id)));
  }

  /** Adds a solution. */
  @Post()
  @ApiProblems('IN_USE', 'IDEMPOTENCY_KEY_REUSED')
  add(
    @CurrentCaller() caller: Caller,
    @Body() request: CreateSolution,
    @IdempotencyKey() key: string | undefined,
  ): Promise<SolutionView> {
    return this.database.transaction(caller.tenant, async (tx) => {
      await checkOrg(tx, request.org_id);
      return once(tx, caller, { scope: 'solutions', key, request }, () =>
        addEntry<SolutionView>(tx, SOLUTIONS, caller.userId, request),
      );
    });
  }

  /** Changes what is named; `is_active: false` takes it out of use. */
  @Put(':solution_id')
  @ApiProblems('NOT_FOUND', 'IN_USE')
  change(
    @CurrentCaller() { tenant }: Caller,
    @Param('solution_id') given: string,
    @Body() { org_id, ...changes }: ChangeSolution,
  ): Promise<SolutionView> {
    const id = idIn('solution_id', given);
    insistOnChanges(changes);
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      await changeEntry(tx, SOLUTIONS, id, changes);
      return readEntry<SolutionView>(tx, SOLUTIONS, id);
    });
  }

  /** Takes a solution away that nobody has chosen. */
  @Delete(':solution_id')
  @ApiProblems('NOT_FOUND', 'IN_USE')
  async remove(@CurrentCaller() { tenant }: Caller, @Param('solution_id') id: string): Promise<Deleted> {
    await this.database.transaction(tenant, (tx) => removeEntry(tx, SOLUTIONS, idIn('solution_id', id)));
    return { deleted: 1 };
  }
}
