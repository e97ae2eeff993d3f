import type { Mail } from '../../src/integrations/sandbox/smtp.js';
import { workstream } from '../support/workstream.js';

const service = workstream();

const mailsTo = async (address: string): Promise<Mail[]> => {
  const mails = (await (await fetch(`${service.live.sandbox.url}/_sandbox/messages`)).json()) as Mail[];
  return mails.filter(({ to }) => to.includes(address));
};

/** What was told in the app about a pursuit: whom and of what. */
const told = async (id: number) => {
  const rows = await service.rows<{ user_id: string; type: string }>(
    `select m.user_id, m.type from notifications.messages m
       join workstream.pursuits p on p.workflow_instance_id = m.data ->> 'workflowInstanceId'
      where p.pursuit_id = $1 order by m.created_at, m.user_id`,
    id,
  );
  return rows.map(({ user_id, type }) => `${type} → ${user_id}`);
};

/** Lets a while pass in which failed deeds are tried again. */
const later = (advance: string) => service.done('POST', '/admin/clock', { advance }, 'admin');

/** An operator's queries of R001-84, word for word. */
const DEPTH = 'SELECT COUNT(*) FROM app.work_event WHERE processed_at IS NULL;';
const BY_WORKER = 'SELECT claimed_by, COUNT(*) FROM app.work_event WHERE processed_at IS NULL GROUP BY claimed_by;';
const depth = async () => Number((await service.rows<{ count: number }>(DEPTH))[0]?.count);

describe('a proposal that is submitted', () => {
  it('goes to the prospect with its document, once, and the team is told (R001-65, R001-66)', async () => {
    const signal = await service.signal({ contact_email: 'prospect@example.com' });
    const id = await service.pursuit({
      title: 'A new website',
      one_liner_scope: 'Shop and blog',
      signal_ids: [signal],
    });
    await service.done('PUT', `/api/pursuits/${id}`, { forecast_value_usd: 48_000, due_date: '2026-12-24' });
    await service.done('PUT', `/api/pursuits/${id}/estimates/engineer`, {
      optimistic_hours: 10,
      most_likely_hours: 20,
      pessimistic_hours: 60,
    });
    await service.advance(id, 'submit');
    expect(await depth()).toBe(2);
    await service.work();
    expect(await depth()).toBe(0);

    const mails = await mailsTo('prospect@example.com');
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({
      subject: 'Our proposal: A new website',
      text: expect.stringContaining('please find our proposal for "A new website" enclosed'),
      attachments: [{ name: `proposal-${id}-v1.pdf`, contentType: 'application/pdf', size: expect.any(Number) }],
    });
    const { data } = await service.done<{ data: { proposal_id: number; doc_id: string; mailed_at: string }[] }>(
      'GET',
      `/api/pursuits/${id}/proposals`,
    );
    expect(data[0]).toMatchObject({
      doc_id: expect.stringMatching(/^proposals\/wf_\w+\/v1\.pdf$/),
      mailed_at: expect.any(String),
    });
    expect(await told(id)).toEqual(['proposal_sent → sales-team', 'proposal_sent → sally']);

    const paper = await fetch(`${service.live.url}/api/pursuits/proposals/${data[0]?.proposal_id}/document`, {
      headers: { authorization: `Bearer ${await service.live.tokenFor('sam', ['sales'])}` },
    });
    expect(paper.headers.get('content-type')).toBe('application/pdf');
    const bytes = Buffer.from(await paper.arrayBuffer());
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(bytes).toHaveLength(mails[0]?.attachments[0]?.size ?? 0);
  });

  it('is mailed once, however often the mail server fails, and nobody celebrates before (R001-63, R001-67)', async () => {
    const id = await service.pursuit({ contact_email: 'slow@example.com' });
    await service.advance(id, 'submit');
    await service.clear(id, 'submit_to_close');
    await service.done('POST', `/api/pursuits/${id}/won`);
    await service.live.breakDown('smtp');
    await service.work();
    expect(await mailsTo('slow@example.com')).toEqual([]);
    expect(await told(id)).toEqual([]);
    expect(await service.rows(BY_WORKER)).toEqual([{ claimed_by: null, count: 3 }]);
    await later('1m');
    await service.work();
    await service.live.repair();
    await later('2m');
    await service.work();
    expect(await mailsTo('slow@example.com')).toHaveLength(1);
    expect(await told(id)).toEqual([
      'proposal_sent → sales-team',
      'proposal_sent → sally',
      'pursuit_won → sales-team',
      'pursuit_won → sally',
    ]);
  });

  it('that no mail server takes is dead, holds up nothing that comes after, and can be tried again (R001-64, R001-67)', async () => {
    const id = await service.pursuit({ contact_email: 'never@example.com' });
    await service.advance(id, 'submit');
    await service.clear(id, 'submit_to_close');
    await service.done('POST', `/api/pursuits/${id}/won`);
    await service.live.breakDown('smtp');
    for (const pause of ['1m', '2m', '4m', '8m', '16m', '32m', '1h', '1h', '1h']) {
      await service.work();
      await later(pause);
    }
    await service.live.repair();
    await service.work();
    const { data } = await service.done<{ data: { id: number; type: string; attempts: number }[] }>(
      'GET',
      '/admin/dead-letters',
      undefined,
      'admin',
    );
    expect(data).toMatchObject([{ type: 'workstream.mailProposal', attempts: 8 }]);
    // The proposal is not out, and nobody is told that it is.
    expect(await told(id)).toEqual([
      'proposal_unmailed → sales-team',
      'proposal_unmailed → sally',
      'pursuit_won → sales-team',
      'pursuit_won → sally',
    ]);
    const open = `select event_name, dead_letter_at is not null as dead, last_error is not null as explained from app.work_event
                   where processed_at is null and item_type = 'pursuit' and item_id = $1`;
    expect(await service.rows(open, id)).toEqual([{ event_name: 'pursuit.submit', dead: true, explained: true }]);
    await service.done(
      'POST',
      `/admin/dead-letters/${data[0]?.id}/replay`,
      { reason: 'The mail server is back' },
      'admin',
    );
    await service.work();
    expect(await mailsTo('never@example.com')).toHaveLength(1);
    expect(await service.rows(open, id)).toEqual([]);
  });

  it('is handed to its people when the prospect has no address', async () => {
    const id = await service.pursuit();
    await service.advance(id, 'submit');
    await service.work();
    expect(await told(id)).toEqual([
      'proposal_unmailed → sales-team',
      'proposal_unmailed → sally',
      'proposal_sent → sales-team',
      'proposal_sent → sally',
    ]);
  });

  it('is a link when its document is kept elsewhere', async () => {
    const id = await service.pursuit({ contact_email: 'link@example.com' });
    const { proposal_id } = await service.done<{ proposal_id: number }>('POST', `/api/pursuits/${id}/proposals`, {
      doc_id: 'https://docs.example.com/p/2',
    });
    await service.done('POST', `/api/pursuits/proposals/${proposal_id}/send`);
    await service.work();
    const mails = await mailsTo('link@example.com');
    expect(mails).toMatchObject([
      {
        subject: 'Our proposal: A new website (version 2)',
        text: expect.stringContaining('https://docs.example.com/p/2'),
        attachments: [],
      },
    ]);
  });
});

