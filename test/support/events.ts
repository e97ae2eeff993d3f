/** Events in the live service, over HTTP. */
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import type { Answer, Workstream } from './workstream.js';

/** An event's row, as the database has it. */
export interface EventRow {
  event_id: string;
  status: string;
  payload: object;
  metadata: object | null;
  retry_count: number;
  created_at: Date;
  updated_at: Date;
  stored_at: Date;
  correlation_id: string;
  instance_id: string;
}

/** A dead letter, as the database has it. */
export interface LetterRow {
  id: number;
  event_id: string;
  run_id: string;
  step: string;
  reason: string;
  error: { code: string; message: string };
  payload: unknown;
  correlation_id: string;
  attempts: number;
  retry_attempt: number;
  replayed_at: Date | null;
  closed_at: Date | null;
}

export interface Counters {
  total: number;
  pending: number;
  delivered: number;
  failed: number;
}

export class Pipeline {
  constructor(readonly service: Workstream) {}

  /** Sends an event that has to be accepted; answers its id. */
  async send(payload: object = { test: 'data' }, more: object = {}, query = ''): Promise<string> {
    const answer = await this.post({ payload, ...more }, query);
    if (answer.status !== 200) throw new Error(`not accepted: ${JSON.stringify(answer.body)}`);
    return answer.body.data.event_id;
  }

  post(
    body: object,
    query = '',
    headers: Record<string, string> = {},
  ): Promise<
    Answer<{ data: { event_id: string; status: string; timestamp: string }; timestamp: string; code?: string }>
  > {
    return this.service.ask('POST', `/api/events${query}`, body, 'sales', headers);
  }

  batch(events: unknown[]): Promise<
    Answer<{
      data: {
        batch_id: string;
        total: number;
        successful: number;
        failed: number;
        events: { index: number; event_id: string | null; status: string; error?: string }[];
      };
    }>
  > {
    return this.service.ask('POST', '/api/events/batch', { events });
  }

  async row(eventId: string): Promise<EventRow | undefined> {
    const [row] = await this.service.rows<EventRow>('select * from events.events where event_id = $1', eventId);
    return row;
  }

  letters(eventId: string): Promise<LetterRow[]> {
    return this.service.rows('select * from events.dead_letters where event_id = $1 order by id', eventId);
  }

  /** The run of an event: the last one, or the one of this number. */
  async run(
    eventId: string,
    attempt?: number,
  ): Promise<{ id: string; run_id: string; state: string; status: string; output: object | null }> {
    const [run] = await this.service.rows<{
      id: string;
      run_id: string;
      state: string;
      status: string;
      output: object | null;
    }>(
      `select i.id, r.run_id, i.state, i.status, i.snapshot -> 'output' as output from events.runs r join engine.instances i on i.tenant = r.tenant and i.id = r.instance_id
        where r.event_id = $1 and ($2::int is null or r.attempt = $2) order by r.attempt desc limit 1`,
      eventId,
      attempt ?? null,
    );
    if (!run) throw new Error(`${eventId} has no run`);
    return run;
  }

  /** What a run went through, in order. */
  async steps(eventId: string): Promise<string[]> {
    const { id } = await this.run(eventId);
    const rows = await this.service.rows<{ type: string }>(
      'select type from engine.history where instance_id = $1 order by seq',
      id,
    );
    return rows.map(({ type }) => type);
  }

  /** The sums of the counters of the tenant. */
  async counters(): Promise<Counters> {
    const rows = await this.service.rows<{ key: keyof Counters; value: number }>(
      `select substr(key, 16) as key, sum(value)::int as value from events.metric_counters where tenant = 'demo' group by key`,
    );
    return {
      total: 0,
      pending: 0,
      delivered: 0,
      failed: 0,
      ...Object.fromEntries(rows.map(({ key, value }) => [key, value])),
    };
  }

  work(): Promise<void> {
    return this.service.work();
  }

  /** Lets time pass, and everything happen that then is due. */
  async pass(duration: string): Promise<void> {
    await this.service.done('POST', '/admin/clock', { advance: duration }, 'admin');
    const timers = this.service.live.app.get(TimerWorker);
    while (await timers.turn());
    await this.work();
  }
}
