import { Liquid } from 'liquidjs';
import type { Template } from './templates.js';

const MONEY = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });

// Templates are ours, data is anybody's: data is only ever printed.
const liquid = new Liquid({ ownPropertyOnly: true, strictFilters: true, cache: true });
liquid.registerFilter('money', (decimal: unknown) => MONEY.format(Number(decimal)));

/** The words of a message. Line breaks in data cannot make headers of their own. */
export async function render(
  { subject, body }: Template,
  data: Readonly<Record<string, unknown>>,
): Promise<{ subject: string; body: string }> {
  const facts = Object.entries(data).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [{ name, value }],
  );
  const head = String(await liquid.parseAndRender(subject, data))
    .replaceAll(/\s+/g, ' ')
    .trim();
  return { subject: head, body: String(await liquid.parseAndRender(body, { ...data, subject: head, facts })) };
}
