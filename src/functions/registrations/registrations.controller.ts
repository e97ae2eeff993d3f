import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { IdempotencyKey } from '../../platform/http.js';
import { newId } from '../../platform/ids.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor, PageQuery } from '../../platform/paging.js';
import { Library } from '../library.js';
import { AddVersion, RegisterWorkflow, RegistrationPage, RegistrationView } from './registrations.dto.js';
import { findRegistration, insertRegistration, insertVersion, listRegistrations } from './registrations.store.js';

/** Which workflows there are (R004-16). */
@ApiTags('functions')
@Controller('api/workflow-registrations')
export class RegistrationsController {
  constructor(
    private readonly database: Database,
    private readonly library: Library,
  ) {}

  /** One page: the product's workflows, and the tenant's own. */
  @Get()
  async list(@CurrentCaller() { tenant }: Caller, @Query() { limit, cursor }: PageQuery): Promise<RegistrationPage> {
    const after = decodeCursor(cursor, { id: 'id' })?.id ?? '';
    const data = await this.database.transaction(tenant, (tx) => listRegistrations(tx, after, limit));
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ id: last.registration_id }) : null };
  }

  /** One workflow with its versions. */
  @Get(':id')
  @ApiProblems('NOT_FOUND')
  read(@CurrentCaller() { tenant }: Caller, @Param('id') id: string): Promise<RegistrationView> {
    return this.database.transaction(tenant, (tx) => found(tx, id));
  }

  /** A workflow of the tenant's own; it stands before one of the product of its name. */
  @Post()
  @Roles('admin', 'operator')
  @ApiProblems('WF005', 'WF006', 'WF007', 'IDEMPOTENCY_KEY_REUSED')
  register(
    @CurrentCaller() { tenant, userId: by }: Caller,
    @Body() body: RegisterWorkflow,
    @IdempotencyKey() key: string | undefined,
  ): Promise<RegistrationView> {
    const { name, description = null, tags = [] } = body;
    const version = this.versionOf(body);
    return answerOnce(this.database, tenant, idempotencyOf(key, 'workflow-registrations', body), async (tx) => {
      const id = newId('reg');
      if (!(await insertRegistration(tx, { id, name, description, tags, by })))
        throw refuse('WF007', { detail: `There is a workflow ${name} already.` });
      await insertVersion(tx, id, { ...version, by });
      return found(tx, id);
    });
  }

  /** A version that new runs start with from now on. Runs that have begun keep theirs. */
  @Post(':id/versions')
  @HttpCode(201)
  @Roles('admin', 'operator')
  @ApiProblems('NOT_FOUND', 'WF005', 'WF006', 'WF007', 'IDEMPOTENCY_KEY_REUSED')
  addVersion(
    @CurrentCaller() { tenant, userId: by }: Caller,
    @Param('id') id: string,
    @Body() body: AddVersion,
    @IdempotencyKey() key: string | undefined,
  ): Promise<RegistrationView> {
    return answerOnce(this.database, tenant, idempotencyOf(key, `workflow-registrations:${id}`, body), async (tx) => {
      const { workflow_type } = await found(tx, id);
      if (workflow_type === 'system')
        throw refuse('WF005', { detail: 'The product brings the versions of its workflows.' });
      const version = this.versionOf(body);
      if (!(await insertVersion(tx, id, { ...version, by })))
        throw refuse('WF007', { detail: `There is a version ${body.version} already.` });
      return found(tx, id);
    });
  }

  /** @throws WF006 when the service has no such function */
  private versionOf({ version, module: written }: AddVersion): {
    version: string;
    module: string;
    moduleVersion: string;
  } {
    const [module = '', moduleVersion = ''] = written.split('@');
    if (!this.library.find(module, moduleVersion))
      throw refuse('WF006', { errors: [{ field: 'module', message: `the service has no function ${written}` }] });
    return { version, module, moduleVersion };
  }
}

/** @throws NOT_FOUND */
async function found(tx: Tx, id: string): Promise<RegistrationView> {
  const row = await findRegistration(tx, id);
  if (!row) throw refuse('NOT_FOUND');
  return row;
}
