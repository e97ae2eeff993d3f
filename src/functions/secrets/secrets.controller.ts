import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { audit } from '../../engine/store/audit.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor, PageQuery } from '../../platform/paging.js';
import { SaveSecret, SECRET_NAME, SecretPage, SecretView } from './secrets.dto.js';
import { Secrets } from './secrets.js';
import { countSecrets, deleteSecret, listSecrets, saveSecret } from './secrets.store.js';

const MOST_SECRETS = 1_000;

/** Secrets for the actions of functions: written, replaced and taken away; never shown (R004-49). */
@ApiTags('functions')
@Roles('admin')
@Controller('api/workflow-secrets')
export class SecretsController {
  constructor(
    private readonly database: Database,
    private readonly secrets: Secrets,
  ) {}

  /** One page, by name: which secrets there are. */
  @Get()
  async list(@CurrentCaller() { tenant }: Caller, @Query() { limit, cursor }: PageQuery): Promise<SecretPage> {
    const after = decodeCursor(cursor, { name: 'id' })?.name ?? '';
    const data = await this.database.transaction(tenant, (tx) => listSecrets(tx, after, limit));
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ name: last.name }) : null };
  }

  /** Keeps a secret, new or in place of what it was: runs that have asked for it use the new one from now on. */
  @Put(':name')
  @ApiProblems('WF005', 'WF006')
  save(
    @CurrentCaller() { tenant, userId }: Caller,
    @Param('name') name: string,
    @Body() { value }: SaveSecret,
  ): Promise<SecretView> {
    if (!SECRET_NAME.test(name))
      throw refuse('WF006', {
        errors: [{ field: 'name', message: 'begins with a letter, up to 100 of A-Z a-z 0-9 _ . -' }],
      });
    return this.database.transaction(tenant, async (tx) => {
      const saved = await saveSecret(tx, name, this.secrets.sealed(tenant, name, value), userId);
      if (!saved) throw new Error('the secret was not written down');
      if ((await countSecrets(tx)) > MOST_SECRETS)
        throw refuse('WF006', { detail: `A tenant may have ${MOST_SECRETS} secrets.` });
      await audit(tx, { actor: userId, action: 'workflow-secret.saved', target: name, reason: '' });
      return saved;
    });
  }

  /** Takes a secret away. Actions that need it fail from now on. */
  @Delete(':name')
  @HttpCode(204)
  @ApiProblems('NOT_FOUND', 'WF005', 'IDEMPOTENCY_KEY_REUSED')
  async remove(
    @CurrentCaller() { tenant, userId }: Caller,
    @Param('name') name: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<void> {
    await answerOnce(this.database, tenant, idempotencyOf(key, `workflow-secrets:${name}`, 'delete'), async (tx) => {
      if ((await deleteSecret(tx, name)) === 0) throw refuse('NOT_FOUND');
      await audit(tx, { actor: userId, action: 'workflow-secret.removed', target: name, reason: '' });
      return {};
    });
  }
}
