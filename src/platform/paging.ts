import { createHash } from 'node:crypto';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { refuse } from './errors.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const MAX_CURSOR_LENGTH = 500;
const CHECKSUM_BYTES = 6;
const NOT_A_CURSOR = { errors: [{ field: 'cursor', message: 'cursor must be the nextCursor of a page of this list' }] };

/** A number in a query or in an address: digits become a number, everything else is left for the validators to refuse. */
export const Digits = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
  );

/** Query of every list; lists that filter extend it. */
export class PageQuery {
  @ApiPropertyOptional({ description: 'How many at most', type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
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
  @Matches(/^[\w-]+$/, { message: NOT_A_CURSOR.errors[0].message })
  cursor?: string;
}

/** An opaque cursor for the row a page ended with, by the columns the list is ordered by. */
export function encodeCursor(row: Readonly<Record<string, string>>): string {
  const text = JSON.stringify(row);
  return Buffer.concat([checksum(text), Buffer.from(text)]).toString('base64url');
}

/** The row a cursor stands for, or null without one. @throws WF006 when it is not one that this list gave out */
export function decodeCursor<Part extends string>(
  cursor: string | undefined,
  parts: readonly Part[],
): Record<Part, string> | null {
  if (cursor === undefined) return null;
  const bytes = Buffer.from(cursor, 'base64url');
  const text = bytes.subarray(CHECKSUM_BYTES).toString();
  // Without the checksum, garbage would travel on and fail in the database. It is no secret: a cursor shows nobody more than the list does.
  if (!checksum(text).equals(bytes.subarray(0, CHECKSUM_BYTES))) throw refuse('WF006', NOT_A_CURSOR);
  const row = JSON.parse(text) as Record<Part, string>;
  if (!parts.every((part) => part in row)) throw refuse('WF006', NOT_A_CURSOR);
  return row;
}

const checksum = (text: string): Buffer =>
  createHash('sha256').update(`cursor:${text}`).digest().subarray(0, CHECKSUM_BYTES);
