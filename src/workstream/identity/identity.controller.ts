import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { once } from '../once.js';
import { checkOrg } from '../orgs.js';
import { OwnOrg } from '../own.org.js';
import { READERS, WRITERS } from '../roles.js';
import { idIn, OfOrg } from '../workstream.dto.js';
import { ConflictPage, ConflictView, IdentityStatus, ListConflicts, ResolveConflict } from './identity.dto.js';
import { identityStatus, listConflicts, resolveConflict, rollBack } from './identity.queries.js';

/** Who signals are from (R001-19, R001-53). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WRITERS)
@Controller('api/workstream')
export class IdentityController {
  constructor(private readonly database: Database) {}

  /** Signals whose address says one person and whose number another, newest first. */
  @Get('identity-conflicts')
  @Roles(...READERS)
  conflicts(@CurrentCaller() { tenant }: Caller, @Query() query: ListConflicts): Promise<ConflictPage> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      return listConflicts(tx, query);
    });
  }

  /** Decides a conflict: one person, or two. */
  @Post('identity-conflicts/:conflict_id/resolve')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'WF007')
  resolve(
    @CurrentCaller() caller: Caller,
    @Param('conflict_id') given: string,
    @Body() request: ResolveConflict,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ConflictView> {
    const id = idIn('conflict_id', given);
    return this.database.transaction(caller.tenant, (tx) =>
      once(tx, caller, { scope: `conflict:${id}`, key, request }, () =>
        resolveConflict(tx, id, caller.userId, request.resolution),
      ),
    );
  }

  /** Takes a merge back; the conflict is open again. */
  @Post('identity-conflicts/:conflict_id/rollback')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND')
  rollBack(
    @CurrentCaller() caller: Caller,
    @Param('conflict_id') given: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ConflictView> {
    const id = idIn('conflict_id', given);
    return this.database.transaction(caller.tenant, (tx) =>
      once(tx, caller, { scope: `conflict:${id}:rollback`, key, request: {} }, () => rollBack(tx, id, caller.userId)),
    );
  }

  /** How far signals are told apart by who they are from. */
  @Get('identity-status')
  @Roles(...READERS)
  status(@CurrentCaller() { tenant }: Caller, @Query() { org_id }: OfOrg): Promise<IdentityStatus> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      return identityStatus(tx);
    });
  }
}
