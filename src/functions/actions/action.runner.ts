import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Fields, Value } from '../../../machines/function.types.js';
import { canonicalText, toJson } from '../../engine/core/json.js';
import { Database, type Tx } from '../../platform/database.js';
import { Metrics } from '../../platform/metrics.js';
import { ActionError, failureOf, isPassing } from '../failure.js';
import type { Action, ActionCall, DatabaseAction, SimpleAction } from './action.js';
import { ActionRegistry } from './action.registry.js';
import { checkParameters } from './parameters.js';
import { redacted, redactedError, secretTexts, withoutDeclared, withoutSecrets } from './secrets.js';
import { beginAttempt, keepEnd, type Asked, type ResultRow } from './results.js';

/** An action that somebody wants done. */
export interface ActionRequest extends Partial<
  Omit<ActionCall, 'tenant' | 'executionId' | 'idempotencyKey' | 'attempt'>
> {
  tenant: string;
  executionId: string;
  /** The same key: the result that there is already (R004-42). */
  idempotencyKey: string;
  parameters?: Fields;
  /** Of a planned action. */
  path?: string;
  group?: string;
}

/** How an attempt is to end. */
export interface AttemptOptions {
  /** There is no other attempt: whatever goes wrong is its end. */
  isLast?: boolean;
  /** Takes the result on, in the transaction that the work of a database action is done in. */
  deliver?: (tx: Tx, output: Value) => Promise<unknown>;
}

/** Characters of a result as JSON. */
const LARGEST_RESULT = 262_144;

/** Does actions, each key once: what has a result is not done again. */
@Injectable()
export class ActionRunner {
  private readonly took: ReturnType<Metrics['duration']>;

  constructor(
    private readonly database: Database,
    private readonly registry: ActionRegistry,
    metrics: Metrics,
  ) {
    this.took = metrics.duration('statewright_function_action_duration_seconds', 'Time an attempt of an action took.', [
      'action',
      'outcome',
    ]);
  }

  /** One attempt. @throws what the action throws; ActionError UNKNOWN_ACTION, INVALID_PARAMETERS, ACTION_TIMEOUT; NONDETERMINISM for a key that stood for something else */
  async executeAction(name: string, request: ActionRequest, options: AttemptOptions = {}): Promise<Value> {
    const action = this.registry.find(name);
    if (!action) throw new ActionError('UNKNOWN_ACTION', `There is no action ${name}`);
    const { byName } = this.registry;
    const given = request.parameters ?? {};
    const asked = askedFor(action, request, withoutSecrets(byName, name, given), withoutDeclared(action, given));
    const secrets = secretTexts(byName, name, given);
    const began = performance.now();
    try {
      const params = checkParameters(action.parameters, given);
      const result =
        action.kind === 'database'
          ? await this.within(action, params, asked, request, options, secrets)
          : await this.outside(action, params, asked, request, secrets);
      this.took({ action: action.name, outcome: 'done' }, performance.now() - began);
      return result;
    } catch (thrown) {
      this.took({ action: action.name, outcome: 'failed' }, performance.now() - began);
      const error = redactedError(thrown, secrets);
      await this.note(action, request.tenant, asked, error, options.isLast ?? false);
      throw error;
    }
  }

  /** What is done outside is written down before and after. */
  private async outside(
    action: SimpleAction,
    params: Fields,
    asked: Asked,
    request: ActionRequest,
    secrets: readonly string[],
  ): Promise<Value> {
    const { tenant } = request;
    const begun = await this.database.transaction(tenant, (tx) => beginAttempt(tx, asked));
    const known = ended(begun, asked);
    if (known) return known.result;
    const answered = await timed(action, request, begun.attempts, (call) => action.run(params, call));
    const result = redacted(answered, secrets);
    await this.database.transaction(tenant, (tx) => keepEnd(tx, asked.idempotencyKey, { success: true, result }));
    return result;
  }

