import { fill } from '../platform/words.js';
import type { Template } from './templates.js';

/** What a message says. */
export interface Words {
  subject: string;
  body: string;
}

/** The words of a message in the recipient's locale. Line breaks in data cannot make headers of their own. @throws Error when the data lacks something */
export function render({ subject, body }: Template, data: Readonly<Record<string, unknown>>, locale?: string): Words {
  const facts = Object.entries(data).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [{ name, value }],
  );
  const head = fill(subject, data, locale).replaceAll(/\s+/g, ' ').trim();
  return { subject: head, body: fill(body, { ...data, subject: head, facts }, locale) };
}
