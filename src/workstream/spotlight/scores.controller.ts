import { Body, Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { refuse } from '../../platform/errors.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { OwnOrg } from '../own.org.js';
import { idIn } from '../workstream.dto.js';
import { READERS, WRITERS } from '../roles.js';
import { ItemScores, Rescore } from './scores.dto.js';
import { Scores } from './scores.js';
import type { Scored } from './scores.store.js';

const SCORED: readonly Scored[] = ['signal', 'candidate'];

/** What kind of item an address names. @throws NOT_FOUND */
function scoredIn(text: string): Scored {
  const found = SCORED.find((kind) => kind === text);
  if (!found) throw refuse('NOT_FOUND', { detail: 'Scores are of signals and candidates.' });
  return found;
}

/** How well signals and candidates fit (R001-53, R001-72). */
@ApiTags('spotlights')
@UseGuards(OwnOrg)
@Roles(...READERS)
@Controller('api/workstream/spotlight-scores')
export class ScoresController {
  constructor(private readonly scores: Scores) {}

  /** Scores of an item with what they are made of, and how they came to be. */
  @Get(':item_type/:item_id')
  @ApiParam({ name: 'item_type', enum: [...SCORED] })
  @ApiProblems('NOT_FOUND')
  of(
    @CurrentCaller() caller: Caller,
    @Param('item_type') itemType: string,
    @Param('item_id') itemId: string,
  ): Promise<ItemScores> {
    return this.scores.of(caller, scoredIn(itemType), idIn('item_id', itemId));
  }

  /** Works the scores of an item out again, or sets one by hand. */
  @Post(':item_type/:item_id/rescore')
  @HttpCode(200)
  @Roles(...WRITERS)
  @ApiParam({ name: 'item_type', enum: [...SCORED] })
  @ApiProblems('NOT_FOUND', 'WF005')
  rescore(
    @CurrentCaller() caller: Caller,
    @Param('item_type') itemType: string,
    @Param('item_id') itemId: string,
    @Body() body: Rescore,
  ): Promise<ItemScores> {
    return this.scores.rescore(caller, scoredIn(itemType), idIn('item_id', itemId), body);
  }
}
