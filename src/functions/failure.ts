/** What is kept of an error, and whether trying again makes sense (R004-50, R004-56). */
import type { Failure, Value } from '../../machines/function.types.js';
import { ERRORS, Refused } from '../platform/errors.js';

/** What kind of error it is; what is permanent or a matter of consistency is not tried again. */
export const CATEGORIES = [
  'transient',
  'recoverable',
  'permanent',
  'contention',
  'consistency',
  'external',
  'unknown',
] as const;
/** One of CATEGORIES. */
export type Category = (typeof CATEGORIES)[number];

/** Characters of a message that are kept. */
const LONGEST = 2_000;

/** An error whose kind is known: an action throws it to say whether it is to be tried again. */
export class ActionError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly category: Category = 'permanent',
    readonly details?: Value,
  ) {
    super(message);
    this.name = 'ActionError';
  }
}

/** Whether another attempt may end otherwise. */
export const isPassing = ({ category }: Pick<Failure, 'category'>): boolean =>
  category !== 'permanent' && category !== 'consistency';

/** What is kept of whatever was thrown. */
export function failureOf(thrown: unknown, attempts: number | null = null): Failure {
  const error = thrown instanceof Error || isErrorLike(thrown) ? thrown : new Error(String(thrown));
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
      ? String(error.code)
      : 'ERROR';
  const kept = {
    name: error.name,
    message: error.message.slice(0, LONGEST),
    code,
    category: categoryOf(error, code),
    attempts,
  };
  return error instanceof ActionError && error.details !== undefined ? { ...kept, details: error.details } : kept;
}

function categoryOf(error: Error, code: string): Category {
  const given = 'category' in error ? CATEGORIES.find((category) => category === error.category) : undefined;
  if (given) return given;
  if (error instanceof Refused) return isBusy(error) ? 'transient' : 'permanent';
  if (code === '40001' || code === '40P01') return 'contention';
  // Of the database: what breaks a rule breaks it again, and who may not, may not.
  if (/^(22|23|42)...$/.test(code)) return 'permanent';
  if (/^(08|53|57)...$/.test(code)) return 'transient';
  return 'unknown';
}

const isBusy = ({ code }: Refused): boolean => ERRORS[code].status >= 500 || ERRORS[code].status === 429;

// Not instanceof alone: an error of another realm is an error too.
const isErrorLike = (thrown: unknown): thrown is Error => Object.prototype.toString.call(thrown) === '[object Error]';
