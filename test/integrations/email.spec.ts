import { once } from 'node:events';
import { connect } from 'node:net';
import { EmailClient } from '../../src/integrations/email/email.client.js';
import type { Mail } from '../../src/integrations/sandbox/smtp.js';
import { newRun, output, stage } from './sandbox.js';

const current = stage();
const email = {
  to: 'ann@example.com',
  subject: 'Offer: 19,99 € für „Night Train“',
  text: 'Dear Ann,\nthe offer is 19,99 €.',
};
const inbox = () => current().get<Mail[]>('messages');

describe('e-mail', () => {
  it('arrives as it was written, and says which deal it is about', async () => {
    const { messageId } = output(await current().email().send(email, newRun()));
    expect(await inbox()).toEqual([
      expect.objectContaining({
        to: ['ann@example.com'],
        subject: email.subject,
        text: email.text,
        messageId,
        instanceId: 'wf_1',
        from: 'no-reply@deals.example',
      }),
    ]);
  });

  it('arrives as text where it was written as HTML too', async () => {
    await current()
      .email()
      .send({ ...email, html: '<p>Dear Ann</p>' }, newRun());
    expect((await inbox())[0]?.text).toBe(email.text);
  });

  it('has the same Message-ID at every attempt, so that the receiver can drop the copy', async () => {
    const run = newRun();
    await current().fault('smtp', 'error-after');
    expect(await current().email().send(email, run)).toMatchObject({ kind: 'retry', receipt: { responseCode: '451' } });
    output(await current().email().send(email, run));
    expect(await inbox()).toHaveLength(1);
    expect(await current().ledger('provider=smtp')).toEqual([['mail', 1]]);
  });

  it('is not tried again when the server refuses the receiver for good', async () => {
    expect(
      await current()
        .email()
        .send({ ...email, to: 'nobody@refused.invalid' }, newRun()),
    ).toMatchObject({
      kind: 'failed',
      receipt: { responseCode: '550' },
    });
  });

  it('of which only half arrived is not kept, and the next one is', async () => {
    const { hostname, port } = new URL(current().sandbox.smtpUrl);
    const socket = connect(Number(port), hostname);
    for (const line of ['EHLO me', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA', 'Subject: half']) {
      if (line !== 'Subject: half') await once(socket, 'data');
      socket.write(`${line}\r\n`);
    }
    socket.destroy();
    await once(socket, 'close');
    output(await current().email().send(email, newRun()));
    expect((await inbox()).map(({ subject }) => subject)).toEqual([email.subject]);
  });

  it('is tried again when the server cannot be reached', async () => {
    expect(await new EmailClient('smtp://127.0.0.1:1', 'http://deals.example').send(email, newRun())).toMatchObject({
      kind: 'retry',
    });
  });

  it('is not sent where no server is configured', async () => {
    expect(await new EmailClient(undefined, 'http://deals.example').send(email, newRun())).toMatchObject({
      code: 'NOT_CONFIGURED',
    });
  });
});

describe('mail through Resend', () => {
  const resend = (base = current().sandbox.url) =>
    new EmailClient(undefined, 'http://deals.example', { apiBase: `${base}/resend`, key: 're_test' });

  it('arrives once under its key, however often it is tried (R002-64, R002-72)', async () => {
    const run = newRun();
    const mail = { ...email, html: '<p>Dear Ann</p>' };
    await current().fault('resend', 'error-after');
    expect(await resend().send(mail, run)).toMatchObject({ kind: 'retry', receipt: { responseCode: '500' } });
    expect(output(await resend().send(mail, run)).messageId).toMatch(/^SM/);
    expect(await current().ledger('provider=resend')).toEqual([['send', 1]]);
    expect(await current().get('channels')).toMatchObject([
      { provider: 'resend', to: 'ann@example.com', text: `${email.subject}\n<p>Dear Ann</p>` },
    ]);
  });

  it('that is refused, or refused to us, has not been sent (R002-70)', async () => {
    expect(await resend().send({ ...email, to: 'gone_ann@example.com' }, newRun())).toMatchObject({
      kind: 'failed',
      code: 'HTTP_422',
    });
    expect(await resend('http://127.0.0.1:1').send(email, newRun())).toMatchObject({ kind: 'retry' });
  });
});
