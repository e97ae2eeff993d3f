import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IsString, MaxLength, MinLength } from 'class-validator';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { PlanAnswer } from './foresight.dto.js';
import { Planning } from './planning.js';

/** Query of `GET /api/instances/:id/plan`. */
export class PlanQuery {
  /** State, `STATE.phase` or tag. */
  @IsString() @MinLength(1) @MaxLength(200) goal!: string;
}

/** How an instance gets where somebody wants it. */
@ApiTags('instances')
@Controller('api/instances')
export class PlanningController {
  constructor(private readonly planning: Planning) {}

  /** The shortest way to a state or tag: each step with who brings it about and what has to be so, and what could not be decided beforehand. */
  @Get(':id/plan')
  @ApiProblems('WF001', 'INSTANCE_QUARANTINED')
  plan(@CurrentCaller() caller: Caller, @Param('id') id: string, @Query() { goal }: PlanQuery): Promise<PlanAnswer> {
    return this.planning.plan(caller, id, goal);
  }
}
