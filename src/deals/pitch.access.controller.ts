import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, seesEverything, type Caller } from '../auth/caller.js';
import { audit } from '../engine/store/audit.js';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { AccessPage, AccessView, GrantAccess, ListAccess, RevokeAccess } from './access.dto.js';
import { findAccess, grantAccess, listAccess, revokeById } from './access.js';

/** Who may see which pitch, and since which deal (R000-93). */
@ApiTags('deals')
@Controller()
export class PitchAccessController {
  constructor(private readonly database: Database) {}

  /** Rights to see pitches: overseers see all, everybody else those he has and those to pitches of his own. */
  @Get('api/pitch-access')
  list(@CurrentCaller() caller: Caller, @Query() query: ListAccess): Promise<AccessPage> {
    const viewer = seesEverything(caller) ? null : caller.userId;
    return this.database.transaction(caller.tenant, (tx) => listAccess(tx, query, viewer));
  }

  /** Lets a user see a pitch, beside any deal. */
  @Post('admin/pitch-access')
  @Roles('admin')
  @HttpCode(200)
  async grant(@CurrentCaller() { tenant, userId: by }: Caller, @Body() body: GrantAccess): Promise<AccessView> {
    const { userId, pitchId, accessType: type, expiresAt, reason } = body;
    return this.database.transaction(tenant, async (tx) => {
      const until = expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) };
      await grantAccess(tx, { userId, pitchId, type, via: 'admin', dealId: by, ...until });
      const details = { userId, accessType: type, expiresAt: expiresAt ?? null };
      await audit(tx, { actor: by, action: 'grant-access', target: pitchId, reason, details });
      return found(await findAccess(tx, { userId, pitchId }));
    });
  }

  /** Takes a right back, wherever it comes from. Doing it again changes nothing. */
  @Post('admin/pitch-access/:id/revoke')
  @Roles('admin')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND')
  async revoke(
    @CurrentCaller() { tenant, userId: by }: Caller,
    @Param('id') id: string,
    @Body() { reason }: RevokeAccess,
  ): Promise<AccessView> {
    return this.database.transaction(tenant, async (tx) => {
      await revokeById(tx, id);
      const access = found(await findAccess(tx, { id }));
      await audit(tx, {
        actor: by,
        action: 'revoke-access',
        target: access.pitch_id,
        reason,
        details: { userId: access.user_id },
      });
      return access;
    });
  }
}

function found<T>(access: T | undefined): T {
  if (access === undefined) throw refuse('NOT_FOUND');
  return access;
}
