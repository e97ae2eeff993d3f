/** What administrators did, to what, and why; and which decisions threw. Rows are only ever added. */
import type { Tx } from '../../platform/database.js';
import type { Json } from '../core/driver.js';

export const audit = (
  tx: Tx,
  entry: { actor: string; action: string; target: string; reason: string; details?: Json },
): Promise<number> =>
  tx.run(
    `insert into engine.audit (tenant, at, actor, action, target, reason, details) values (engine.tenant(), engine.now(), $1, $2, $3, $4, $5)`,
    [entry.actor, entry.action, entry.target, entry.reason, JSON.stringify(entry.details ?? {})],
  );

/** Keeps a decision that threw, with its stack, for whoever has to mend the definition (R000-8). */
export const recordFailure = (
  tx: Tx,
  failure: { instanceId: string; type: string; state: string; error: Error; correlationId: string },
): Promise<number> =>
  tx.run(
    `insert into engine.failures (tenant, instance_id, type, state, error, correlation_id, at) values (engine.tenant(), $1, $2, $3, $4, $5, engine.now())`,
    [
      failure.instanceId,
      failure.type,
      failure.state,
      JSON.stringify({ name: failure.error.name, message: failure.error.message, stack: failure.error.stack ?? '' }),
      failure.correlationId,
    ],
  );

/** Failures are kept this long (R000-8). */
const KEEP_FAILURES_DAYS = 30;

/** Forgets failures that nobody will look at any more. Answers how many. */
export const forgetFailures = (tx: Tx): Promise<number> =>
  tx.run(`delete from engine.failures where at < engine.now() - $1 * interval '1 day'`, [KEEP_FAILURES_DAYS]);

/** The last decision that threw. Its stack stays here: it concerns whoever mends the definition, not who reads about the instance. */
export const lastFailure = (tx: Tx, instanceId: string) =>
  tx.one<{ type: string; state: string; error: { name: string; message: string }; at: Date }>(
    `select type, state, error - 'stack' as error, at from engine.failures where tenant = engine.tenant() and instance_id = $1 order by id desc limit 1`,
    [instanceId],
  );
