/** The chain over an instance's history: changing, dropping or reordering a row breaks every hash after it. */
import { hash } from 'node:crypto';

/** What the first row of every chain follows. */
export const GENESIS = '0'.repeat(64);

/** A stored row as far as the chain is concerned; `fields` are the exact stored texts, never parsed and written again. */
export interface ChainedRow {
  seq: number;
  prevHash: string;
  hash: string;
  fields: readonly (string | null)[];
}

/** SHA-256 (hex) of a row and all rows before it. */
export function hashEntry(prevHash: string, fields: readonly (string | null)[]): string {
  let all = prevHash;
  // With its length in front, no text can pretend to be the end of one field and the start of the next.
  for (const text of fields) all += text === null ? 'n' : `s${Buffer.byteLength(text)}:${text}`;
  return hash('sha256', all);
}

/** The head of an intact chain, or the first row that is not what it was. Rows in order of `seq`, from 1. */
export function verifyChain(
  rows: Iterable<ChainedRow>,
): { ok: true; head: string } | { ok: false; seq: number; reason: string } {
  let head = GENESIS;
  let expected = 1;
  for (const { seq, prevHash, hash, fields } of rows) {
    if (seq !== expected) return { ok: false, seq: expected, reason: `row ${expected} is missing` };
    if (prevHash !== head) return { ok: false, seq, reason: `row ${seq} does not follow the row before it` };
    if (hash !== hashEntry(prevHash, fields)) return { ok: false, seq, reason: `row ${seq} was changed` };
    head = hash;
    expected += 1;
  }
  return { ok: true, head };
}
