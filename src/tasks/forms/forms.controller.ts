import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../../platform/paging.js';
import { ChangeForm, CreateForm, FormPage, FormQuery, FormView, VersionQuery } from './forms.dto.js';
import { Forms } from './forms.js';

/** What people answer tasks in (R004-74 to R004-79). */
@ApiTags('tasks')
@Controller('api/forms')
export class FormsController {
  constructor(private readonly forms: Forms) {}

  /** Writes down a form, or a further version of one. Made active, it takes the place of the version that was. */
  @Post()
  @Roles('admin', 'operator')
  @ApiProblems('WF005', 'WF006', 'WF007', 'IDEMPOTENCY_KEY_REUSED')
  create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateForm,
    @IdempotencyKey() key: string | undefined,
  ): Promise<FormView> {
    return this.forms.create(caller, body, key);
  }

  /** One page, by name: the tenant's own versions and the forms that the product brings. */
  @Get()
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor, text, category, tag, status, name }: FormQuery,
  ): Promise<FormPage> {
    const after = decodeCursor(cursor, { name: 'id', origin: 'id', version: 'id' });
    const filter = {
      text: text ?? null,
      category: category ?? null,
      tag: tag ?? null,
      status: status ?? null,
      name: name ?? null,
    };
    const data = await this.forms.list(caller, filter, after, limit);
    const last = data.length === limit ? data.at(-1) : undefined;
    return {
      data,
      nextCursor: last ? encodeCursor({ name: last.name, origin: last.form_type, version: last.version }) : null,
    };
  }

  /** One form: the version that is active, or the one that is named. */
  @Get(':name')
  @ApiProblems('NOT_FOUND')
  read(
    @CurrentCaller() caller: Caller,
    @Param('name') name: string,
    @Query() { version }: VersionQuery,
  ): Promise<FormView> {
    return this.forms.read(caller, name, version ?? null);
  }

  /** Changes what is named. The fields of a form that is no draft stay as they are: make a new version. */
  @Patch(':name/versions/:version')
  @Roles('admin', 'operator')
  @ApiProblems('WF005', 'WF006', 'IN_USE', 'NOT_FOUND')
  change(
    @CurrentCaller() caller: Caller,
    @Param('name') name: string,
    @Param('version') version: string,
    @Body() body: ChangeForm,
  ): Promise<FormView> {
    return this.forms.change(caller, name, version, body);
  }
}
