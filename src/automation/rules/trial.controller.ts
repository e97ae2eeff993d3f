import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { WRITERS } from '../roles.js';
import { Trial } from './trial.js';
import { RuleTried, TryRule } from './trial.dto.js';

/** Rules, tried without consequences (R001-77). */
@ApiTags('automation')
@Roles(...WRITERS)
@Controller('api/automation/test')
export class TrialController {
  constructor(private readonly trial: Trial) {}

  /** Says what an event would make a rule do, and why. Nothing is stored, nothing is done. */
  @Post()
  @HttpCode(200)
  @ApiProblems('WF006', 'WF005', 'NOT_FOUND')
  try(@CurrentCaller() caller: Caller, @Body() body: TryRule): Promise<RuleTried> {
    return this.trial.run(caller, body);
  }
}
