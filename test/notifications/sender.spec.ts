import type { EffectRun } from '../../src/engine/host.js';
import { EmailClient } from '../../src/integrations/email/email.client.js';
import { PushClient } from '../../src/integrations/push/push.client.js';
import type { ChannelMessage } from '../../src/integrations/sandbox/channels.js';
import type { Mail } from '../../src/integrations/sandbox/smtp.js';
import { SlackClient } from '../../src/integrations/slack/slack.client.js';
import { SmsClient } from '../../src/integrations/sms/sms.client.js';
import { Channels } from '../../src/notifications/channels.js';
import { NotificationSender, type Message } from '../../src/notifications/notification.sender.js';
import { Database } from '../../src/platform/database.js';
import { Settings } from '../../src/platform/settings.js';
import { Journey } from '../support/journey.js';
import { liveService, type LiveService } from '../support/live.js';

const service = liveService();
let runs = 0;

const newRun = (): EffectRun => ({
  tenant: 'demo',
  instanceId: 'wf_1',
  key: `demo:wf_1:${++runs}:0`,
  attempt: 1,
  begun: 1,
  since: 0,
  correlationId: 'test',
  signal: new AbortController().signal,
});
const again = (run: EffectRun): EffectRun => ({ ...run, attempt: run.attempt + 1, begun: run.begun + 1 });

/** A user nobody knows yet, reached by everything he names. */
async function reader(live: LiveService, contact: object): Promise<{ id: string; token: string }> {
  const id = `reader_${++runs}`;
  const token = await live.tokenFor(id, ['investor']);
  expect(await live.call('PUT', '/api/notifications/contact', contact, token)).toMatchObject({ status: 200 });
  return { id, token };
}

const message = (id: string, change: Partial<Message> = {}): Message => ({
  type: 'escrow_deposit_request',
  recipient: { id, type: 'investor', email: `${id}@example.com` },
  data: { pitchTitle: 'The Last Reel', amount: '250000.00', deadline: '2026-03-01T12:00:00.000Z' },
  ...change,
});

const send = (live: LiveService, what: Message, run: EffectRun) => live.app.get(NotificationSender).send(what, run);
const at = async <T>(live: LiveService, path: string): Promise<T> =>
  (await (await fetch(`${live.sandbox.url}/_sandbox/${path}`)).json()) as T;
const mailsTo = async (live: LiveService, id: string) =>
  (await at<Mail[]>(live, 'messages')).filter(({ to }) => to.includes(`${id}@example.com`));
const sentTo = async (live: LiveService, to: string | null) =>
  (await at<ChannelMessage[]>(live, 'channels')).filter((sent) => sent.to === to);
const log = async (live: LiveService, recipientId: string) => {
  const { body } = await live.call('GET', `/admin/notifications/deliveries?recipientId=${recipientId}`);
  const rows = body['data'] as { channel: string; status: string; code: string | null }[];
  return Object.fromEntries(rows.map(({ channel, status, code }) => [channel, code ?? status]));
};

