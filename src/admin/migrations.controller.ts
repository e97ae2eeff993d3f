import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Acknowledged } from '../engine/instances.answers.dto.js';
import { Migrating } from '../engine/migrating.js';
import { IdempotencyKey } from '../platform/http.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { Reason } from './admin.dto.js';
import { MoveAnswer } from './answers.dto.js';
import { ApplyMigration, MigrationReport, PlanMigration } from './migrations.dto.js';
import { Migrations } from './migrations.js';

/** Running instances on their way to the newest version of their lifecycle. Every move is in their history, and audited. */
@ApiTags('admin')
@Roles('admin')
@Controller('admin')
export class MigrationsController {
  constructor(
    private readonly migrating: Migrating,
    private readonly migrations: Migrations,
  ) {}

  /** How the running instances of a lifecycle would fare; nothing is moved. */
  @Post('migrations/plan')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND')
  plan(@CurrentCaller() caller: Caller, @Body() { lifecycle, limit, cursor }: PlanMigration): Promise<MigrationReport> {
    return this.migrations.some(caller, lifecycle, { reason: null, limit, cursor: cursor ?? null });
  }

  /** Moves those that can be moved, as many as are asked for. Asking again goes on; what is moved already is not moved again. */
  @Post('migrations/apply')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND')
  apply(
    @CurrentCaller() caller: Caller,
    @Body() { lifecycle, reason, limit, cursor }: ApplyMigration,
  ): Promise<MigrationReport> {
    return this.migrations.some(caller, lifecycle, { reason, limit, cursor: cursor ?? null });
  }

  /** What moving one instance would come to. */
  @Get('workflows/:id/migration')
  @ApiProblems('WF001')
  preview(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<MoveAnswer> {
    return this.migrating.plan(caller, id);
  }

  /** Moves one instance to the newest version. */
  @Post('workflows/:id/migrate')
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  migrate(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { reason }: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Acknowledged> {
    return this.migrating.migrate(caller, id, reason, key);
  }

  /** Takes the last move back, as long as nothing has happened since. */
  @Post('workflows/:id/migrate/undo')
  @HttpCode(200)
  @ApiProblems('WF001', 'WF002', 'IDEMPOTENCY_KEY_REUSED')
  undo(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { reason }: Reason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<Acknowledged> {
    return this.migrating.undo(caller, id, reason, key);
  }
}
