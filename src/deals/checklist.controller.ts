import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { asked } from '../engine/admission.js';
import { maySend } from '../engine/core/permission.js';
import { EngineService } from '../engine/engine.service.js';
import { Reading, type InstanceView } from '../engine/reading.js';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { Checklist, TickItem } from './checklist.dto.js';
import { entriesOf, GATES, tick, type ChecklistEntry, type Gate, type Item } from './checklist.js';

/** The checklist that gates a deal: due diligence on the way to COMMITMENT (R000-37), approvals of a contract (R000-60). */
@ApiTags('deals')
@Controller('api/workflows/:type/:id/checklist')
export class ChecklistController {
  constructor(
    private readonly engine: EngineService,
    private readonly reading: Reading,
    private readonly database: Database,
  ) {}

  /** Every item, open or done. */
  @Get()
  @ApiProblems('WF001', 'NOT_FOUND')
  async list(
    @CurrentCaller() caller: Caller,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<Checklist> {
    const { items } = await this.gate(caller, type, id);
    return { data: await this.database.transaction(caller.tenant, (tx) => entriesOf(tx, id, items)) };
  }

  /** Ticks an item, or takes the tick back. The tick that completes the approvals of a contract sends it on for signature. */
  @Put(':item')
  @ApiProblems('WF001', 'NOT_FOUND')
  async tick(
    @CurrentCaller() caller: Caller,
    @Param('type') type: string,
    @Param('id') id: string,
    @Param('item') item: string,
    @Body() body: TickItem,
  ): Promise<Checklist> {
    const { items, passes, parties } = await this.gate(caller, type, id);
    const entry = items.find((known) => known.item === item);
    if (!entry)
      throw refuse('NOT_FOUND', { detail: `The checklist has: ${items.map((known) => known.item).join(', ')}.` });
    const { clearedBy } = entry;
    if (!maySend({ from: clearedBy, label: item }, parties, { id: caller.userId, roles: caller.roles }))
      throw refuse('WF005', { detail: `${item} may be ticked by: ${clearedBy.join(', ')}.` });
    let data: ChecklistEntry[] = [];
    // The last tick and what it leads to are one transaction: nobody is left with a list that is done and a deal that was never told.
    await this.engine.receive(
      caller.tenant,
      id,
      asked(caller, 'event'),
      async (tx, { status }) => {
        await tick(tx, id, item, caller.userId, body);
        data = await entriesOf(tx, id, items);
        const isPassed = passes !== undefined && status === 'active' && data.every(({ done }) => done);
        return isPassed ? { type: passes, payload: {} } : undefined;
      },
      // The deal may not have come there yet: then the event is sent by hand once it has.
      'ignore',
    );
    return { data };
  }

  private async gate(
    caller: Caller,
    type: string,
    id: string,
  ): Promise<{ items: readonly Item[]; passes: Gate['passes']; parties: InstanceView['parties'] }> {
    const { context, parties } = await this.reading.read(caller, id, type);
    const gate = GATES[type];
    if (!gate) throw refuse('NOT_FOUND', { detail: `Deals of type ${type} have no checklist.` });
    return { items: gate.items(context as object), passes: gate.passes, parties };
  }
}