describe('a message', () => {
  it('reaches a user wherever he can be reached, once, however often the effect runs (R000-86)', async () => {
    const live = await service();
    const { id, token } = await reader(live, { phone: '+15551230001', pushToken: 'device_1' });
    const run = newRun();
    for (const attempt of [run, again(run), run])
      expect(await send(live, message(id), attempt)).toMatchObject({ kind: 'done' });
    expect(await mailsTo(live, id)).toHaveLength(1);
    expect(await sentTo(live, 'device_1')).toHaveLength(1);
    expect(await sentTo(live, '+15551230001')).toHaveLength(1);
    expect((await live.call('GET', '/api/notifications', undefined, token)).body['data']).toHaveLength(1);
    expect(await log(live, id)).toEqual({
      email: 'delivered',
      push: 'delivered',
      sms: 'delivered',
      in_app: 'delivered',
    });
  });

  it.each([
    ['smtp', 'email'],
    ['push', 'push'],
    ['twilio', 'sms'],
  ])('is not held up by %s, and only that is tried again (R000-86)', async (provider, channel) => {
    const live = await service();
    const phone = `+1555123100${++runs % 10}`;
    const device = `device_of_${provider}`;
    const { id } = await reader(live, { phone, pushToken: device });
    const run = newRun();
    await live.breakDown(provider);
    expect(await send(live, message(id), run)).toMatchObject({ kind: 'retry' });
    expect(await log(live, id)).toEqual({
      email: 'delivered',
      push: 'delivered',
      sms: 'delivered',
      in_app: 'delivered',
      [channel]: 'retrying',
    });
    await live.repair();
    expect(await send(live, message(id), again(run))).toMatchObject({ kind: 'done' });
    expect(await log(live, id)).toMatchObject({ [channel]: 'delivered' });
    expect(await mailsTo(live, id)).toHaveLength(1);
    expect(await sentTo(live, device)).toHaveLength(1);
    expect(await sentTo(live, phone)).toHaveLength(1);
  });

  it('is done when one way is closed for good and another is open, and says so in the log', async () => {
    const live = await service();
    const { id } = await reader(live, { pushToken: 'gone_device' });
    expect(await send(live, message(id), newRun())).toMatchObject({ kind: 'done' });
    expect(await log(live, id)).toEqual({ email: 'delivered', push: 'HTTP_410', in_app: 'delivered' });
  });

  it('has failed when nobody was reached, and is tried again once an operator revives it (WF010)', async () => {
    const live = await service();
    const { id } = await reader(live, {});
    const mail = message(id, {
      type: 'nda_reminder',
      recipient: { id, type: 'investor', email: 'nobody@refused.invalid' },
    });
    const run = newRun();
    expect(await send(live, mail, run)).toMatchObject({ kind: 'failed', code: 'WF010' });
    // Within the same round it stays as it is; the first attempt after a revival tries again.
    expect(await send(live, mail, again(run))).toMatchObject({ kind: 'done' });
    expect(
      await send(live, { ...mail, recipient: { ...mail.recipient, email: `${id}@example.com` } }, run),
    ).toMatchObject({ kind: 'done' });
    expect(await log(live, id)).toEqual({ email: 'delivered' });
  });

  it('is in the app where no channel has a provider, and the log says which has none', async () => {
    const live = await service();
    const { id } = await reader(live, { phone: '+15551230007', pushToken: 'device_7' });
    const { app } = live;
    const channels = new Channels(
      new EmailClient(undefined, live.url),
      new PushClient(undefined),
      new SmsClient(undefined),
      new SlackClient(undefined),
    );
    const sender = new NotificationSender(app.get(Database), app.get(Settings), channels);
    expect(await sender.send(message(id), newRun())).toEqual({ kind: 'done' });
    const missing = 'NOT_CONFIGURED';
    expect(await log(live, id)).toEqual({ in_app: 'delivered', email: missing, push: missing, sms: missing });
  });

  it('leaves out what the user has switched off for this type (R000-86)', async () => {
    const live = await service();
    const { id, token } = await reader(live, { phone: '+15551230009' });
    for (const channel of ['email', 'sms'])
      await live.call(
        'PUT',
        `/api/notifications/preferences/escrow_deposit_request/${channel}`,
        { enabled: false },
        token,
      );
    await send(live, message(id), newRun());
    expect(await log(live, id)).toEqual({ in_app: 'delivered' });
    await send(live, message(id, { type: 'term_sheet_ready' }), newRun());
    expect(await log(live, id)).toMatchObject({ email: 'delivered', sms: 'delivered' });
  });

  it('that is not urgent does not go to the phone (R000-88)', async () => {
    const live = await service();
    const { id } = await reader(live, { phone: '+15551230008', pushToken: 'device_8' });
    await send(live, message(id, { type: 'deal_expired' }), newRun());
    expect(await log(live, id)).toEqual({ email: 'delivered', in_app: 'delivered' });
  });

  it('for the legal team is in its Slack channel too, under the name of the tenant', async () => {
    const live = await service();
    const team = { id: 'legal-team', type: 'internal', email: null } as const;
    await send(live, message('', { type: 'manual_signature_required', recipient: team }), newRun());
    expect(await sentTo(live, null)).toMatchObject([
      { provider: 'slack', text: expect.stringMatching(/^\[demo\] Signatures for The Last Reel/) },
    ]);
  });

  it('writes amounts and times the way its reader does', async () => {
    const live = await service();
    const american = await reader(live, {});
    const german = await reader(live, { locale: 'de-DE' });
    for (const { id } of [american, german]) await send(live, message(id), newRun());
    const [english] = await mailsTo(live, american.id);
    expect(english?.subject).toBe('Please deposit $250,000.00 for The Last Reel');
    expect(english?.text).toMatch(/Deadline: March 1, 2026 at 12:00\sPM UTC/);
    const [other] = await mailsTo(live, german.id);
    expect(other?.subject).toMatch(/^Please deposit 250\.000,00\s\$ for The Last Reel$/);
    expect(other?.text).toContain('Deadline: 1. März 2026 um 12:00 UTC');
  });

  it('of every kind that a completed deal sends has all it says, and is mailed once (R000-88)', async () => {
    const live = await service();
    const deal = await (await Journey.begin(live)).toCompleted();
    const { rows: unsent } = await live.owner.query(
      `select type, status, last_error from engine.outbox where instance_id = $1 and status <> 'done'`,
      [deal.id],
    );
    expect(unsent).toEqual([]);
    const mails = (await at<Mail[]>(live, 'messages')).filter(({ instanceId }) => instanceId === deal.id);
    expect(mails.length).toBeGreaterThan(8);
    expect(mails.map(({ text }) => text).join()).not.toMatch(/undefined|NaN|\[object|T\d\d:\d\d:\d\d/);
    expect((await deal.ledger()).filter(({ provider }) => provider === 'smtp').map(({ replays }) => replays)).toEqual(
      mails.map(() => 0),
    );
  });
});
