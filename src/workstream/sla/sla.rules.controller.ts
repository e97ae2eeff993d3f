import { Body, Controller, Delete, Get, HttpStatus, Param, Post, Put, Query, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { OwnOrg } from '../own.org.js';
import { idIn, OfOrg } from '../workstream.dto.js';
import { READERS } from '../roles.js';
import { ChangeSlaRule, PutSlaRule, SlaRuleChanged, SlaRuleList, SlaRuleView } from './sla.dto.js';
import { SlaRules } from './sla.rules.js';

/** How long items of the pipeline may wait, and for what (R001-14, R001-54). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...READERS)
@Controller('api/sla/rules')
export class SlaRulesController {
  constructor(private readonly rules: SlaRules) {}

  /** Every rule, those of the product included until they are changed. */
  @Get()
  @ApiProblems('WF005')
  async list(@CurrentCaller() caller: Caller, @Query() { org_id }: OfOrg): Promise<SlaRuleList> {
    return { data: await this.rules.list(caller, org_id) };
  }

  /** Writes a rule: 201 when it is new, 200 when the matter had one from the same day. Clocks that run already follow by a job. */
  @Post()
  @Roles('admin', 'operator')
  @ApiProblems('WF005')
  async put(
    @CurrentCaller() caller: Caller,
    @Body() body: PutSlaRule,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SlaRuleChanged> {
    const { rule, isNew } = await this.rules.put(caller, body);
    void reply.status(isNew ? HttpStatus.CREATED : HttpStatus.OK);
    return rule;
  }

  /** One rule. */
  @Get(':rule_id')
  @ApiProblems('NOT_FOUND')
  find(@CurrentCaller() caller: Caller, @Param('rule_id') ruleId: string): Promise<SlaRuleView> {
    return this.rules.find(caller, idIn('rule_id', ruleId));
  }

  /** Changes what is named. Clocks that run already follow by a job. */
  @Put(':rule_id')
  @Roles('admin', 'operator')
  @ApiProblems('NOT_FOUND')
  change(
    @CurrentCaller() caller: Caller,
    @Param('rule_id') ruleId: string,
    @Body() body: ChangeSlaRule,
  ): Promise<SlaRuleChanged> {
    return this.rules.change(caller, idIn('rule_id', ruleId), body);
  }

  /** Takes a rule out of use. Breaches that it has raised stay. */
  @Delete(':rule_id')
  @Roles('admin', 'operator')
  @ApiProblems('NOT_FOUND')
  retire(@CurrentCaller() caller: Caller, @Param('rule_id') ruleId: string): Promise<SlaRuleChanged> {
    return this.rules.change(caller, idIn('rule_id', ruleId), { is_active: false });
  }
}
