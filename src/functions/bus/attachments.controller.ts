import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { IdempotencyKey } from '../../platform/http.js';
import { newId } from '../../platform/ids.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { decodeCursor, encodeCursor, PageQuery } from '../../platform/paging.js';
import { findRegistration } from '../registrations/registrations.store.js';
import { AttachmentPage, AttachmentView, AttachWorkflow, SwitchAttachment } from './bus.dto.js';
import { deleteAttachment, findKind, insertAttachment, listAttachments, switchAttachment } from './bus.store.js';

/** Which workflows start when what happens (R004-21). */
@ApiTags('functions')
@Controller('api/workflow-attachments')
export class AttachmentsController {
  constructor(private readonly database: Database) {}

  /** One page: what is attached to what. */
  @Get()
  async list(@CurrentCaller() { tenant }: Caller, @Query() { limit, cursor }: PageQuery): Promise<AttachmentPage> {
    const after = decodeCursor(cursor, { id: 'id' })?.id ?? '';
    const data = await this.database.transaction(tenant, (tx) => listAttachments(tx, after, limit));
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ id: last.attachment_id }) : null };
  }

  /** From now on each event of the type starts a run of the workflow. */
  @Post()
  @Roles('admin', 'operator')
  @ApiProblems('WF005', 'WF006', 'WF007', 'IDEMPOTENCY_KEY_REUSED')
  attach(
    @CurrentCaller() { tenant, userId: by }: Caller,
    @Body() body: AttachWorkflow,
    @IdempotencyKey() key: string | undefined,
  ): Promise<AttachmentView> {
    const { event_type: type, workflow_id: workflowId } = body;
    return answerOnce(this.database, tenant, idempotencyOf(key, 'workflow-attachments', body), async (tx) => {
      if (!(await findKind(tx, type)))
        throw refuse('WF006', { errors: [{ field: 'event_type', message: `there is no kind of event ${type}` }] });
      if (!(await findRegistration(tx, workflowId)))
        throw refuse('WF006', { errors: [{ field: 'workflow_id', message: 'there is no such workflow' }] });
      const attached = await insertAttachment(tx, { id: newId('att'), type, workflowId, by });
      if (!attached) throw refuse('WF007', { detail: 'The workflow is attached to this type already.' });
      return attached;
    });
  }

  /** Switches it off, or on again. */
  @Patch(':id')
  @Roles('admin', 'operator')
  @ApiProblems('NOT_FOUND', 'WF005', 'WF006', 'IDEMPOTENCY_KEY_REUSED')
  change(
    @CurrentCaller() { tenant }: Caller,
    @Param('id') id: string,
    @Body() body: SwitchAttachment,
    @IdempotencyKey() key: string | undefined,
  ): Promise<AttachmentView> {
    return answerOnce(this.database, tenant, idempotencyOf(key, `workflow-attachments:${id}`, body), async (tx) => {
      const changed = await switchAttachment(tx, id, body.is_active);
      if (!changed) throw refuse('NOT_FOUND');
      return changed;
    });
  }

  /** Takes it off. Runs that it has started go on. */
  @Delete(':id')
  @HttpCode(204)
  @Roles('admin', 'operator')
  @ApiProblems('NOT_FOUND', 'WF005', 'IDEMPOTENCY_KEY_REUSED')
  async detach(
    @CurrentCaller() { tenant }: Caller,
    @Param('id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<void> {
    await answerOnce(this.database, tenant, idempotencyOf(key, `workflow-attachments:${id}`, 'delete'), async (tx) => {
      if ((await deleteAttachment(tx, id)) === 0) throw refuse('NOT_FOUND');
      return {};
    });
  }
}
