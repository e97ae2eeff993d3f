import { Body, Controller, Get, HttpCode, Param, Patch, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { OwnOrg } from '../own.org.js';
import { READERS, WAIVERS, WRITERS } from '../roles.js';
import { insistOnChanges } from '../rows.js';
import { idIn } from '../workstream.dto.js';
import { ChangeItem, PursuitChecklist, WaiveItem } from './checklist.dto.js';
import { changeItem, readChecklist, waiveItem } from './checklist.entity.js';

/** What has to be done before a pursuit passes its gates (R001-42). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WRITERS)
@Controller('api/pursuits/:pursuit_id/checklist')
export class PursuitChecklistController {
  constructor(private readonly database: Database) {}

  /** Every item, with how far each gate has come. */
  @Get()
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  read(@CurrentCaller() { tenant }: Caller, @Param('pursuit_id') id: string): Promise<PursuitChecklist> {
    return this.database.transaction(tenant, (tx) => readChecklist(tx, idIn('pursuit_id', id)));
  }

  /** Ticks an item, takes the tick back, adds evidence, or says who is to see to it. */
  @Patch(':item_id')
  @ApiProblems('NOT_FOUND')
  change(
    @CurrentCaller() { tenant, userId }: Caller,
    @Param('pursuit_id') pursuit: string,
    @Param('item_id') item: string,
    @Body() changes: ChangeItem,
  ): Promise<PursuitChecklist> {
    const [pursuitId, itemId] = [idIn('pursuit_id', pursuit), idIn('item_id', item)];
    insistOnChanges(changes);
    return this.database.transaction(tenant, async (tx) => {
      await changeItem(tx, pursuitId, itemId, userId, changes);
      return readChecklist(tx, pursuitId);
    });
  }

  /** Passes an item over, with a reason that the audit keeps. */
  @Post(':item_id/waive')
  @HttpCode(200)
  @Roles(...WAIVERS)
  @ApiProblems('NOT_FOUND', 'WF007')
  waive(
    @CurrentCaller() { tenant, userId }: Caller,
    @Param('pursuit_id') pursuit: string,
    @Param('item_id') item: string,
    @Body() { reason }: WaiveItem,
  ): Promise<PursuitChecklist> {
    const [pursuitId, itemId] = [idIn('pursuit_id', pursuit), idIn('item_id', item)];
    return this.database.transaction(tenant, async (tx) => {
      await waiveItem(tx, pursuitId, itemId, userId, reason);
      return readChecklist(tx, pursuitId);
    });
  }
}
