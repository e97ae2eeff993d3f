import type { EffectRun } from '../../src/engine/host.js';
import type { ChannelMessage } from '../../src/integrations/sandbox/channels.js';
import type { Mail } from '../../src/integrations/sandbox/smtp.js';
import { NotificationSender, type Recipient } from '../../src/notifications/notification.sender.js';
import { templateOf } from '../../src/notifications/templates.js';
import { liveService } from '../support/live.js';

const EVERYWHERE = ['email', 'push', 'in_app'];
const WRITTEN = ['email', 'in_app'];

describe('the channels and the priority of a message', () => {
  const rows: [channels: string[], priority: string, messages: string][] = [
    [
      EVERYWHERE,
      'high',
      `counter_offer final_commitment_request escrow_deposit_request investment_complete investment_received investment_approved
       production_interest meeting_scheduled proposal_requested proposal_ready_for_review waitlist_activated counter_proposal
       production_started production_activated production_complete nda_creator_review_required`,
    ],
    [
      WRITTEN,
      'high',
      'term_sheet_ready escrow_timeout closing_documents_ready contract_ready nda_legal_review_required nda_executed:investor',
    ],
    [
      WRITTEN,
      'normal',
      `qualification_failed deal_expired deal_rejected term_sheet_rejected due_diligence_complete verification_failed interest_declined
       production_passed proposal_rejected deal_timeout nda_rejected nda_declined nda_expiring_soon nda_expired:investor nda_executed:creator`,
    ],
    [['email'], 'high', 'nda_signature_requested'],
    [['email'], 'normal', 'nda_reminder'],
    [['in_app'], 'normal', 'nda_sent_for_signature nda_expired:creator'],
    [EVERYWHERE, 'high', 'investment_interest'],
    [WRITTEN, 'normal', 'nda_signed production_waitlisted'],
  ];
  it.each(
    rows.flatMap(([channels, priority, names]) =>
      names.split(/\s+/).map((name) => [name, channels, priority] as const),
    ),
  )('%s goes by %j, %s (R000-87, R000-88)', (name, channels, priority) => {
    const [type = '', recipient] = name.split(':');
    // Whoever gets it, unless it is said for whom.
    for (const to of recipient === undefined ? ['investor', 'creator', 'production', 'internal'] : [recipient])
      expect(templateOf(type, to)).toMatchObject({ channels, priority });
  });
});

describe('the three messages whose words are given', () => {
  const service = liveService();
  let runs = 0;

  /** Somebody with an address and a device gets a message; what arrives where. */
  async function tell(type: string, as: Recipient['type'], data: Record<string, unknown>) {
    const live = await service();
    const id = `told_${++runs}`;
    const token = await live.tokenFor(id, ['viewer']);
    const device = `device_of_${id}`;
    expect(await live.call('PUT', '/api/notifications/contact', { pushToken: device }, token)).toMatchObject({
      status: 200,
    });
    const run: EffectRun = {
      tenant: 'demo',
      instanceId: 'wf_told',
      key: `demo:wf_told:${runs}:0`,
      attempt: 1,
      begun: 1,
      since: 0,
      correlationId: 'test',
      signal: new AbortController().signal,
    };
    const recipient = { id, type: as, email: `${id}@example.com` };
    expect(await live.app.get(NotificationSender).send({ type, recipient, data }, run)).toMatchObject({ kind: 'done' });
    const at = async <T>(path: string): Promise<T[]> =>
      (await (await fetch(`${live.sandbox.url}/_sandbox/${path}`)).json()) as T[];
    const { body } = await live.call('GET', '/api/notifications', undefined, token);
    return {
      mails: (await at<Mail>('messages')).filter(({ to }) => to.includes(recipient.email)),
      pushed: (await at<ChannelMessage>('channels')).filter(({ to }) => to === device),
      inApp: body['data'] as { type: string; priority: string; subject: string; body: string; read: boolean }[],
    };
  }

  const interest = {
    pitchTitle: 'The Last Reel',
    creatorName: 'Cleo Ator',
    investorName: 'Ines Vestor',
    amount: '250000.00',
    message: 'I love it',
  };

  it('investment_interest says who wants to invest how much in what, everywhere and urgently (R000-87)', async () => {
    const { mails, pushed, inApp } = await tell('investment_interest', 'creator', interest);
    expect(mails).toHaveLength(1);
    expect(pushed).toHaveLength(1);
    expect(inApp).toMatchObject([{ type: 'investment_interest', priority: 'high', read: false }]);
    const words = `${inApp[0]?.subject}\n${inApp[0]?.body}`;
    for (const said of ['The Last Reel', 'Cleo Ator', 'Ines Vestor', '$250,000', 'I love it', 'respond within 7 days'])
      expect(words).toContain(said);
    expect(JSON.stringify(mails[0])).toContain('Ines Vestor');
  });

  it('nda_signed says who has access to what until when, by mail and in the app (R000-87)', async () => {
    const { mails, pushed, inApp } = await tell('nda_signed', 'creator', {
      pitchTitle: 'The Last Reel',
      requesterName: 'Rita Quest',
      expirationDate: '2028-01-05T12:00:00.000Z',
    });
    expect([mails.length, pushed.length]).toEqual([1, 0]);
    expect(inApp).toMatchObject([{ type: 'nda_signed', priority: 'normal' }]);
    const words = `${inApp[0]?.subject}\n${inApp[0]?.body}`;
    for (const said of ['The Last Reel', 'Rita Quest', '2028']) expect(words).toContain(said);
  });

  it('production_waitlisted says the place in the line for what, by mail and in the app (R000-87)', async () => {
    const { mails, pushed, inApp } = await tell('production_waitlisted', 'production', {
      pitchTitle: 'The Last Reel',
      position: 3,
    });
    expect([mails.length, pushed.length]).toEqual([1, 0]);
    expect(inApp).toMatchObject([{ type: 'production_waitlisted', priority: 'normal' }]);
    const words = `${inApp[0]?.subject}\n${inApp[0]?.body}`;
    for (const said of ['The Last Reel', '#3']) expect(words).toContain(said);
  });

  it('what people write is shown and never filled in (R000-87)', async () => {
    const { inApp } = await tell('investment_interest', 'creator', { ...interest, message: 'Dear {{ investorName }}' });
    expect(inApp[0]?.body).toContain('Dear {{ investorName }}');
  });
});
