/** Figures, times and codes in words. */
import type { ExplainedEvent } from '../api/schema.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `3 h ago`, `in 2 d`. @param now milliseconds */
export function relative(at: string, now: number): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1_000);
  const text = span(Math.abs(seconds));
  if (Math.abs(seconds) < 5) return 'now';
  return seconds < 0 ? `${text} ago` : `in ${text}`;
}

/** A time in its largest unit: `45 s`, `3 h`, `12 d`. @param seconds at least 0 */
export function span(seconds: number): string {
  if (seconds < MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} d`;
}

export const fullTime = (at: string): string =>
  new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export const count = (value: number): string => value.toLocaleString();

/** `counterAmount` → `Counter amount`. */
export function inWords(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What happened, for people: `xstate.done.actor.signing` → `signing done`. */
export function eventName(type: string): string {
  const [, what, name] = /^xstate\.(after|done\.actor|done\.state|error\.actor|init)\.?([\w-]*)/.exec(type) ?? [];
  switch (what) {
    case 'after':
      return `after ${name ?? ''}`;
    case 'error.actor':
      return `${name ?? ''} failed`;
    case 'done.actor':
    case 'done.state':
      return `${name ?? ''} done`;
    default:
      return type;
  }
}

export function verdictOf({ event, state, phase, verdict }: ExplainedEvent): string {
  const place = phase === null ? state : `${state}.${phase}`;
  switch (verdict) {
    case 'ALLOWED':
      return `${event} would be taken in ${place}.`;
    case 'GUARDS_REFUSED':
      return `${event} is answered in ${place}, but a condition does not hold.`;
    case 'FORBIDDEN_IN_STATE':
      return `${place} refuses ${event} on purpose.`;
    case 'EVENT_NOT_HANDLED_IN_STATE':
      return `${place} does not answer to ${event}.`;
    case 'SENDER_REFUSED':
      return `You may not send ${event}.`;
    case 'WITHHELD':
      return `Whether ${event} is taken hangs on what you may not see.`;
    case 'INSTANCE_DONE':
      return 'It has ended; nothing moves it any more.';
    case 'INSTANCE_PAUSED':
      return 'It is paused until somebody resumes it.';
    case 'INSTANCE_QUARANTINED':
      return 'It is in quarantine: a decision about it failed.';
    default:
      return verdict;
  }
}

/** Why an effect failed: `{code, message}`, or what the machine refused with. Undefined where it says nothing. */
export function errorOf(error: unknown): { code: string | undefined; text: string } | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, message, reason } = error as { code?: string; message?: string; reason?: string };
  return { code, text: message ?? reason ?? '' };
}
