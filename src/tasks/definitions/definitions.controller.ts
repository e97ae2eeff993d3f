import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor, PageQuery } from '../../platform/paging.js';
import { findForm } from '../forms/forms.store.js';
import { NAME } from '../forms/forms.dto.js';
import { DefinitionPage, DefinitionView, SaveDefinition } from './definitions.dto.js';
import { findDefinition, listDefinitions, saveDefinition } from './definitions.store.js';

/** What kinds of task there are (R004-61, R004-63). */
@ApiTags('tasks')
@Controller('api/task-definitions')
export class DefinitionsController {
  constructor(private readonly database: Database) {}

  /** One page, by name: the tenant's own kinds, and those that the product brings. */
  @Get()
  async list(@CurrentCaller() { tenant }: Caller, @Query() { limit, cursor }: PageQuery): Promise<DefinitionPage> {
    const after = decodeCursor(cursor, { type: 'id' })?.type ?? '';
    const data = await this.database.transaction(tenant, (tx) => listDefinitions(tx, after, limit));
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ type: last.task_type }) : null };
  }

  /** One kind: the tenant's own before the product's. */
  @Get(':task_type')
  @ApiProblems('NOT_FOUND')
  read(@CurrentCaller() { tenant }: Caller, @Param('task_type') type: string): Promise<DefinitionView> {
    return this.database.transaction(tenant, async (tx) => {
      const found = await findDefinition(tx, type);
      if (!found) throw refuse('NOT_FOUND');
      return found;
    });
  }

  /** Writes a kind down, new or changed; it stands before one of the product of that name. Tasks that were made stay as they are. */
  @Put(':task_type')
  @Roles('admin', 'operator')
  @ApiProblems('WF005', 'WF006')
  save(
    @CurrentCaller() { tenant, userId }: Caller,
    @Param('task_type') type: string,
    @Body() body: SaveDefinition,
  ): Promise<DefinitionView> {
    if (!NAME.test(type))
      throw refuse('WF006', {
        errors: [{ field: 'task_type', message: 'begins with a letter, up to 100 of A-Z a-z 0-9 _ . -' }],
      });
    return this.database.transaction(tenant, async (tx) => {
      const form =
        (await findForm(tx, 'tenant', body.form_name, null)) ?? (await findForm(tx, 'system', body.form_name, null));
      if (!form)
        throw refuse('WF006', {
          errors: [{ field: 'form_name', message: `there is no active form ${body.form_name}` }],
        });
      const kind = {
        ...body,
        task_type: type,
        description: body.description ?? null,
        form_origin: form.form_type,
      };
      await saveDefinition(tx, kind, userId);
      const saved = await findDefinition(tx, type);
      if (!saved) throw refuse('NOT_FOUND');
      return saved;
    });
  }
}
