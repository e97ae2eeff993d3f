import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IdempotencyKey } from '../platform/http.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { decodeCursor, encodeCursor, PageQuery } from '../platform/paging.js';
import { Access } from './access.js';
import { ApiKeyPage, CreateApiKey, CreatedApiKey, MintedToken, MintToken } from './access.dto.js';
import { Roles } from './auth.guard.js';
import { CurrentCaller, type Caller } from './caller.js';

/** Credentials of the administrator's own tenant. */
@ApiTags('admin')
@Roles('admin')
@Controller('admin')
export class AccessController {
  constructor(private readonly access: Access) {}

  /** Mints a short-lived token for a user of the tenant. */
  @Post('tokens')
  @ApiProblems('NOT_CONFIGURED', 'IDEMPOTENCY_KEY_REUSED')
  async mint(
    @CurrentCaller() caller: Caller,
    @Body() { userId, roles, ttl }: MintToken,
    @IdempotencyKey() key: string | undefined,
  ): Promise<MintedToken> {
    const { token, expiresAt } = await this.access.mint(caller, { userId, roles, ttl }, key);
    return { token, tokenType: 'Bearer', userId, roles, expiresIn: ttl, expiresAt };
  }

  /** Creates an API key. The answer is the only place it is ever shown in. */
  @Post('api-keys')
  @ApiProblems('IDEMPOTENCY_KEY_REUSED')
  create(
    @CurrentCaller() caller: Caller,
    @Body() { userId, roles, label }: CreateApiKey,
    @IdempotencyKey() key: string | undefined,
  ): Promise<CreatedApiKey> {
    return this.access.create(caller, { userId, roles, label }, key);
  }

  /** Lists the API keys of the tenant, newest first. */
  @Get('api-keys')
  async list(@CurrentCaller() caller: Caller, @Query() { limit, cursor }: PageQuery): Promise<ApiKeyPage> {
    const data = await this.access.list(caller, limit, decodeCursor(cursor, { id: 'id' })?.id ?? null);
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ id: last.id }) : null };
  }

  /** Revokes an API key; within 5 s nobody takes it any more. */
  @Delete('api-keys/:id')
  @HttpCode(204)
  @ApiProblems('NOT_FOUND')
  revoke(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.access.revoke(caller, id);
  }
}
