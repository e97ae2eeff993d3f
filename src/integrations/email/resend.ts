/** Mail through Resend, which takes it by HTTP. */
import type { KeyedConfig } from '../../platform/config.business.js';
import { call } from '../http/exchange.js';
import type { Attempt, Outcome } from '../outcome.js';
import type { Email } from './email.client.js';

/** Resend tells repetitions by the key for a day; the effect's is the same at every attempt. */
export const sendByResend = (
  { apiBase, key }: KeyedConfig,
  sender: string,
  { to, subject, text, html, from = sender, attachments = [] }: Email,
  run: Attempt,
): Promise<Outcome<{ messageId: string }>> => {
  const files = attachments.map(({ filename, contentType, content }) => ({
    filename,
    content_type: contentType,
    content: content.toString('base64'),
  }));
  const headers = { 'Auto-Submitted': 'auto-generated', 'X-Workflow-Instance-ID': run.instanceId };
  // Several receivers stand in one line, with commas between them.
  const receivers = to.split(',').map((address) => address.trim());
  const mail = {
    ...{ from, to: receivers, subject, text, headers },
    ...(html !== undefined && { html }),
    ...(files.length > 0 && { attachments: files }),
  };
  const request = new Request(`${apiBase}/emails`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'idempotency-key': run.key },
    body: JSON.stringify(mail),
  });
  return call('resend', request, (body) => {
    const { id } = JSON.parse(body) as { id?: unknown };
    if (typeof id !== 'string') throw new Error('resend answered without an id');
    return { output: { messageId: id }, providerId: id };
  });
};
