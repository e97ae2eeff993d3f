import { setTimeout as pause } from 'node:timers/promises';
import { ask, Fleet, type Member } from '../support/fleet.js';

const SIGNALS = 20_000;
const KILLS = 3;
const LOOK_EVERY_MS = 10;
const LIMIT_MS = 500_000;

interface Job {
  state: string;
  processed: number;
}

describe('a job that scores every signal', () => {
  let fleet: Fleet;
  let api: Member;
  let worker: Member;

  beforeAll(async () => {
    fleet = await Fleet.start();
    api = await (await fleet.member('api')).start();
    worker = await (await fleet.member('worker')).start();
    await fleet.rows(
      `insert into workstream.signals (tenant, workflow_instance_id, source_type, ts, urgency_score, dedupe_key, request_hash, status, created_at, updated_at)
       select 'demo', 'wf_s' || n, 'email', now(), (n % 100) / 100.0, 'key_' || n, '', 'new', now(), now() from generate_series(1, $1::int) n`,
      SIGNALS,
    );
  }, 600_000);
  afterAll(() => fleet.stop(), 60_000);

  const post = async (path: string, body?: object): Promise<Record<string, unknown>> => {
    const answer = await ask(api.url, 'POST', path, { key: fleet.keys['admin'], ...(body && { body }) });
    expect(answer.status).toBeLessThan(300);
    return answer.body;
  };
  const job = async (id: string): Promise<Job> => {
    const [row] = await fleet.rows<Job>(
      `select state, (snapshot -> 'context' ->> 'processed')::int as processed from engine.instances where id = $1`,
      id,
    );
    if (!row) throw new Error('there is no such job');
    return row;
  };

  it('goes on after every kill of its worker where it was, and scores nothing twice (R001-72, R001-85)', async () => {
    const { spotlight_id } = await post('/api/spotlights', { name: 'Ideal', domain: 'it' });
    const id = String((await post(`/api/spotlights/${String(spotlight_id)}/rescore`))['job_id']);
    const until = Date.now() + LIMIT_MS;
    const seen: number[] = [0];
    for (let last = await job(id); last.state === 'working'; last = await job(id)) {
      expect(Date.now()).toBeLessThan(until);
      if (last.processed > (seen.at(-1) ?? 0)) {
        seen.push(last.processed);
        if (seen.length <= KILLS + 1) {
          await worker.end('SIGKILL');
          // What a worker has committed stays, and nobody takes it back.
          expect((await job(id)).processed).toBeGreaterThanOrEqual(last.processed);
          await worker.start();
        }
      }
      await pause(LOOK_EVERY_MS);
    }
    expect(seen.length).toBeGreaterThan(1);
    expect(await job(id)).toEqual({ state: 'done', processed: SIGNALS });
    const counted = await fleet.rows(
      `select (select count(*)::int from workstream.spotlight_scores) as scores, (select count(*)::int from workstream.spotlight_scoring_history) as history`,
    );
    expect(counted).toEqual([{ scores: SIGNALS, history: SIGNALS }]);
    const { body } = await ask(api.url, 'GET', `/api/workstream/jobs/${id}`, { key: fleet.keys['admin'] });
    expect(body).toMatchObject({ status: 'done', total: SIGNALS, processed: SIGNALS, failed: 0, progress_pct: 100 });
  }, 600_000);
});
