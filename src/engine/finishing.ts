import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database.js';
import { GroupCommit, isRefusal } from './optimistic/group.commit.js';
import { Gathering } from './optimistic/gathering.js';
import type { Ending } from './settling.js';
import { endedOf } from './store/advance.js';
import type { Attempt } from './store/attempts.js';
import * as outbox from './store/outbox.js';
import type { Finished, OutboxRow } from './store/outbox.js';

type End = 'durable' | { error: unknown };

/** Of all tenants at once: this is the system's own work. */
const EVERYBODY = '*';

/** Ends effects that no machine waits for, many in one call; what is wrong with one of them is no concern of the others. */
@Injectable()
export class Finishing {
  private readonly ends: Gathering<Finished, End>;

  constructor(
    private readonly database: Database,
    private readonly commits: GroupCommit,
  ) {
    this.ends = new Gathering((_, ends) => this.finish(ends));
  }

  /** Resolves when it is written down how the effect ended, or that somebody else holds it by now. */
  async add(row: OutboxRow, ending: Ending, attempt: Attempt): Promise<void> {
    const ended = ending.ok
      ? endedOf(row, 'done', ending.output, undefined, attempt)
      : endedOf(row, 'dead', null, ending.error, attempt);
    const end = await this.ends.add(EVERYBODY, finished(row, ended));
    if (end !== 'durable') throw end.error;
  }

  private async finish(ends: readonly Finished[]): Promise<End[]> {
    try {
      await outbox.finishAll(this.database, (await this.commits.types()).finished, ends);
      return ends.map(() => 'durable');
    } catch (error) {
      // Whether a lost connection has committed is unknown; the lease decides what is to be done again.
      if (ends.length === 1 || !isRefusal(error)) return ends.map(() => ({ error }));
      const outcomes: End[] = [];
      for (const end of ends) outcomes.push(...(await this.finish([end])));
      return outcomes;
    }
  }
}

/** Written out: taking fields out of an object and putting others in takes as long as running an effect. */
const finished = ({ tenant, id, instance_id, fence }: OutboxRow, ended: ReturnType<typeof endedOf>): Finished => ({
  tenant,
  id,
  instance_id,
  fence,
  status: ended.status,
  result: ended.result,
  last_error: ended.last_error,
  outcome: ended.outcome,
  request_hash: ended.request_hash,
  provider: ended.provider,
  provider_id: ended.provider_id,
  response_code: ended.response_code,
  detail: ended.detail,
  duration_ms: ended.duration_ms,
});
