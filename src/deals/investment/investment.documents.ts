import type { EnvelopeRequest } from '../../../machines/investment.types.js';
import { fill } from '../../platform/words.js';
import { inLine, toPdf } from '../../platform/document.pdf.js';
import type { NewDocument } from '../documents.js';
import { TEMPLATES } from './investment.templates.js';

/** A document that both parties are to sign, as the machine orders it. */
export type DocumentOrder = EnvelopeRequest['documents'][number];

/** Who signs what about which pitch. */
export interface Occasion {
  dealId: string;
  pitchTitle: string;
  investorName: string;
  creatorName: string;
  /** The day the document is drawn up, milliseconds. */
  at: number;
}

/** The terms as data, where the order is kept as data (R000-35). */
export const termsFile = ({ key, title, terms }: DocumentOrder): NewDocument[] =>
  key.endsWith('.json')
    ? [{ key, title: `${title} (data)`, contentType: 'application/json', bytes: Buffer.from(JSON.stringify(terms)) }]
    : [];

/** The document on paper, under its key with `.pdf`. @throws Error when it cannot be drawn up; trying again changes nothing */
export async function print({ key, title, terms }: DocumentOrder, occasion: Occasion): Promise<NewDocument> {
  const template = TEMPLATES[templateOf(key)];
  if (template === undefined) throw new Error(`there is no template for ${key}`);
  const text = fill(template, {
    ...Object.fromEntries(Object.entries(occasion).map(([name, value]) => [name, inLine(String(value))])),
    title,
    drawnUpOn: new Date(occasion.at).toISOString().slice(0, 'yyyy-mm-dd'.length),
    amount: terms?.investmentAmount ?? null,
    terms: Object.entries(terms ?? {}).map(([name, value]) => ({ name, unit: UNITS[name] ?? '', value })),
  });
  const paper = key.replace(/\.json$/, '.pdf');
  const bytes = await toPdf(text, { title: `${title}: ${occasion.pitchTitle}`, key: paper, at: occasion.at });
  return { key: paper, title, contentType: 'application/pdf', bytes };
}

/** Of terms that are bare numbers. */
const UNITS: Readonly<Record<string, string>> = {
  equityPercentage: '%',
  interestRate: '% per year',
  conversionDiscount: '%',
  revenuePercentage: '%',
};

/** Term sheets are named after their deal, closing documents after what they are. */
const templateOf = (key: string): string =>
  key.startsWith('term-sheets/') ? 'termSheet' : key.replace(/^.*\//, '').replace(/\.\w+$/, '');
