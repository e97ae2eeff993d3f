import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../platform/database.js';
import type { Json } from './core/driver.js';
import { Decisions } from './decisions.js';
import type { Cause } from './recording.js';
import { EngineService } from './engine.service.js';
import { Finishing } from './finishing.js';
import { Registry } from './registry.js';
import { recordAttempt, type Attempt } from './store/attempts.js';
import { endedOf } from './store/advance.js';
import * as compensation from './store/compensation.js';
import * as instances from './store/instances.js';
import type { Locked } from './store/instances.js';
import * as outbox from './store/outbox.js';
import type { OutboxRow } from './store/outbox.js';
import * as timers from './store/timers.js';
import type { DueTimer } from './store/timers.js';

/** How an effect ended for good. */
export type Ending =
  | { ok: true; output: Json }
  | {
      ok: false;
      error: { code: string; message: string };
      /** Tries ran out, rather than a plain no. */ exhausted: boolean;
    };

/** Brings the ends of effects and timers back into their instances, each in the transaction that consumes it. */
@Injectable()
export class Settling {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
    private readonly registry: Registry,
    private readonly decisions: Decisions,
    private readonly finishing: Finishing,
  ) {}

  /** Ends a claimed effect. A job's answer goes to the machine that waits; a stale fence changes nothing. */
  effect(row: OutboxRow, ending: Ending, attempt: Attempt): Promise<void> {
    if (row.kind === 'job') return this.job(row, ending, attempt);
    // Nobody waits for it and nothing would undo it: its instance need not even be looked at.
    if (row.kind === 'command' && row.compensate === null) return this.finishing.add(row, ending, attempt);
    if (row.kind === 'letter') return this.letter(row, ending, attempt);
    return this.database.transaction(row.tenant, async (tx) => {
      const instance = await instances.lock(tx, row.instance_id, null);
      await recordAttempt(tx, row, attempt);
      if ((await outbox.finish(tx, row, ending.ok ? 'done' : 'dead', ...outcome(ending))) && instance)
        await this.undoLate(tx, row, instance, ending);
    });
  }

  /** Fires a due timer. One that the machine no longer waits for is only marked. */
  async timer(timer: DueTimer): Promise<void> {
    const cause = system('timer', `timer:${timer.timer_id}#${timer.generation}`, 'system:timer');
    const fired = { timer_id: timer.timer_id, generation: timer.generation };
    const wish = { event: { type: timer.event.type, payload: {} }, fired };
    if (await this.engine.bring(timer.tenant, timer.instance_id, cause, wish)) return;
    await this.engine.receive(
      timer.tenant,
      timer.instance_id,
      cause,
      async (tx, { status }) => {
        // Paused after this timer was taken: it stays armed and fires after the pause.
        if (status === 'paused') return undefined;
        const due = await timers.consume(tx, timer);
        return due && { type: due.event.type, payload: {} };
      },
      'ignore',
    );
  }

  private async job(row: OutboxRow, ending: Ending, attempt: Attempt): Promise<void> {
    const cause = system('effect-result', `effect:${row.key}`, 'system:outbox', row.correlation_id);
    // A plain no that the machine handles is an answer; only tries that ran out need a human.
    const status = !ending.ok && ending.exhausted ? 'dead' : 'done';
    const [result, error] = outcome(ending);
    const ended = endedOf(row, status, result ?? null, error, attempt);
    const wish = { event: answerOf(row, ending), evenPaused: true, ended };
    if (await this.engine.bring(row.tenant, row.instance_id, cause, wish)) return;
    await this.engine.receive(
      row.tenant,
      row.instance_id,
      cause,
      async (tx, instance) => {
        await recordAttempt(tx, row, attempt);
        const ended = await outbox.finish(tx, row, status, result, error);
        if (!ended) return undefined;
        if (ended.cancelled || instance.status === 'done' || instance.status === 'failed') {
          await this.undoLate(tx, row, instance, ending);
          return undefined;
        }
        return answerOf(row, ending);
      },
      'ignore',
    );
  }

  /** Hands an event of another instance over, once. A machine that does not care for it any more leaves it at that. */
  private async letter(row: OutboxRow, ending: Ending, attempt: Attempt): Promise<void> {
    const cause = system('event', `letter:${row.key}`, 'system:letter', row.correlation_id);
    await this.engine.receive(
      row.tenant,
      row.instance_id,
      cause,
      async (tx) => {
        await recordAttempt(tx, row, attempt);
        const isHere = await outbox.finish(tx, row, ending.ok ? 'done' : 'dead', ...outcome(ending));
        return isHere && ending.ok ? (row.params as { type: string; payload: Json }) : undefined;
      },
      'ignore',
      'worker',
    );
  }

  /** After the end of an instance: what still succeeded is undone too, and the last undoing closes the matter. */
  private async undoLate(tx: Tx, row: OutboxRow, instance: Locked, ending: Ending): Promise<void> {
    const isOver = instance.status === 'done' || instance.status === 'failed';
    // The lifecycle wants it undone, or an administrator who did not wait for this one.
    const isUndone = instance.tags.includes('compensate') || instance.compensation === 'pending';
    if (isOver && ending.ok && row.compensate !== null && isUndone)
      await this.decisions.undo(tx, instance.id, instance.revision);
    // An instance that was forced back to life goes on, and what was being undone before is undone to the end all the same.
    if (row.kind !== 'compensation' && !(isOver && instance.compensation === 'pending')) return;
    const { open, dead, undone } = await compensation.progress(tx, instance.id, isOver);
    if (open > 0) return;
    const hosted = this.registry.get(instance.lifecycle, instance.version);
    const cause = system('compensated', `effect:${row.key}`, 'system:outbox', row.correlation_id);
    await this.decisions.note(
      tx,
      hosted,
      instance,
      hosted.lifecycle.compensatedEvent ?? 'compensated',
      { undone, givenUp: dead },
      cause,
      instance.status,
      dead > 0 ? 'error' : 'done',
    );
  }
}

/** The event that answers the machine. */
const answerOf = ({ job_id }: OutboxRow, ending: Ending): { type: string; payload: Json } =>
  ending.ok
    ? { type: `xstate.done.actor.${job_id}`, payload: { output: ending.output } }
    : { type: `xstate.error.actor.${job_id}`, payload: { error: ending.error } };

const outcome = (ending: Ending): [Json | undefined, Json | undefined] =>
  ending.ok ? [ending.output, undefined] : [undefined, ending.error];

const system = (kind: Cause['kind'], cause: string, actor: string, correlationId = cause): Cause => ({
  kind,
  cause,
  actor,
  roles: [],
  correlationId,
});
