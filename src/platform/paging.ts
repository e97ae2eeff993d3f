import { createHash } from 'node:crypto';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { refuse } from './errors.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const MAX_CURSOR_LENGTH = 500;
const CHECKSUM_BYTES = 6;
const MUST_BE_OURS = 'cursor must be the nextCursor of a page of this list';
const NOT_A_CURSOR = { errors: [{ field: 'cursor', message: MUST_BE_OURS }] };

/** A number in a query or in an address: digits become a number, everything else is left for the validators to refuse. */
export const Digits = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
  );

/** Query of every list; lists that filter extend it. */
export class PageQuery {
  @ApiPropertyOptional({
    description: 'How many at most',
    type: 'integer',
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
  })
  @IsOptional()
  @Digits()
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit: number = DEFAULT_LIMIT;

  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before', maxLength: MAX_CURSOR_LENGTH })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR_LENGTH)
  @Matches(/^[\w-]+$/, { message: MUST_BE_OURS })
  cursor?: string;
}

/** An opaque cursor for the row a page ended with, by the columns the list is ordered by. */
export function encodeCursor(row: Readonly<Record<string, string>>): string {
  const text = JSON.stringify(row);
  return Buffer.concat([checksum(text), Buffer.from(text)]).toString('base64url');
}

/** What a part of a cursor can be, as text. */
const KINDS = {
  id: (text: string) => /^[\w.:-]{1,255}$/.test(text),
  number: (text: string) => /^\d{1,15}$/.test(text),
  time: (text: string) => /^[1-9]\d{3}-\d\d-\d\dT[\d:.]{8,15}Z$/.test(text) && isDay(text.slice(0, 10), text),
  /** `infinity` is the day of what has none, behind all others. */
  day: (text: string) => text === 'infinity' || (/^[1-9]\d{3}-\d\d-\d\d$/.test(text) && isDay(text, text)),
};
/** What a part of a cursor can be. */
export type CursorKind = keyof typeof KINDS;

/** Does the calendar have the day, and the day the time? */
function isDay(day: string, moment: string): boolean {
  const at = new Date(moment);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

/** The row a cursor stands for, or null without one; `parts` are the columns it was made of. @throws WF006 when it is not one that this list gave out */
export function decodeCursor<Part extends string>(
  cursor: string | undefined,
  parts: Readonly<Record<Part, CursorKind>>,
): Record<Part, string> | null {
  if (cursor === undefined) return null;
  const bytes = Buffer.from(cursor, 'base64url');
  const text = bytes.subarray(CHECKSUM_BYTES).toString();
  // A slip is found here, with a good message. The checksum is no secret, so a forged cursor is looked at part by part below.
  if (!checksum(text).equals(bytes.subarray(0, CHECKSUM_BYTES))) throw refuse('WF006', NOT_A_CURSOR);
  const row = JSON.parse(text) as Record<Part, unknown>;
  for (const part in parts) {
    const value = row[part];
    if (typeof value !== 'string' || !KINDS[parts[part]](value)) throw refuse('WF006', NOT_A_CURSOR);
  }
  return row as Record<Part, string>;
}

const checksum = (text: string): Buffer =>
  createHash('sha256').update(`cursor:${text}`).digest().subarray(0, CHECKSUM_BYTES);
