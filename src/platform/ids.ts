import { v7 } from 'uuid';

/** Digits of a 128-bit number in base 32. */
const DIGITS = 26;

/** A new id such as `wf_01k3…`: sorts by the time it was made in and cannot be guessed. */
export function newId(prefix: string): string {
  const number = BigInt(`0x${v7().replaceAll('-', '')}`);
  return `${prefix}_${number.toString(32).padStart(DIGITS, '0')}`;
}
