import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { ChunkDone, ChunkRequest } from '../../../machines/bulk.js';
import type { Caller } from '../../auth/caller.js';
import type { EffectRun } from '../../engine/host.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { spool, type Spooled } from '../../platform/http.upload.js';
import { newId } from '../../platform/ids.js';
import { Jobs } from '../jobs/jobs.js';
import { once } from '../once.js';
import { checkOrg } from '../orgs.js';
import { found, pageOf, type Page } from '../rows.js';
import { keepRows, takeRows, type KeptRow } from './import.rows.js';
import type { SignalImportError, ImportQuery, ImportView, ListImportErrors } from './import.dto.js';
import type { SignalOutcome } from './signal.dto.js';
import { BadFile, MOST_BYTES, rowsOf } from './signal.file.js';
import { SignalIntake } from './signal.intake.js';

/** Rows of one transaction: few enough to be quick, enough to be worth a commit. */
const CHUNK = 100;
const MOST_ERRORS_SHOWN = 100;
const TASK = 'signals.import';

/** What was said about a file. */
type About = { [Field in 'org_id' | 'source_type']: ImportQuery[Field] | undefined };

/** Files of signals, taken in a part at a time; what is done of a file is written with each part (R001-34). */
@Injectable()
export class SignalImports implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly intake: SignalIntake,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.entrust(TASK, (tenant, request, run) => this.takePart(tenant, request, run));
  }

  /** Takes a file and begins with it. @throws WF006 when it is none, PAYLOAD_TOO_LARGE, MALFORMED_BODY, IDEMPOTENCY_KEY_REUSED */
  async start(caller: Caller, file: Readable, about: About, key: string | undefined): Promise<ImportView> {
    await this.database.transaction(caller.tenant, (tx) => checkOrg(tx, about.org_id));
    return spool(file, MOST_BYTES, ({ path, hash }) =>
      this.database.transaction(caller.tenant, (tx) =>
        once(tx, caller, { scope: TASK, key, request: { ...about, hash } }, () =>
          this.begin(tx, caller, path, about.source_type ?? 'note'),
        ),
      ),
    );
  }

  private async begin(tx: Tx, caller: Caller, path: Spooled['path'], sourceType: string): Promise<ImportView> {
    const importId = newId('imp');
    const total = await kept(keepRows(tx, importId, rowsOf(createReadStream(path), sourceType)));
    const jobId = await this.jobs.startWithin(tx, caller, TASK, { import_id: importId }, total);
    await tx.run(
      `insert into workstream.signal_imports (tenant, import_id, workflow_instance_id, source_type, total, created_by, created_at)
         values (engine.tenant(), $1, $2, $3, $4, $5, engine.now())`,
      [importId, jobId, sourceType, total, caller.userId],
    );
    return viewOf(tx, importId);
  }

  /** How far a file is. @throws NOT_FOUND */
  view({ tenant }: Caller, importId: string): Promise<ImportView> {
    return this.database.transaction(tenant, (tx) => viewOf(tx, importId));
  }

  /** Every row that was not taken in. @throws NOT_FOUND */
  errors({ tenant }: Caller, importId: string, query: ListImportErrors): Promise<Page<SignalImportError>> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      await viewOf(tx, importId);
      return pageOf(
        tx,
        {
          columns: 'line, message',
          from: 'from workstream.signal_import_errors where tenant = engine.tenant() and import_id = $1',
          order: 'line',
        },
        [importId],
        query,
      );
    });
  }

  /** Takes the next rows in. A part that was done before its worker stopped is not done again. */
  private takePart(tenant: string, { params, after }: ChunkRequest, run: EffectRun): Promise<ChunkDone> {
    const importId = String(params['import_id']);
    return this.database.transaction(tenant, async (tx) => {
      const { total, processed, created_by } = found(
        await tx.one<{ total: number; processed: number; created_by: string }>(
          `select total, processed, created_by from workstream.signal_imports
            where tenant = engine.tenant() and import_id = $1 for no key update`,
          [importId],
        ),
      );
      const from = Number(after ?? 0);
      const end = Math.min(from + CHUNK, total);
      const by = { userId: created_by, roles: [], correlationId: run.correlationId };
      const failed = processed > from ? 0 : await this.take(tx, importId, await takeRows(tx, importId, from, end), by);
      return { after: end < total ? String(end) : null, processed: end - from, failed };
    });
  }

  private async take(
    tx: Tx,
    importId: string,
    part: readonly KeptRow[],
    by: Parameters<SignalIntake['takeAll']>[1],
  ): Promise<number> {
    const signals = part.flatMap(({ line, body }) => (body ? [{ line, body }] : []));
    const outcomes = await this.intake.takeAll(
      tx,
      by,
      signals.map(({ body }) => body),
    );
    const errors: SignalImportError[] = [
      ...part.flatMap(({ line, message }) => (message === null ? [] : [{ line, message }])),
      ...outcomes.flatMap(({ index, error }) =>
        error ? [{ line: signals[index]?.line ?? 0, message: error.message }] : [],
      ),
    ];
    await tx.run(
      `insert into workstream.signal_import_errors (tenant, import_id, line, message)
       select engine.tenant(), $1, e.line, e.message from json_to_recordset($2) as e (line int, message text)`,
      [importId, JSON.stringify(errors)],
    );
    const count = (outcome: SignalOutcome['outcome']) => outcomes.filter((each) => each.outcome === outcome).length;
    await tx.run(
      `update workstream.signal_imports
          set processed = processed + $2, created = created + $3, duplicates = duplicates + $4, rejected = rejected + $5
        where tenant = engine.tenant() and import_id = $1`,
      [importId, part.length, count('created'), count('duplicate'), errors.length],
    );
    return errors.length;
  }
}

/** @throws WF006 with what is wrong with the file */
async function kept(work: Promise<number>): Promise<number> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BadFile) throw refuse('WF006', { errors: [{ field: 'csv', message: error.message }] });
    throw error;
  }
}

async function viewOf(tx: Tx, importId: string): Promise<ImportView> {
  const row = found(
    await tx.one<Omit<ImportView, 'errors' | 'progress_pct'>>(
      `select s.import_id, i.state as status, s.total, s.processed, s.created, s.duplicates, s.rejected, s.created_by, s.created_at,
              case when i.status <> 'active' then i.updated_at end as finished_at
         from workstream.signal_imports s join engine.instances i on i.tenant = s.tenant and i.id = s.workflow_instance_id
        where s.tenant = engine.tenant() and s.import_id = $1`,
      [importId],
    ),
  );
  const errors = await tx.query<SignalImportError>(
    `select line, message from workstream.signal_import_errors where tenant = engine.tenant() and import_id = $1 order by line limit $2`,
    [importId, MOST_ERRORS_SHOWN],
  );
  return { ...row, progress_pct: Math.floor((row.processed / row.total) * 100), errors };
}