it('tells the people of a pursuit why it was lost (R001-65)', async () => {
  const id = await service.pursuit();
  await service.advance(id, 'submit');
  await service.clear(id, 'submit_to_close');
  await service.done('POST', `/api/pursuits/${id}/lost`, { reason: 'competition', note: 'They were cheaper' });
  await service.work();
  const { data } = await service.done<{ data: object[] }>('GET', '/api/notifications');
  expect(data[0]).toMatchObject({
    user_id: 'sales-team',
    subject: 'Lost: A new website',
    body: expect.stringContaining('Reason: competition\nNote: They were cheaper'),
  });
});

it('tells nobody about a pursuit that has been deleted', async () => {
  const id = await service.pursuit({ contact_email: 'gone@example.com' });
  await service.advance(id, 'submit');
  await service.done('DELETE', `/api/pursuits/${id}`);
  await service.work();
  expect(await mailsTo('gone@example.com')).toEqual([]);
  expect(await depth()).toBe(0);
});

it('shows every event in the words of the original service (R001-12, R001-84)', async () => {
  const id = await service.pursuit();
  const rows = await service.rows(
    `select event_name, org_id, payload_json, actor_user_id, processed_at is not null as processed from app.work_event
      where item_type = 'candidate' and item_id = $1 order by work_event_id`,
    id,
  );
  expect(rows).toMatchObject([
    { event_name: 'candidate.created', org_id: 1, actor_user_id: null, processed: true },
    { event_name: 'candidate.status.triaged', actor_user_id: 'sales_1' },
    { event_name: 'candidate.promoted', payload_json: { pursuit_id: id } },
    { event_name: 'candidate.status.promoted' },
  ]);
});
