import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Fields } from '../../../machines/execution.types.js';
import type { Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import type { Page, Paged } from '../envelope.js';
import { Executions } from '../executions/executions.js';
import { quotaRefusal, workflowQuota } from '../executions/quota.js';
import type { Definition, WrittenStep, WrittenTrigger } from './definition.js';
import { followTriggers } from './scheduling.js';
import { hidden } from './secrets.js';
import { WorkflowCheck } from './workflow.check.js';
import type { ChangeWorkflow, CreateWorkflow, Removed, WorkflowVersionView, WorkflowView } from './workflow.dto.js';
import {
  findWorkflow,
  forgetWorkflow,
  insertVersion,
  insertWorkflow,
  isTaken,
  listVersions,
  listWorkflows,
  lockWorkflow,
  updateWorkflow,
  type WorkflowRow,
} from './workflows.store.js';

/** Writes workflows down, once they are right in every part. Whoever writes one lends it his rights (R002-38 to R002-40). */
@Injectable()
export class Workflows {
  constructor(
    private readonly database: Database,
    private readonly check: WorkflowCheck,
    private readonly executions: Executions,
  ) {}

  /** @throws WORKFLOW_ERROR, WF005 when an action needs more than the caller has, CONFLICT when the id is taken */
  create(caller: Caller, body: CreateWorkflow, key: string | undefined): Promise<WorkflowView> {
    const id = body.id ?? randomUUID();
    const compiled = this.check.compile(caller, id, definitionOf(body), undefined);
    return answerOnce(this.database, caller.tenant, idempotencyOf(key, 'automation.workflows', body), async (tx) => {
      await inTurn(tx, id);
      if (await isTaken(tx, id)) throw refuse('CONFLICT', { detail: `There is, or was, a workflow ${id}.` });
      const usedUp = await workflowQuota(tx);
      if (usedUp) throw quotaRefusal(usedUp);
      const { name, description = null, enabled = true, tags = [] } = body;
      await insertWorkflow(tx, id, { name, description, enabled, tags });
      await insertVersion(tx, id, 1, compiled, { id: caller.userId, roles: caller.roles });
      await followTriggers(tx, id, compiled.definition.triggers, enabled);
      return viewOf(found(await findWorkflow(tx, id)), compiled.warnings);
    });
  }

  /** Another definition is another version; what is running goes on by its own (R002-11). @throws NOT_FOUND, and what `create` throws */
  change(caller: Caller, id: string, changes: ChangeWorkflow, key: string | undefined): Promise<WorkflowView> {
    if (Object.values(changes).every((value) => value === undefined))
      throw refuse('WF006', { detail: 'At least one field required' });
    const idempotency = idempotencyOf(key, `automation.workflows:${id}`, changes);
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      const before = found(await lockWorkflow(tx, id));
      const { name, description, enabled, tags } = { ...before, ...stated(changes) };
      const heading = { name, description, enabled, tags };
      const { steps, startStep, config, triggers } = changes;
      const isAnother = [steps, startStep, config, triggers].some((part) => part !== undefined);
      if (!isAnother) {
        await updateWorkflow(tx, id, heading, before.version);
        await followTriggers(tx, id, before.definition.triggers, enabled);
        return viewOf(found(await findWorkflow(tx, id)));
      }
      const definition = { ...before.definition, ...stated({ steps, startStep, config, triggers }) } as Definition;
      const compiled = this.check.compile(caller, id, definition, before.definition);
      await insertVersion(tx, id, before.version + 1, compiled, { id: caller.userId, roles: caller.roles });
      await updateWorkflow(tx, id, heading, before.version + 1);
      await followTriggers(tx, id, compiled.definition.triggers, enabled);
      return viewOf(found(await findWorkflow(tx, id)), compiled.warnings);
    });
  }

  /** Takes it out of sight; what it has done stays. @throws NOT_FOUND; CONFLICT while executions are running, unless they are to be called off (R002-9) */
  async remove(caller: Caller, id: string, isForced: boolean, key: string | undefined): Promise<Removed> {
    const idempotency = idempotencyOf(key, `automation.workflows:${id}:delete`, { isForced });
    return answerOnce(this.database, caller.tenant, idempotency, async (tx) => {
      found(await lockWorkflow(tx, id));
      const running = await this.executions.running(tx, id);
      if (running.length > 0 && !isForced)
        throw refuse('CONFLICT', { detail: `${running.length} executions are running; force=true calls them off.` });
      await forgetWorkflow(tx, id);
      await followTriggers(tx, id, [], false);
      await this.executions.callOff(tx, running);
      return { id, deleted: true, cancelled: running.length };
    });
  }

  /** @throws NOT_FOUND */
  read({ tenant }: Caller, id: string): Promise<WorkflowView> {
    return this.database.transaction(tenant, async (tx) => viewOf(found(await findWorkflow(tx, id))));
  }

  /** One page, newest first. */
  list(
    { tenant }: Caller,
    filter: { enabled: boolean | null; tag: string | null },
    { page, limit }: Paged,
  ): Promise<Page<WorkflowView>> {
    return this.database.transaction(tenant, async (tx) => {
      const { rows, total } = await listWorkflows(tx, filter, page, limit);
      return { rows: rows.map((row) => viewOf(row)), total };
    });
  }

  /** One page of its versions, newest first. @throws NOT_FOUND */
  versions({ tenant }: Caller, id: string, { page, limit }: Paged): Promise<Page<WorkflowVersionView>> {
    return this.database.transaction(tenant, async (tx) => {
      found(await findWorkflow(tx, id));
      const { rows, total } = await listVersions(tx, id, page, limit);
      const views = rows.map(({ version, definition, owner_id, created_at }) => ({
        version,
        definition: shown(definition),
        createdBy: owner_id,
        createdAt: created_at,
      }));
      return { rows: views, total };
    });
  }
}

const definitionOf = ({ steps, startStep, config = {}, triggers = [] }: CreateWorkflow): Definition => ({
  // Their shape is the first thing that is looked at.
  steps: steps as unknown as WrittenStep[],
  startStep,
  config,
  triggers: triggers.map(({ type, cron, timezone }) => ({ type, cron, ...(timezone !== undefined && { timezone }) })),
});

const stated = <T extends object>(changes: T): Partial<T> =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Two that come at once with the same name come one after the other. */
const inTurn = (tx: Tx, id: string): Promise<number> =>
  tx.run(`select pg_advisory_xact_lock(hashtextextended('automation.workflows:' || engine.tenant() || ':' || $1, 0))`, [
    id,
  ]);

function found(row: WorkflowRow | undefined): WorkflowRow {
  if (!row) throw refuse('NOT_FOUND');
  return row;
}

const shown = (definition: Definition): Fields => hidden(JSON.parse(JSON.stringify(definition)) as Fields) as Fields;

function viewOf(row: WorkflowRow, warnings?: string[]): WorkflowView {
  const { steps, startStep, config, triggers } = shown(row.definition);
  return {
    id: row.workflow_id,
    name: row.name,
    description: row.description,
    enabled: row.enabled,
    version: row.version,
    steps: steps as unknown as object[],
    startStep: String(startStep),
    config: config as Fields,
    triggers: triggers as unknown as WrittenTrigger[],
    tags: row.tags,
    executionCount: row.execution_count,
    lastExecuted: row.last_executed_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(warnings && { warnings }),
  };
}
