import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import type { Mail } from '../../src/integrations/sandbox/smtp.js';
import { workstream } from '../support/workstream.js';

const service = workstream();

const mailsTo = async (address: string): Promise<Mail[]> => {
  const mails = (await (await fetch(`${service.live.sandbox.url}/_sandbox/messages`)).json()) as Mail[];
  return mails.filter(({ to }) => to.includes(address));
};
const begin = (candidate: number, more: object = {}) =>
  service.ask('POST', `/api/candidates/${candidate}/drips`, { template_id: 'check_in', cadence_days: 7, ...more });
const drip = async (candidate: number, more: object = {}): Promise<string> => {
  const { status, body } = await begin(candidate, more);
  expect({ status, body }).toMatchObject({ status: 201 });
  return `/api/candidates/${candidate}/drips/${String(body['drip_id'])}`;
};

/** Lets days pass and everything happen that falls due meanwhile. */
async function pass(days: number): Promise<void> {
  await service.done('POST', '/admin/clock', { advance: `${days}d` }, 'admin');
  while (await service.live.app.get(TimerWorker).turn());
  await service.work();
}

describe('a drip (R001-13)', () => {
  it('writes to the contact of a candidate every so many days, as often as it was told', async () => {
    const candidate = await service.candidate({ title: 'A new shop', contact_email: 'ann@example.com' });
    const path = await drip(candidate, { times: 2, message: 'We have {{ news }}.' });
    expect(await service.done('GET', path)).toMatchObject({ status: 'active', sent: 0, last_sent_at: null });
    await pass(6);
    expect(await mailsTo('ann@example.com')).toEqual([]);
    await pass(1);
    expect(await mailsTo('ann@example.com')).toMatchObject([
      // Words of the tenant are printed as they are.
      { subject: 'Is "A new shop" current by now?', text: expect.stringContaining('We have {{ news }}.') },
    ]);
    expect(await service.done('GET', path)).toMatchObject({
      status: 'active',
      sent: 1,
      next_run_at: expect.any(String),
    });
    await pass(7);
    expect(await mailsTo('ann@example.com')).toHaveLength(2);
    expect(await service.done('GET', path)).toMatchObject({ status: 'done', sent: 2, next_run_at: null });
    await pass(30);
    expect(await mailsTo('ann@example.com')).toHaveLength(2);
    const names = (await service.events('candidate', candidate)).map(({ name }) => name);
    expect(names).toEqual(['candidate.created', 'drip.started', 'drip.sent', 'drip.sent', 'drip.done']);
  });

  it('sends one letter for all the turns that were missed, and keeps its day', async () => {
    const candidate = await service.candidate({ contact_email: 'ben@example.com' });
    const path = await drip(candidate);
    const first = await service.done<{ next_run_at: string }>('GET', path);
    await pass(30);
    expect(await mailsTo('ben@example.com')).toHaveLength(1);
    const then = await service.done<{ next_run_at: string }>('GET', path);
    expect(Date.parse(then.next_run_at) - Date.parse(first.next_run_at)).toBe(28 * 86_400_000);
  });

  it('sends a letter once, however often the mail server fails', async () => {
    const candidate = await service.candidate({ contact_email: 'cy@example.com' });
    await drip(candidate, { times: 1 });
    await service.live.breakDown('smtp');
    await pass(7);
    expect(await mailsTo('cy@example.com')).toEqual([]);
    await service.live.repair();
    await pass(1);
    await pass(1);
    expect(await mailsTo('cy@example.com')).toHaveLength(1);
  });

  it('stands still when a letter cannot be delivered, until somebody has seen to it', async () => {
    const candidate = await service.candidate();
    const path = await drip(candidate);
    await pass(7);
    expect(await service.done('GET', path)).toMatchObject({
      status: 'paused',
      sent: 0,
      next_run_at: null,
      reason: 'the candidate has no e-mail address',
    });
    await service.done('PUT', `/api/candidates/${candidate}`, { contact_email: 'dee@example.com' });
    expect(await service.done('POST', `${path}/resume`)).toMatchObject({ status: 'active', reason: null });
    await pass(0);
    expect(await mailsTo('dee@example.com')).toHaveLength(1);
  });

  it('is paused and stopped by people', async () => {
    const candidate = await service.candidate({ contact_email: 'eve@example.com' });
    const path = await drip(candidate);
    expect(await service.done('POST', `${path}/pause`, { reason: 'On holiday' })).toMatchObject({
      status: 'paused',
      reason: 'On holiday',
    });
    await pass(10);
    expect(await mailsTo('eve@example.com')).toEqual([]);
    expect((await service.ask('POST', `${path}/pause`, {})).status).toBe(409);
    expect(await service.done('POST', `${path}/stop`, { reason: 'They asked for it' })).toMatchObject({
      status: 'done',
    });
    expect((await service.ask('POST', `${path}/resume`)).status).toBe(409);
    expect(await service.done('GET', `/api/candidates/${candidate}/drips`)).toMatchObject({
      data: [{ status: 'done' }],
    });
  });

  it.each([
    ['promoted', 'POST', '/promote'],
    ['archived', 'POST', '/status'],
    ['deleted', 'DELETE', ''],
  ])('ends with a candidate that is %s, in the same transaction', async (end, method, route) => {
    const candidate = await service.candidate({ contact_email: `${end}@example.com` });
    await service.done('POST', `/api/candidates/${candidate}/status`, { to: 'triaged' });
    const { body } = await begin(candidate);
    await service.done(
      method,
      `/api/candidates/${candidate}${route}`,
      end === 'archived' ? { to: 'archived' } : undefined,
    );
    expect(await service.live.read(String(body['workflow_instance_id']))).toMatchObject({
      state: 'done',
      context: { reason: `candidate.${end}` },
    });
    await pass(8);
    expect(await mailsTo(`${end}@example.com`)).toEqual([]);
    if (end !== 'deleted') expect(await begin(candidate)).toMatchObject({ status: 409, body: { code: 'WF002' } });
  });

  it('is refused when it makes no sense, and is one under one key', async () => {
    const candidate = await service.candidate();
    for (const wrong of [{ template_id: 'spam' }, { cadence_days: 0 }, { times: 0 }, { next_run_at: '2020-01-01' }])
      expect(await begin(candidate, wrong)).toMatchObject({ status: 400, body: { code: 'WF006' } });
    expect((await begin(999_999)).status).toBe(404);
    const once = () =>
      service.ask('POST', `/api/candidates/${candidate}/drips`, { template_id: 'news', cadence_days: 1 }, 'sales', {
        'idempotency-key': 'd1',
      });
    expect((await once()).body).toEqual((await once()).body);
    expect(await begin(candidate, { template_id: 'news' })).toMatchObject({ status: 409, body: { code: 'WF007' } });
    expect((await service.ask('GET', `/api/candidates/${candidate + 1_000}/drips`)).status).toBe(404);
    const { data } = await service.done<{ data: { template_id: string }[] }>('GET', '/api/workstream/drip-templates');
    expect(data.map(({ template_id }) => template_id)).toEqual(['check_in', 'follow_up', 'news']);
    expect(
      await service.rows(`select org_id, status from app.drip_schedule where candidate_id = $1`, candidate),
    ).toEqual([{ org_id: 1, status: 'active' }]);
  });
});
