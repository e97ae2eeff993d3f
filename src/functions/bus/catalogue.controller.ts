import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor, PageQuery } from '../../platform/paging.js';
import { schemaObjection } from '../../tasks/forms/form.check.js';
import { EVENT_TYPE, EventKindPage, EventKindView, SaveEventKind } from './bus.dto.js';
import { findKind, listKinds, saveKind } from './bus.store.js';

/** What kinds of event there are (R004-24). */
@ApiTags('functions')
@Controller('api/workflow-event-types')
export class CatalogueController {
  constructor(private readonly database: Database) {}

  /** One page, by name: the tenant's own kinds, and those that the product brings. */
  @Get()
  async list(@CurrentCaller() { tenant }: Caller, @Query() { limit, cursor }: PageQuery): Promise<EventKindPage> {
    const after = decodeCursor(cursor, { type: 'id' })?.type ?? '';
    const data = await this.database.transaction(tenant, (tx) => listKinds(tx, after, limit));
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ type: last.event_type }) : null };
  }

  /** Writes a kind of the tenant's own down, new or changed; it stands before one of the product of that name. */
  @Put(':event_type')
  @Roles('admin', 'operator')
  @ApiProblems('WF005', 'WF006')
  async save(
    @CurrentCaller() { tenant, userId }: Caller,
    @Param('event_type') event_type: string,
    @Body() body: SaveEventKind,
  ): Promise<EventKindView> {
    const { description, payload_schema } = body;
    const say = (field: string, message: string) => refuse('WF006', { errors: [{ field, message }] });
    if (!EVENT_TYPE.test(event_type)) throw say('event_type', 'begins with a letter, up to 100 of A-Z a-z 0-9 _ . : -');
    const objection = payload_schema && schemaObjection(payload_schema);
    if (objection) throw say('payload_schema', objection);
    return this.database.transaction(tenant, async (tx) => {
      await saveKind(
        tx,
        { event_type, description: description ?? null, payload_schema: payload_schema ?? null },
        userId,
      );
      const saved = await findKind(tx, event_type);
      if (!saved) throw new Error('the kind of event was not written down');
      return saved;
    });
  }
}
