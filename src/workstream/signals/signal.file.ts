/** Files of signals: CSV with a header that names fields of a signal. */
import { pipeline, type Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';

/** A row of a file: a signal as `POST /api/signals` takes it, or why it is none. */
export type FileRow =
  | { kind: 'signal'; line: number; body: Record<string, string | number> }
  | { kind: 'broken'; line: number; message: string };

/** A file that is none, as a whole. */
export class BadFile extends Error {}

/** Most rows in one file. */
export const MOST_ROWS = 100_000;
/** Most bytes of one file: what that many rows may need, at the speed of a slow line within the time of a request. */
export const MOST_BYTES = 32 * 1_048_576;
/** Bytes of one row: several times what its fields may hold. A quotation that is never closed ends here, and not in memory. */
const LONGEST_ROW = 65_536;

const FIELDS: ReadonlySet<string> = new Set([
  'source_type',
  'source_ref',
  'snippet',
  'contact_id',
  'client_id',
  'contact_email',
  'contact_phone',
  'company_domain',
  'ts',
  'problem_phrase',
  'solution_hint',
  'urgency_score',
  'dedupe_key',
  'idempotency_key',
  'owner_user_id',
]);

interface Parsed {
  record: Record<string, string>;
  /** Lines read so far: where the record ends. */
  info: { lines: number; error?: { code: string } };
}

/** The rows of a file, in its order, read as they are asked for. @param sourceType of rows that name none @throws BadFile */
export async function* rowsOf(file: Readable, sourceType: string): AsyncGenerator<FileRow> {
  let count = 0;
  for await (const { record, info } of parsed(file)) {
    count += 1;
    if (count > MOST_ROWS) throw new BadFile(`A file has at most ${MOST_ROWS} rows; send it in parts.`);
    const line = info.lines;
    if (info.error) yield { kind: 'broken', line, message: 'the row has more or fewer columns than the header' };
    else yield { kind: 'signal', line, body: { source_type: sourceType, ...Object.fromEntries(cells(record)) } };
  }
  if (count === 0) throw new BadFile('The file has no rows below its header.');
}

const cells = (record: Parsed['record']): [string, string | number][] =>
  Object.entries(record).flatMap(([name, cell]) => (cell === '' ? [] : [[name, valueOf(name, cell)]]));

async function* parsed(file: Readable): AsyncGenerator<Parsed> {
  const parser = parse({
    bom: true,
    columns: (header: string[]) => header.map(fieldOf),
    info: true,
    max_record_size: LONGEST_ROW,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  try {
    // How it ends is known to whoever reads the rows.
    yield* pipeline(file, parser, () => undefined) as AsyncIterable<Parsed>;
  } catch (error) {
    if (error instanceof BadFile || !(error instanceof CsvError)) throw error;
    throw new BadFile(`The file is not CSV: ${error.message}.`);
  }
}

function fieldOf(name: string, index: number, header: readonly string[]): string {
  const field = name.trim().toLowerCase();
  if (!FIELDS.has(field)) throw new BadFile(`There is no column ${name}; columns are: ${[...FIELDS].join(', ')}.`);
  if (header.findIndex((other) => other.trim().toLowerCase() === field) !== index)
    throw new BadFile(`The column ${field} is there twice.`);
  return field;
}

/** Numbers are numbers; what is none is left for the checks to refuse. */
const valueOf = (field: string, cell: string): string | number =>
  field === 'urgency_score' && /^[\d.]+$/.test(cell) ? Number(cell) : cell;