  /** The work, its result and whatever takes it on: all of it, or nothing. */
  private within(
    action: DatabaseAction,
    params: Fields,
    asked: Asked,
    request: ActionRequest,
    { deliver }: AttemptOptions,
    secrets: readonly string[],
  ): Promise<Value> {
    return this.database.transaction(request.tenant, async (tx) => {
      await tx.run(`set transaction isolation level ${action.isolation}`);
      const begun = await beginAttempt(tx, asked);
      const known = ended(begun, asked);
      if (known) return known.result;
      const answered = await timed(action, request, begun.attempts, (call) =>
        action.run(params, { ...call, transaction: until(call.signal, tx) }),
      );
      const result = redacted(answered, secrets);
      await keepEnd(tx, asked.idempotencyKey, { success: true, result });
      await deliver?.(tx, result);
      return result;
    });
  }

  /** Keeps what went wrong: for good when trying again makes no sense. */
  private async note({ kind }: Action, tenant: string, asked: Asked, thrown: unknown, isLast: boolean): Promise<void> {
    await this.database.transaction(tenant, async (tx) => {
      // What began inside of a transaction was rolled back with it.
      const { success, attempts, parameters_hash } = await beginAttempt(tx, asked, kind === 'simple');
      if (success !== null || !isThis(parameters_hash, asked)) return;
      const error = failureOf(thrown, attempts);
      await keepEnd(tx, asked.idempotencyKey, { success: isLast || !isPassing(error) ? false : null, error });
    });
  }
}

/** @param parameters without what is secret: it is neither kept nor, as a hash that could be guessed at, compared */
function askedFor(
  action: Action,
  { idempotencyKey, executionId, eventId = null, path, group }: ActionRequest,
  parameters: Fields,
  formerly: Fields,
): Asked {
  return {
    idempotencyKey,
    executionId,
    eventId,
    name: action.name,
    path: path ?? null,
    group: group ?? null,
    parameters,
    hash: hash('sha256', canonicalText(parameters)),
    formerHash: hash('sha256', canonicalText(formerly)),
  };
}

const isThis = (kept: string, { hash, formerHash }: Asked): boolean => kept === hash || kept === formerHash;

/** The end that there is under this key. @throws it, when it was an error */
function ended({ parameters_hash, success, result, error }: ResultRow, asked: Asked): { result: Value } | undefined {
  const { name } = asked;
  if (!isThis(parameters_hash, asked))
    throw new ActionError('NONDETERMINISM', `The key stands for ${name} with other parameters`, 'consistency');
  if (success === null) return undefined;
  if (success) return { result };
  throw Object.assign(new Error(error?.message), error);
}

/** Runs it for as long as it may take. @throws ActionError ACTION_TIMEOUT */
async function timed(
  { name, options }: Action,
  request: ActionRequest,
  attempt: number,
  work: (call: ActionCall) => Promise<Value | void>,
): Promise<Value> {
  const limit = AbortSignal.timeout(options.timeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, limit]) : limit;
  const over = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () =>
      reject(new ActionError('ACTION_TIMEOUT', `${name} took longer than ${options.timeoutMs} ms`, 'transient')),
    );
  });
  over.catch(() => undefined);
  const {
    tenant,
    executionId,
    idempotencyKey,
    eventId = null,
    userId = null,
    correlationId = idempotencyKey,
  } = request;
  const call = { tenant, executionId, idempotencyKey, eventId, userId, correlationId, attempt, signal };
  const output = toJson((await Promise.race([work(call), over])) ?? null, `result of ${name}`);
  if (JSON.stringify(output).length > LARGEST_RESULT)
    throw new ActionError('RESULT_TOO_LARGE', `${name} answered more than ${LARGEST_RESULT} characters`);
  return output;
}

/** The transaction for as long as the action may use it: one that was given up must not write through a connection that others have by then. */
const until = (signal: AbortSignal, tx: Tx): Tx => ({
  ...tx,
  query: async (sql, params) => (signal.throwIfAborted(), tx.query(sql, params)),
  one: async (sql, params) => (signal.throwIfAborted(), tx.one(sql, params)),
  run: async (sql, params) => (signal.throwIfAborted(), tx.run(sql, params)),
});
