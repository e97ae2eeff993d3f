import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Page, Paged } from '../envelope.js';
import { equal } from './conditions.js';
import { backfill } from './events.store.js';
import { patternIn } from './pattern.check.js';
import type { Pattern } from './pattern.js';
import { listMatches } from './matches.store.js';
import type { ChangePattern, CreatePattern, MatchView, PatternView } from './patterns.dto.js';
import {
  countPatterns,
  deletePattern,
  findPattern,
  insertPattern,
  isWorkflow,
  keepVersion,
  listPatterns,
  lockPattern,
  nextVersion,
  updatePattern,
  type PatternFilter,
  type PatternRow,
  type Written,
} from './patterns.store.js';
import { firstLook } from './timing.js';

/** Patterns of one tenant; those that are enabled are all asked about an event, so that what that can cost is bounded. */
const MOST_PATTERNS = 1_000;
const MOST_ENABLED = 100;
const SCOPE = 'automation.patterns';

/** Writes patterns down, once they are right in every part (R002-27). What one starts is done with the rights of whoever wrote the workflow. */
@Injectable()
export class Patterns {
  constructor(private readonly database: Database) {}

  /** @throws PATTERN_ERROR, WF006 when there are too many, CONFLICT when the id is taken, IDEMPOTENCY_KEY_REUSED */
  create(caller: Caller, body: CreatePattern, key: string | undefined): Promise<PatternView> {
    const pattern = patternIn(body.pattern);
    const id = body.id ?? newId('pat');
    const written: Written = {
      name: body.name,
      description: body.description ?? null,
      is_enabled: body.enabled ?? true,
      workflow_id: body.workflowId,
      pattern,
      owner_id: caller.userId,
    };
    return answerOnce(this.database, caller.tenant, idempotencyOf(key, SCOPE, body), async (tx) => {
      await needWorkflow(tx, written.workflow_id);
      await makeRoom(tx, id, written.is_enabled);
      const version = await nextVersion(tx, id);
      if (!(await insertPattern(tx, id, version, written, firstLook(pattern))))
        throw refuse('CONFLICT', { detail: `There is a pattern ${id} already.` });
      await keepVersion(tx, id, version, written);
      await backfill(tx, pattern);
      return viewOf(found(await findPattern(tx, id)));
    });
  }

  /** @throws NOT_FOUND, and what `create` throws */
  change(caller: Caller, id: string, changes: ChangePattern, key: string | undefined): Promise<PatternView> {
    if (Object.values(changes).every((value) => value === undefined))
      throw refuse('WF006', { detail: 'At least one field required' });
    const pattern = changes.pattern && patternIn(changes.pattern);
    return answerOnce(this.database, caller.tenant, idempotencyOf(key, `${SCOPE}.${id}`, changes), async (tx) => {
      // Before its row is locked: whoever matches an event holds that, and then waits for the row.
      await backfill(tx, pattern ?? found(await findPattern(tx, id)).pattern);
      const before = found(await lockPattern(tx, id));
      const written = changed(before, changes, pattern, caller);
      if (changes.workflowId !== undefined || changes.enabled === true) await needWorkflow(tx, written.workflow_id);
      await makeRoom(tx, id, written.is_enabled);
      const isOther = written.workflow_id !== before.workflow_id || !same(written.pattern, before.pattern);
      const watchesAnew = isOther || (written.is_enabled && !before.is_enabled);
      const version = isOther ? before.version + 1 : before.version;
      await updatePattern(tx, id, written, version, watchesAnew, firstLook(written.pattern));
      if (isOther) await keepVersion(tx, id, version, written);
      return viewOf(found(await findPattern(tx, id)));
    });
  }

  /** What it has set off goes on, and its matches are kept. @throws NOT_FOUND */
  remove(caller: Caller, id: string, key: string | undefined): Promise<{ id: string; deleted: boolean }> {
    return answerOnce(this.database, caller.tenant, idempotencyOf(key, `${SCOPE}.${id}`, 'delete'), async (tx) => {
      found(await lockPattern(tx, id));
      await deletePattern(tx, id);
      return { id, deleted: true };
    });
  }

  /** @throws NOT_FOUND */
  read({ tenant }: Caller, id: string): Promise<PatternView> {
    return this.database.transaction(tenant, async (tx) => viewOf(found(await findPattern(tx, id))));
  }

  /** One page, newest first. */
  list({ tenant }: Caller, filter: PatternFilter, { page, limit }: Paged): Promise<Page<PatternView>> {
    return this.database.transaction(tenant, async (tx) => {
      const { rows, total } = await listPatterns(tx, filter, page, limit);
      return { rows: rows.map(viewOf), total };
    });
  }

  /** One page of what it has found, newest first. @throws NOT_FOUND */
  matches({ tenant }: Caller, id: string, { page, limit }: Paged): Promise<Page<MatchView>> {
    return this.database.transaction(tenant, async (tx) => {
      found(await findPattern(tx, id));
      return listMatches(tx, id, page, limit);
    });
  }
}

const changed = (
  before: PatternRow,
  changes: ChangePattern,
  pattern: Pattern | undefined,
  caller: Caller,
): Written => ({
  name: changes.name ?? before.name,
  description: changes.description === undefined ? before.description : changes.description,
  is_enabled: changes.enabled ?? before.is_enabled,
  workflow_id: changes.workflowId ?? before.workflow_id,
  pattern: pattern ?? before.pattern,
  owner_id: caller.userId,
});

/** Patterns are JSON, whatever their types say. */
const same = (left: Pattern, right: Pattern): boolean => equal({ ...left } as never, { ...right } as never);

function found(row: PatternRow | undefined): PatternRow {
  if (!row) throw refuse('NOT_FOUND', { detail: 'There is no such pattern.' });
  return row;
}

/** @throws WF006 */
async function needWorkflow(tx: Tx, id: string): Promise<void> {
  if (!(await isWorkflow(tx, id)))
    throw refuse('WF006', { errors: [{ field: 'workflowId', message: `there is no workflow ${id}` }] });
}

/** @throws WF006 when there are too many */
async function makeRoom(tx: Tx, besides: string, isEnabled: boolean): Promise<void> {
  // Two that come at once count one after the other.
  await tx.run(`select pg_advisory_xact_lock(hashtextextended('automation.patterns:' || engine.tenant(), 0))`);
  const { all, enabled } = await countPatterns(tx, besides);
  if (all >= MOST_PATTERNS)
    throw refuse('WF006', { detail: `There are ${MOST_PATTERNS} patterns already; delete some first.` });
  if (isEnabled && enabled >= MOST_ENABLED)
    throw refuse('WF006', { detail: `${MOST_ENABLED} patterns are enabled already; switch some off first.` });
}

const viewOf = (row: PatternRow): PatternView => ({
  id: row.id,
  name: row.name,
  description: row.description,
  enabled: row.is_enabled,
  pattern: row.pattern,
  workflowId: row.workflow_id,
  version: row.version,
  triggeredCount: row.triggered_count,
  lastTriggered: row.last_triggered,
  nextAt: row.is_enabled ? row.next_at : null,
  lastError: row.last_error,
  ownerId: row.owner_id,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
