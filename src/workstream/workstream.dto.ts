/** What the requests of the pipeline have in common: numbers, references, paging, whose they are. */
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength, ValidateIf } from 'class-validator';
import { refuse } from '../platform/errors.js';
import { Digits } from '../platform/paging.js';
import { MayBeAbsent, VISIBLE } from '../platform/validation.js';

const MAX_ID = Number.MAX_SAFE_INTEGER;

/** The number in an address. @throws WF006 in the words of the requirements: `signal_id must be a positive integer` (R001-34) */
export function idIn(name: string, text: string): number {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0;
  if (id < 1 || id > MAX_ID) {
    const message = `${name} must be a positive integer`;
    throw refuse('WF006', { detail: message, errors: [{ field: name, message }] });
  }
  return id;
}

/** A number in a query or in an address. */
export { Digits as Digitized } from '../platform/paging.js';

/** The number of another row. */
export const IdOf = (): PropertyDecorator => applyDecorators(IsInt(), Min(1), Max(MAX_ID));

/** The field may be left out or null; null clears it where something is changed. */
export const Clearable = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_, value) => value !== undefined && value !== null),
    ApiPropertyOptional({ nullable: true }),
  );

/** In the API document: text, or a number for its digits. */
const TextOrNumber = (): PropertyDecorator => ApiProperty({ oneOf: [{ type: 'string' }, { type: 'integer' }] });

/** JSON of every kind, for the API document. */
export const ANYTHING = [
  { type: 'object' },
  { type: 'array', items: {} },
  ...['string', 'number', 'boolean'].map((type) => ({ type })),
];

/** Refused whatever it is: a state is changed by its own commands (R001-23). */
export const NeverWritten = (): PropertyDecorator =>
  applyDecorators(MayBeAbsent(), ApiPropertyOptional({ oneOf: ANYTHING }));

/** A user or a record of another system, by its id there; numbers are taken for their digits. */
export const Ref = (): PropertyDecorator =>
  applyDecorators(
    TextOrNumber(),
    Transform(({ value }: { value: unknown }) => (Number.isSafeInteger(value) ? String(value) : value)),
    Matches(/^[\x21-\x7e]{1,128}$/, { message: '$property must be an id of 1 to 128 visible characters' }),
  );

/** Words of at most this many characters, with something to read in them. */
export const Words = (most: number): PropertyDecorator =>
  applyDecorators(
    IsString(),
    MinLength(1),
    MaxLength(most),
    Matches(VISIBLE, { message: '$property must not be blank' }),
  );

/** Whose row it is: only ever the organisation of the credential (R001-21). */
export const OrgId = (): PropertyDecorator =>
  applyDecorators(
    MayBeAbsent(),
    TextOrNumber(),
    Transform(({ value }: { value: unknown }) => (Number.isSafeInteger(value) ? String(value) : value)),
    Matches(/^[A-Za-z0-9_-]{1,63}$/, { message: 'org_id must be the number or the name of an organisation' }),
  );

/** A request that may name the organisation it is about. */
export class OfOrg {
  /** Must be the caller's own, as its number or its name; left out, it is. */
  @OrgId() org_id?: string;
}

const MAX_PAGE = 1_000_000;

/** Query of the lists of the pipeline (R001-45). */
export class NumberedPage extends OfOrg {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, default: 1 })
  @IsOptional()
  @Digits()
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  page: number = 1;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Digits()
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;
}

/** Query of lists that can be read on behind a cursor, too. */
export class CursorPage extends NumberedPage {
  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before; `page` is not looked at then' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(500)
  @Matches(/^[\w-]+$/, { message: 'cursor must be the nextCursor of a page of this list' })
  cursor?: string;
}

/** Where a page is in its list. */
export class Pagination {
  page!: number;
  limit!: number;
  /** How many there are altogether. */
  total!: number;
}

/** Answer of `DELETE`. */
export class Deleted {
  deleted!: number;
}
