/** Who a signal is from and whether it was here before, as far as its text can tell (R001-4). Pure. */
import { createHash } from 'node:crypto';

/** A signal as far as this decides. */
export interface Told {
  source_type: string;
  contact_email?: string | null;
  contact_phone?: string | null;
  company_domain?: string | null;
  problem_phrase?: string | null;
}

/** Address, number and domain as they are compared. */
export interface NormalizedKeys {
  email?: string;
  phone?: string;
  domain?: string;
}

/** Addresses in lower case, numbers as digits, domains without `www.`; what is left empty is left out. */
export function normalizedKeys({ contact_email, contact_phone, company_domain }: Told): NormalizedKeys {
  const email = contact_email?.trim().toLowerCase();
  const phone = contact_phone?.replaceAll(/\D/g, '');
  const domain = company_domain
    ?.trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[/?#:].*$/, '')
    .replace(/^www\./, '');
  return { ...(email && { email }), ...(phone && { phone }), ...(domain && { domain }) };
}

/**
 * The key of a signal that brought none: the same source, person, problem and day are the same signal.
 * @param at when the signal was, milliseconds; its day is that of UTC
 * @param rest everything else it says, which tells apart what names neither person nor problem
 */
export function dedupeKeyOf(told: Told, at: number, rest: string): string {
  const { email, phone, domain } = normalizedKeys(told);
  const identity = email ?? phone ?? domain ?? '';
  const phrase = told.problem_phrase?.trim().toLowerCase() ?? '';
  const day = new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length);
  const parts = [told.source_type, identity, phrase, day, ...(identity === '' && phrase === '' ? [rest] : [])];
  return sha256(parts.join('|'));
}

/** Of a request, whatever the order of its fields: the same key with another body is a mistake (R001-3). */
export const requestHashOf = (body: object): string =>
  sha256(
    JSON.stringify(
      Object.entries(body)
        .filter(([, value]) => value !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );

/** Hexadecimal, 64 characters. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
