import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { DocumentStore } from '../../integrations/storage/document.store.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { findJob } from '../logs/jobs.js';
import { numberIn } from '../numbers.js';
import { READERS } from '../roles.js';
import { Catalogue } from './catalogue.js';
import { ActionList } from './catalogue.dto.js';

/** What rules can have done, and the documents that they have had drawn up (R001-78). */
@ApiTags('automation')
@Roles(...READERS)
@Controller('api/automation')
export class ActionCatalogueController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly database: Database,
    private readonly documents: DocumentStore,
  ) {}

  /** Every action, with what it needs. */
  @Get('actions')
  actions(): ActionList {
    return { data: this.catalogue.list() };
  }

  /** The document that a job has drawn up. */
  @Get('jobs/:job_id/document')
  @ApiProduces('application/pdf')
  @ApiProblems('NOT_FOUND', 'WF009')
  @Header('Cache-Control', 'private, no-store')
  async document(@CurrentCaller() { tenant }: Caller, @Param('job_id') given: string): Promise<StreamableFile> {
    const id = numberIn('job_id', given);
    const job = await this.database.transaction(tenant, (tx) => findJob(tx, id));
    const key = job?.result && 'document' in job.result ? String(job.result.document) : undefined;
    if (key === undefined) throw refuse('NOT_FOUND');
    const bytes = await this.documents.get(tenant, key);
    if (!bytes) throw refuse('WF009', { detail: 'The document store does not have this document.' });
    return new StreamableFile(bytes, {
      type: 'application/pdf',
      disposition: `attachment; filename="report-${id}.pdf"`,
      length: bytes.length,
    });
  }
}
