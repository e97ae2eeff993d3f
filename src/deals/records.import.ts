/** Reads the records of an import, whatever form they come in. Pure: text and data in, rows out. */
import { plainToInstance } from 'class-transformer';
import { Matches, validateSync } from 'class-validator';
import { parse } from 'csv-parse/sync';
import { refuse, type FieldError } from '../platform/errors.js';
import { fieldErrors } from '../platform/validation.js';

/** Rows of one import: enough for a large customer, few enough to be checked and stored while somebody waits. */
export const MOST_ROWS = 10_000;

/** How records of a kind look. */
export interface RecordShape {
  /** The class their fields have to satisfy. */
  Shape: new () => object;
  /** Every field besides the id, and what a cell of a table stands for. */
  fields: Readonly<Record<string, 'text' | 'number' | 'boolean'>>;
}

/** A row of an import: its number as people count (the first is 1), and what is wrong with it or what it says. */
export type ImportRow =
  { row: number; id: string; record: object } | { row: number; id: string | null; errors: FieldError[] };

/** A record's id, as every address takes it. */
class Identified {
  @Matches(/^[A-Za-z0-9_.:-]{1,128}$/, { message: 'id must be 1 to 128 letters, digits or any of _ . : -' })
  id!: unknown;
}

/** Records as a table: the first line names the fields, empty cells are left out. @throws WF006 when it is no table of this kind */
export function readCsv(text: string, { fields }: RecordShape): object[] {
  const rows = table(text);
  const [header = []] = rows;
  const known = ['id', ...Object.keys(fields)];
  const strange = header.filter((name, index) => !known.includes(name) || header.indexOf(name) !== index);
  if (!header.includes('id') || strange.length > 0)
    throw refuse('WF006', {
      detail: `The first line must name id and any of ${known.slice(1).join(', ')}, each once.`,
      errors: strange.map((name) => ({
        field: name || 'csv',
        message: 'is no column of these records, or is there twice',
      })),
    });
  return rows.slice(1).map((cells) =>
    Object.fromEntries(
      header.flatMap((name, index) => {
        const cell = cells[index] ?? '';
        return cell === '' ? [] : [[name, valueOf(cell, fields[name] ?? 'text')]];
      }),
    ),
  );
}

/** Each record checked by itself; an id that comes twice is an error the second time. @throws WF006 when there are too many */
export function check(records: readonly unknown[], { Shape }: RecordShape): ImportRow[] {
  if (records.length > MOST_ROWS)
    throw refuse('WF006', { detail: `An import may have ${MOST_ROWS} records, this one has ${records.length}.` });
  const seen = new Map<string, number>();
  return records.map((given, index) => {
    const row = index + 1;
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      return { row, id: null, errors: [{ field: 'record', message: 'a record must be an object' }] };
    const { id: givenId, ...fields } = given as Record<string, unknown>;
    const record = plainToInstance(Shape, fields);
    const errors = [
      ...fieldErrors(validateSync(plainToInstance(Identified, { id: givenId }))),
      ...fieldErrors(validateSync(record, { whitelist: true, forbidNonWhitelisted: true })),
    ];
    const id = typeof givenId === 'string' ? givenId : null;
    const earlier = id === null ? undefined : seen.get(id);
    if (earlier !== undefined) errors.push({ field: 'id', message: `${id} is in row ${earlier} already` });
    if (id !== null) seen.set(id, row);
    return errors.length > 0 || id === null ? { row, id, errors } : { row, id, record };
  });
}

function table(text: string): string[][] {
  try {
    return parse(text, {
      bom: true,
      trim: true,
      skipEmptyLines: true,
      relaxColumnCount: false,
      to: MOST_ROWS + 2,
    });
  } catch (error) {
    throw refuse('WF006', {
      detail: `The table cannot be read: ${error instanceof Error ? error.message : 'not CSV'}`,
    });
  }
}

/** A cell that is not what its column is for stays text, for the rules of the record to name. */
function valueOf(cell: string, kind: 'text' | 'number' | 'boolean'): string | number | boolean {
  if (kind === 'number' && /^-?\d{1,15}(\.\d{1,10})?$/.test(cell)) return Number(cell);
  if (kind === 'boolean' && (cell === 'true' || cell === 'false')) return cell === 'true';
  return cell;
}
