import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PushClient } from '../../src/integrations/push/push.client.js';
import type { ChannelMessage } from '../../src/integrations/sandbox/channels.js';
import { SlackClient } from '../../src/integrations/slack/slack.client.js';
import { SmsClient } from '../../src/integrations/sms/sms.client.js';
import { freePort } from '../../src/platform/free.port.js';
import { newRun, output, stage } from './sandbox.js';

const current = stage();
const { signal } = new AbortController();
const start = () => ({ ...newRun(), signal });
const messages = () => current().get<ChannelMessage[]>('channels');

const slack = () => new SlackClient(`${current().sandbox.url}/slack/services/T/B/secret`);
const sms = () =>
  new SmsClient({
    accountSid: 'AC1',
    authToken: 't',
    from: '+15005550006',
    apiBase: `${current().sandbox.url}/twilio`,
  });
const push = () => new PushClient({ url: `${current().sandbox.url}/push`, token: 'gateway' });
const text = { to: '+15551234567', text: 'Please sign' };
const letter = { token: 'device_1', title: 'Please sign', body: 'The term sheet', priority: 'high', data: {} } as const;

describe('Slack', () => {
  it('gets what somebody typed as text that mentions nobody', async () => {
    output(await slack().post('<!channel> 1 & 2', signal));
    expect(await messages()).toMatchObject([{ provider: 'slack', text: '&lt;!channel&gt; 1 &amp; 2' }]);
  });

  it('is asked again when it was too much, after the time it names', async () => {
    await current().fault('slack', 'rate-limit', undefined, { ms: 30_000 });
    expect(await slack().post('x', signal)).toEqual({
      kind: 'retry',
      reason: 'slack answered 429',
      afterMs: 30_000,
      receipt: { provider: 'slack', responseCode: '429' },
    });
  });

  it('keeps its address to itself when it cannot be reached', async () => {
    const outcome = await new SlackClient(`http://127.0.0.1:${await freePort()}/services/T/B/secret`).post('x', signal);
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'slack did not answer: ECONNREFUSED' });
  });
});

describe('text messages', () => {
  it('carry a reference by which a later attempt finds the one whose answer was lost', async () => {
    const run = start();
    await current().fault('twilio', 'error-after');
    expect(await sms().send(text, run)).toMatchObject({ kind: 'retry', receipt: { responseCode: '500' } });
    output(await sms().send(text, { ...run, begun: 2 }));
    expect(await messages()).toMatchObject([
      { to: text.to, text: expect.stringMatching(/^Please sign \([\da-f]{8}\)$/) },
    ]);
    expect(await current().ledger('provider=twilio')).toEqual([['messages.create', 0]]);
  });

  it('are sent by the later attempt when the earlier one did nothing', async () => {
    const run = start();
    await current().fault('twilio', 'error-before');
    expect(await sms().send(text, run)).toMatchObject({ kind: 'retry' });
    output(await sms().send(text, { ...run, begun: 2 }));
    expect(await messages()).toHaveLength(1);
  });

  it('are not tried again when the number is no number', async () => {
    expect(await sms().send({ ...text, to: '+15005550001' }, start())).toMatchObject({
      kind: 'failed',
      code: 'HTTP_400',
    });
  });
});

describe('push messages', () => {
  it('are recognised by the gateway when they come again', async () => {
    const run = start();
    await current().fault('push', 'timeout', undefined, { ms: 50 });
    expect(await push().send(letter, run)).toMatchObject({ kind: 'retry' });
    output(await push().send(letter, run));
    expect(await messages()).toHaveLength(1);
    expect(await current().ledger('provider=push')).toEqual([['send', 1]]);
  });

  it('are not tried again when the device is gone', async () => {
    expect(await push().send({ ...letter, token: 'gone_1' }, start())).toMatchObject({
      kind: 'failed',
      code: 'HTTP_410',
    });
  });
});

describe('a channel', () => {
  it('fails with NOT_CONFIGURED where nobody has set it up', async () => {
    for (const attempt of [
      new SlackClient(undefined).post('x', signal),
      new SmsClient(undefined).send(text, start()),
      new SmsClient(undefined).send(text, { ...start(), begun: 2 }),
      new PushClient(undefined).send(letter, start()),
    ])
      expect(await attempt).toMatchObject({ kind: 'failed', code: 'NOT_CONFIGURED' });
  });

  it('follows no redirect and reads no endless answer', async () => {
    const server = createServer(({ url }, response) => {
      if (url === '/away') response.writeHead(302, { location: 'http://elsewhere.example' }).end();
      else response.end('x'.repeat(1_000_000));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const at = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    expect(await new SlackClient(at('/away')).post('x', signal)).toMatchObject({ kind: 'failed', code: 'HTTP_302' });
    expect(await new SlackClient(at('/endless')).post('x', signal)).toMatchObject({
      kind: 'retry',
      reason: 'slack did not answer: the answer has more than 65536 bytes',
    });
    await new Promise((closed) => server.close(closed));
  });
});
