import { createHash } from 'node:crypto';
import type { Transporter } from 'nodemailer';
import type { KeyedConfig } from '../../platform/config.business.js';
import { notConfigured, type Attempt, type Outcome } from '../outcome.js';
import { sendByResend } from './resend.js';

/** Shorter than the time an effect has, so that a silent server still ends as an outcome. */
const TIMEOUT_MS = 15_000;

/** One message to one person. */
export interface Email {
  to: string;
  subject: string;
  text: string;
  html?: string;
  /** Whom it is from; the service itself when left out. */
  from?: string;
  attachments?: readonly { filename: string; contentType: string; content: Buffer }[];
}

/** Sends mail: through Resend where it is configured, else by SMTP. */
export class EmailClient {
  private transport: Promise<Transporter> | undefined;
  private readonly host: string;

  /** @param publicUrl its host is the sender's */
  constructor(
    private readonly smtpUrl: string | undefined,
    publicUrl: string,
    private readonly resend?: KeyedConfig,
  ) {
    this.host = new URL(publicUrl).hostname;
  }

  /** Sends a message. SMTP cannot tell whether an earlier attempt arrived; the same Message-ID lets the receiver drop the copy. */
  async send({ attachments = [], from, ...email }: Email, run: Attempt): Promise<Outcome<{ messageId: string }>> {
    const sender = { name: 'Statewright', address: `no-reply@${this.host}` };
    if (this.resend) {
      const mail = { ...email, attachments, ...(from !== undefined && { from }) };
      return sendByResend(this.resend, `${sender.name} <${sender.address}>`, mail, run);
    }
    if (this.smtpUrl === undefined) return notConfigured('SMTP');
    const messageId = messageIdOf(run, this.host);
    try {
      const answer: { response?: string | undefined } = await (
        await (this.transport ??= transportOf(this.smtpUrl))
      ).sendMail({
        ...email,
        attachments: [...attachments],
        from: from ?? sender,
        messageId,
        // Out-of-office replies to a machine help nobody.
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Workflow-Instance-ID': run.instanceId },
      });
      const receipt = {
        provider: 'smtp',
        providerId: messageId,
        ...(answer.response && { responseCode: answer.response.slice(0, 3) }),
      };
      return { kind: 'done', output: { messageId }, receipt };
    } catch (error) {
      return classify(error as SmtpError);
    }
  }
}

/** Loaded with the first message. */
async function transportOf(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    url,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
}

/** The Message-ID of an effect: the same for every attempt. */
const messageIdOf = ({ key }: Attempt, host: string): string =>
  `<${createHash('sha256').update(key).digest('hex').slice(0, 32)}@${host}>`;

interface SmtpError extends Error {
  code?: string;
  /** What the server said, when it said something. */
  responseCode?: number;
}

/** 5xx is the server's last word (RFC 5321, 4.2.1); 4xx and silence are not. */
function classify({ responseCode, code = 'SMTP', message }: SmtpError): Exclude<Outcome<never>, { kind: 'done' }> {
  const receipt = { provider: 'smtp', ...(responseCode && { responseCode: String(responseCode) }) };
  const isFinal = responseCode === undefined ? code === 'EENVELOPE' : responseCode >= 500;
  return isFinal ? { kind: 'failed', code, reason: message, receipt } : { kind: 'retry', reason: message, receipt };
}
