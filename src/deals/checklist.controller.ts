import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { maySend } from '../engine/core/permission.js';
import { Reading } from '../engine/reading.js';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { Checklist, TickItem } from './checklist.dto.js';
import { DILIGENCE_CHECKLIST, entriesOf, tick } from './investment/investment.checklist.js';

/** The due-diligence checklist that gates the way to COMMITMENT (R000-37). */
@ApiTags('deals')
@Controller('api/workflows/investment/:id/checklist')
export class ChecklistController {
  constructor(
    private readonly reading: Reading,
    private readonly database: Database,
  ) {}

  /** Every item, open or done. */
  @Get()
  @ApiProblems('WF001')
  async list(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<Checklist> {
    await this.reading.read(caller, id, 'investment');
    return { data: await this.database.transaction(caller.tenant, (tx) => entriesOf(tx, id)) };
  }

  /** Ticks an item, or takes the tick back. */
  @Put(':item')
  @ApiProblems('WF001', 'NOT_FOUND')
  async tick(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Param('item') item: string,
    @Body() body: TickItem,
  ): Promise<Checklist> {
    const { parties } = await this.reading.read(caller, id, 'investment');
    const entry = DILIGENCE_CHECKLIST.find((known) => known.item === item);
    if (!entry)
      throw refuse('NOT_FOUND', {
        detail: `The checklist has: ${DILIGENCE_CHECKLIST.map((known) => known.item).join(', ')}.`,
      });
    const { clearedBy } = entry;
    if (!maySend({ from: clearedBy, label: item }, parties, { id: caller.userId, roles: caller.roles }))
      throw refuse('WF005', { detail: `${item} may be ticked by: ${clearedBy.join(', ')}.` });
    return this.database.transaction(caller.tenant, async (tx) => {
      await tick(tx, id, item, caller.userId, body);
      return { data: await entriesOf(tx, id) };
    });
  }
}
