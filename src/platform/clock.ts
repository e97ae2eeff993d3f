import { Injectable } from '@nestjs/common';
import { Config } from './config.js';
import { Database, type Tx } from './database.js';
import { refuse } from './errors.js';
import { Wakeup } from './wakeup.js';

/** Business time: the database's clock, plus how far the sandbox has moved it ahead. */
@Injectable()
export class Clock {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly wakeup: Wakeup,
  ) {}

  /** Now, in milliseconds. Asked of the database each time: another process may just have moved it. */
  now(): Promise<number> {
    return this.database.system(read);
  }

  /**
   * Moves time ahead when the tenant's transaction commits, so that deadlines fall due then; answers the new time.
   * @throws SANDBOX_ONLY, WF006 when it would go back
   */
  async advance(tx: Tx, ms: number): Promise<number> {
    if (this.config.mode !== 'sandbox') throw refuse('SANDBOX_ONLY');
    if (!Number.isSafeInteger(ms) || ms < 0) throw refuse('WF006', { detail: 'Time can only be moved ahead.' });
    // The clock is everybody's, so no tenant may move it by itself.
    await tx.run('set local role statewright_system');
    await tx.run('update engine.clock set offset_ms = offset_ms + $1', [ms]);
    await tx.run('set local role statewright_app');
    tx.afterCommit(() => {
      this.wakeup.wake('timers');
      this.wakeup.wake('outbox');
    });
    return read(tx);
  }
}

async function read(tx: Tx): Promise<number> {
  const row = await tx.one<{ now: Date }>('select engine.now() as now');
  if (!row) throw new Error('the database does not know the time');
  return row.now.getTime();
}
