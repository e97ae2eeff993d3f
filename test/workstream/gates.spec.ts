import { WorkstreamFigures } from '../../src/workstream/today/workstream.figures.js';
import { workstream } from '../support/workstream.js';

const service = workstream();

describe('the rate at which pursuits pass their gates (R001-83)', () => {
  it('counts those that came through with their list done, of those that wait no more', async () => {
    const ids = [await service.pursuit(), await service.pursuit(), await service.pursuit(), await service.pursuit()];
    const [through, forced, ended, waiting] = ids as [number, number, number, number];
    for (const id of ids) await service.advance(id, 'pink');
    expect((await service.ask('POST', `/api/pursuits/${through}/stage`, { to: 'red' })).status).toBe(409);
    for (const [gate, to] of [
      ['pink_to_red', 'red'],
      ['red_to_submit', 'submit'],
    ] as const) {
      await service.clear(through, gate);
      await service.done('POST', `/api/pursuits/${through}/stage`, { to });
    }
    const instanceOf = async (id: number) =>
      (await service.done<{ workflow_instance_id: string }>('GET', `/api/pursuits/${id}`)).workflow_instance_id;
    for (const [id, toState, event] of [
      [forced, 'red', { reason: 'The customer has paid in advance already' }],
      [ended, 'lost', { reason: 'The customer has gone out of business' }],
    ] as const)
      await service.done(
        'POST',
        `/admin/workflows/${await instanceOf(id)}/force-transition`,
        { fromState: 'pink', toState, ...event },
        'admin',
      );
    const { data } = await service.done<{ data: object[] }>('GET', '/api/workstream/gates?org_id=1');
    expect(data).toEqual([
      { gate: 'pink_to_red', reached: 4, passed: 1, forced: 1, waiting: 1, ended: 1, pass_pct: 33.33 },
      { gate: 'red_to_submit', reached: 2, passed: 1, forced: 0, waiting: 1, ended: 0, pass_pct: 100 },
      { gate: 'submit_to_close', reached: 1, passed: 0, forced: 0, waiting: 1, ended: 0, pass_pct: null },
    ]);
    expect(await service.stage(waiting)).toBe('pink');
    await service.live.app.get(WorkstreamFigures).refresh();
    const text = await (await fetch(`${service.live.url}/metrics`)).text();
    for (const line of [
      'statewright_workstream_gate_pass_percent{gate="pink_to_red"} 33.33',
      'statewright_workstream_gate_attempts_total{gate="pink_to_red",outcome="blocked"} 1',
      'statewright_workstream_gate_attempts_total{gate="pink_to_red",outcome="passed"} 1',
      'statewright_workstream_gate_attempts_total{gate="pink_to_red",outcome="forced"} 1',
    ])
      expect(text).toContain(line);
  });

  it('forgets a pursuit that is deleted, and is nothing for people outside the team', async () => {
    const { data } = await service.done<{ data: { reached: number }[] }>('GET', '/api/workstream/gates');
    const id = await service.pursuit();
    await service.advance(id, 'pink');
    await service.done('DELETE', `/api/pursuits/${id}`);
    expect(await service.done('GET', '/api/workstream/gates')).toEqual({ data });
    expect((await service.ask('GET', '/api/workstream/gates', undefined, 'investor')).status).toBe(403);
  });
});

it('shows jobs of the pipeline to the team, and lets those who work in it stop them (R001-53)', async () => {
  const { job_id } = await service.done<{ job_id: string }>('POST', '/api/sla/reconcile', {}, 'operator');
  const job = `/api/workstream/jobs/${job_id}`;
  expect((await service.ask('GET', job, undefined, 'viewer')).status).toBe(200);
  for (const role of ['investor', 'creator', 'production'] as const)
    expect((await service.ask('GET', job, undefined, role)).status).toBe(403);
  expect((await service.ask('POST', `${job}/cancel`, undefined, 'viewer')).status).toBe(403);
  expect(await service.ask('POST', `${job}/cancel`, undefined, 'operator')).toMatchObject({
    status: 200,
    body: { status: 'cancelled' },
  });
});
