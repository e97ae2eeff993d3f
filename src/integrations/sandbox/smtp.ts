import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import type { Faults } from './faults.js';
import type { Journal } from './journal.js';
import type { Ledger } from './ledger.js';

/** A message as it arrived, parsed enough to be read. */
export interface Mail {
  to: string[];
  from: string;
  subject: string;
  messageId: string;
  instanceId: string | null;
  text: string;
  attachments: Attachment[];
  at: string;
}

/** A file that came with a message. */
export interface Attachment {
  name: string;
  contentType: string;
  /** Bytes. */
  size: number;
}

/** Mail to this domain is refused for good, so that a refusal can be tried. */
const REFUSED = /@refused\.invalid$/i;

/** Takes mail from everybody and keeps it. */
export function smtpSink(journal: Journal, ledger: Ledger, faults: Faults): SMTPServer {
  const mails = journal.collection<Mail>('mails');
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo: ({ address }, _session, done) => done(REFUSED.test(address) ? refusal(550, '5.1.1 no such user') : null),
    onData: (stream, { envelope }, done) => {
      const take = async (raw: string) => {
        const at = new Date().toISOString();
        const mail: Mail = { ...parse(raw), to: envelope.rcptTo.map(({ address }) => address), at };
        const keep = () => {
          const seen = mails.get(mail.messageId) !== undefined;
          if (seen) ledger.replayed('smtp', mail.messageId);
          else {
            mails.put(mail.messageId, mail);
            const { messageId, instanceId } = mail;
            ledger.record({
              provider: 'smtp',
              kind: 'mail',
              objectId: messageId,
              key: messageId,
              instanceId,
              tenant: null,
            });
          }
          journal.commit();
          return { status: 250, body: null };
        };
        const complaints = { broken: { status: 451, body: null }, limited: () => ({ status: 421, body: null }) };
        const answer = await faults.around('smtp', 'mail', keep, complaints);
        if ('silentMs' in answer) setTimeout(() => done(refusal(421, '4.4.2 timeout')), answer.silentMs).unref();
        else done(answer.status === 250 ? null : refusal(answer.status, '4.3.0 try again'));
      };
      // Of a client that hangs up in the middle there is nothing to take.
      void text(stream).then(take, () => undefined);
    },
  });
  // A client that hangs up in the middle is no fault of the sink.
  server.on('error', () => undefined);
  return server;
}

const refusal = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });

/** Reads the headers and, of a multipart message, the plain text. */
function parse(raw: string): Omit<Mail, 'to' | 'at'> {
  const [head, body] = split(raw);
  const headers = headersOf(head);
  return {
    from: /<([^>]*)>/.exec(headers['from'] ?? '')?.[1] ?? headers['from'] ?? '',
    subject: decodeWords(headers['subject'] ?? ''),
    messageId: headers['message-id'] ?? `<${randomUUID()}@sandbox>`,
    instanceId: headers['x-workflow-instance-id'] ?? null,
    text: plainText(headers, body).replaceAll('\r\n', '\n').trim(),
    attachments: partsOf(headers, body).flatMap(attachment),
  };
}

/** The parts of a multipart message, each with its headers. */
function partsOf(headers: Record<string, string>, body: string): { headers: Record<string, string>; body: string }[] {
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return [];
  const [, ...parts] = body.split(`--${boundary}\r\n`);
  return parts.map((part) => {
    const [head, content] = split(part.split(`\r\n--${boundary}`)[0] ?? '');
    return { headers: headersOf(head), body: content };
  });
}

function attachment({ headers, body }: { headers: Record<string, string>; body: string }): Attachment[] {
  const name = /filename="?([^";]+)/.exec(headers['content-disposition'] ?? '')?.[1];
  if (name === undefined) return [];
  const contentType = headers['content-type']?.split(';')[0]?.trim() ?? 'application/octet-stream';
  return [{ name, contentType, size: Buffer.from(body, 'base64').length }];
}

function plainText(headers: Record<string, string>, body: string): string {
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1];
  if (boundary !== undefined) {
    const [, first = ''] = body.split(`--${boundary}\r\n`);
    const [head, part] = split(first.split(`\r\n--${boundary}`)[0] ?? '');
    return plainText(headersOf(head), part);
  }
  switch (headers['content-transfer-encoding']) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8');
    case 'quoted-printable':
      return decodeQuoted(body.replace(/=\r\n/g, ''));
    default:
      return body;
  }
}

function split(message: string): [head: string, body: string] {
  const end = message.indexOf('\r\n\r\n');
  return end < 0 ? [message, ''] : [message.slice(0, end), message.slice(end + 4)];
}

function headersOf(head: string): Record<string, string> {
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
}

/** RFC 2047. */
function decodeWords(header: string): string {
  return header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?[^?]+\?([BQ])\?([^?]*)\?=/gi, (_, encoding: string, word: string) =>
      encoding.toUpperCase() === 'B'
        ? Buffer.from(word, 'base64').toString('utf8')
        : decodeQuoted(word.replaceAll('_', ' ')),
    );
}

const decodeQuoted = (coded: string): string => {
  const bytes = coded.replace(/=([\dA-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
};
