import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { Digits } from '../platform/paging.js';
import { IsMoment } from '../platform/validation.js';
import { ChangesAnswer, PastInstance } from './foresight.dto.js';
import { Recalling } from './recalling.js';

const MOST_REVISIONS = 1_000_000_000;

/** Query of `GET /api/instances/:id/as-of`; the latest when both are left out. */
export class AsOfQuery {
  /** The instance as it was at this time. */
  @IsOptional() @IsMoment() at?: string;
  /** The instance as it was at this revision. */
  @IsOptional() @Digits() @IsInt() @Min(1) @Max(MOST_REVISIONS) revision?: number;
}

/** Query of `GET /api/instances/:id/changes`. */
export class ChangesQuery {
  /** The revision that you know. */
  @Digits() @IsInt() @Min(1) @Max(MOST_REVISIONS) since!: number;
}

/** What instances were. */
@ApiTags('instances')
@Controller('api/instances')
export class RecallingController {
  constructor(private readonly recalling: Recalling) {}

  /** The instance as it was at a time or a revision, worked out from its history. */
  @Get(':id/as-of')
  @ApiProblems('WF001', 'NOT_FOUND', 'INSTANCE_QUARANTINED')
  asOf(@CurrentCaller() caller: Caller, @Param('id') id: string, @Query() when: AsOfQuery): Promise<PastInstance> {
    return this.recalling.asOf(caller, id, when);
  }

  /** What happened since the revision that you know, and what the instance remembers otherwise. */
  @Get(':id/changes')
  @ApiProblems('WF001', 'NOT_FOUND', 'INSTANCE_QUARANTINED')
  changes(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { since }: ChangesQuery,
  ): Promise<ChangesAnswer> {
    return this.recalling.changes(caller, id, since);
  }
}
