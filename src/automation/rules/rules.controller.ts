import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../../platform/paging.js';
import { numberIn } from '../numbers.js';
import { READERS, WRITERS } from '../roles.js';
import { ChangeRule, CreateRule, ListRules, RuleDeleted, RulePage, RuleView } from './rule.dto.js';
import { Rules } from './rules.js';

/** What is to be done when something happens, or when it is time (R001-75, R001-77). */
@ApiTags('automation')
@Roles(...WRITERS)
@Controller('api/automation/rules')
export class RulesController {
  constructor(private readonly rules: Rules) {}

  /** Makes a rule. Its actions are done with the rights of whoever wrote it. */
  @Post()
  @ApiProblems('WF006', 'WF005', 'IDEMPOTENCY_KEY_REUSED')
  create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateRule,
    @IdempotencyKey() key: string | undefined,
  ): Promise<RuleView> {
    return this.rules.create(caller, body, key);
  }

  /** One page, oldest first. */
  @Get()
  @Roles(...READERS)
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor, is_enabled, event_type }: ListRules,
  ): Promise<RulePage> {
    const after = Number(decodeCursor(cursor, { id: 'number' })?.id ?? 0);
    const filter = {
      isEnabled: is_enabled === undefined ? null : is_enabled === 'true',
      eventType: event_type ?? null,
    };
    const data = await this.rules.list(caller, filter, after, limit);
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ id: String(last.rule_id) }) : null };
  }

  /** One rule. */
  @Get(':rule_id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  read(@CurrentCaller() caller: Caller, @Param('rule_id') id: string): Promise<RuleView> {
    return this.rules.read(caller, numberIn('rule_id', id));
  }

  /** Changes what is named; what the rule has set off goes on as it was. */
  @Patch(':rule_id')
  @ApiProblems('WF006', 'WF005', 'NOT_FOUND')
  change(@CurrentCaller() caller: Caller, @Param('rule_id') id: string, @Body() body: ChangeRule): Promise<RuleView> {
    return this.rules.change(caller, numberIn('rule_id', id), body);
  }

  /** Takes a rule away. What it has set off goes on, and its log stays. */
  @Delete(':rule_id')
  @ApiProblems('NOT_FOUND', 'WF005')
  async remove(@CurrentCaller() caller: Caller, @Param('rule_id') id: string): Promise<RuleDeleted> {
    await this.rules.remove(caller, numberIn('rule_id', id));
    return { deleted: 1 };
  }
}
