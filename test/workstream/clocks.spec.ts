import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { workstream } from '../support/workstream.js';

const service = workstream();

/** Lets time pass and what falls due happen. */
async function later(advance: string): Promise<void> {
  await service.done('POST', '/admin/clock', { advance }, 'admin');
  while (await service.live.app.get(TimerWorker).turn());
}

const clocks = (type: string, id: number) =>
  service.rows<{ metric: string; state: string; reason: string | null }>(
    `select metric, state, reason from workstream.sla_clocks where item_type = $1 and item_id = $2 order by clock_id`,
    type,
    id,
  );
/** The operator's query of R001-84, word for word. */
const openBreaches = async () =>
  (
    await service.rows<{ item_id: number }>(
      'SELECT * FROM app.sla_breach WHERE resolved_at IS NULL ORDER BY breached_at DESC;',
    )
  ).map(({ item_id }) => Number(item_id));

beforeAll(async () => {
  // The quick start of the requirements, as it is written there.
  await service.live.owner.query(
    `INSERT INTO app.sla_rule(org_id, item_type, metric, threshold_hrs, is_active) VALUES (1, 'signal', 'triage_sla', 24, 1);`,
  );
});

it('breaches a signal that is left alone, once, and a touch resolves it (R001-54, R001-57, R001-59)', async () => {
  const [left, touched] = [await service.signal(), await service.signal()];
  await later('23h');
  await service.done('PUT', `/api/signals/${touched}`, { owner_user_id: 'sally' });
  expect(await openBreaches()).not.toContain(left);
  await later('61m');
  expect(await openBreaches()).toContain(left);
  expect(await openBreaches()).not.toContain(touched);
  await later('48h');
  expect((await openBreaches()).filter((id) => id === left)).toHaveLength(1);
  await service.done('PUT', `/api/signals/${left}`, { owner_user_id: 'sally' });
  expect(await openBreaches()).not.toContain(left);
});

it('waits from the promotion to the submission, and then for an answer (R001-54, R001-60)', async () => {
  const id = await service.pursuit();
  expect(await clocks('candidate', id)).toContainEqual(
    expect.objectContaining({ metric: 'proposal_sla', state: 'running' }),
  );
  await service.advance(id, 'submit');
  expect(await clocks('candidate', id)).toContainEqual(
    expect.objectContaining({ metric: 'proposal_sla', state: 'met', reason: 'pursuit.submit' }),
  );
  expect(await clocks('pursuit', id)).toContainEqual(
    expect.objectContaining({ metric: 'response_sla', state: 'running' }),
  );
  await service.clear(id, 'submit_to_close');
  await service.done('POST', `/api/pursuits/${id}/won`);
  expect(await clocks('pursuit', id)).toContainEqual(
    expect.objectContaining({ metric: 'response_sla', state: 'met', reason: 'pursuit.won' }),
  );
});
