import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Checkpointing } from '../engine/checkpointing.js';
import { Proving } from '../engine/proving.js';
import { Database } from '../platform/database.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { decodeCursor, encodeCursor, PageQuery } from '../platform/paging.js';
import { AuditEntry, AuditEntryPage, CheckpointPage, CheckpointsProof, ProofAnswer } from './answers.dto.js';

/** Evidence: what administrators did, and proofs that nothing was rewritten. */
@ApiTags('admin')
@Roles('admin')
@Controller('admin/audit')
export class AdminAuditController {
  constructor(
    private readonly database: Database,
    private readonly proving: Proving,
    private readonly checkpointing: Checkpointing,
  ) {}

  /** Checks the hash chain of an instance; names the first row that is not what it was. */
  @Get('verify/:id')
  @ApiProblems('WF001')
  verify(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<ProofAnswer> {
    return this.proving.chain(caller.tenant, id);
  }

  /** Folds the history of an instance through its definition and compares the result with what is stored. */
  @Get('replay/:id')
  @ApiProblems('WF001')
  replay(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<ProofAnswer> {
    return this.proving.replay(caller.tenant, id);
  }

  /** The checkpoints of the tenant's histories, oldest first: keep them elsewhere, and nobody can rewrite the past unseen. */
  @Get('checkpoints')
  async checkpoints(@CurrentCaller() caller: Caller, @Query() { limit, cursor }: PageQuery): Promise<CheckpointPage> {
    const after = decodeCursor(cursor, { number: 'number' });
    const data = await this.checkpointing.list(caller.tenant, Number(after?.number ?? 0), limit);
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ number: String(last.number) }) : null };
  }

  /** What administrators did, newest first. */
  @Get()
  async entries(@CurrentCaller() caller: Caller, @Query() { limit, cursor }: PageQuery): Promise<AuditEntryPage> {
    const after = decodeCursor(cursor, { id: 'number' });
    const data = await this.database.transaction(caller.tenant, (tx) =>
      tx.query<AuditEntry>(
        `select id, at, actor, action, target, reason, details from engine.audit
          where tenant = engine.tenant() and ($1::bigint is null or id < $1) order by id desc limit $2`,
        [after?.id ?? null, limit],
      ),
    );
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ id: String(last.id) }) : null };
  }

  /** Computes every checkpoint again from the histories; names the first that does not come out. */
  @Get('checkpoints/verify')
  verifyCheckpoints(@CurrentCaller() caller: Caller): Promise<CheckpointsProof> {
    return this.checkpointing.verify(caller.tenant);
  }
}
