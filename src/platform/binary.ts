/** Arrays of records in Postgres's binary format: nothing is quoted here, nothing is parsed there, and one parameter carries all rows. */

/** Kinds of columns, by the numbers that their types have in every Postgres. */
const OIDS = {
  bool: 16,
  int8: 20,
  int4: 23,
  text: 25,
  json: 114,
  float8: 701,
  'text[]': 1009,
  timestamptz: 1184,
} as const;
export type Kind = keyof typeof OIDS;

/** What a column may hold; JSON as text, moments as milliseconds since 1970. */
export type Cell = string | number | boolean | readonly string[] | null;

/** The columns of a composite type, in its order. */
export type Columns<Name extends string = string> = Readonly<Record<Name, Kind>>;

const FIRST_BYTES = 4_096;
/** Postgres counts microseconds from here. */
const YEAR_2000_MS = Date.UTC(2000);

/** @param type number of the composite type in this database */
export const recordArray = <Name extends string>(
  type: number,
  columns: Columns<Name>,
  rows: readonly Readonly<Record<Name, Cell>>[],
): Buffer => records(type, columns, rows, undefined);

/** Records that begin with a number of their own, such as the place of what they belong to. Given beside the rows: copying a row costs more than writing it. */
export const numberedArray = <Name extends string>(
  type: number,
  columns: Columns<Name>,
  rows: readonly { n: number; row: Readonly<Record<Name, Cell>> }[],
): Buffer =>
  records(
    type,
    columns,
    rows.map(({ row }) => row),
    rows.map(({ n }) => n),
  );

function records<Name extends string>(
  type: number,
  columns: Columns<Name>,
  rows: readonly Readonly<Record<Name, Cell>>[],
  numbers: readonly number[] | undefined,
): Buffer {
  const kinds = Object.entries(columns) as [Name, Kind][];
  const out = new Output();
  out.arrayHead(type, rows.length);
  for (const [index, row] of rows.entries()) {
    const begin = out.open();
    out.int4(kinds.length + (numbers ? 1 : 0));
    if (numbers) {
      out.int4(OIDS.int4);
      out.cell('int4', numbers[index] ?? null);
    }
    for (const [name, kind] of kinds) {
      out.int4(OIDS[kind]);
      out.cell(kind, row[name]);
    }
    out.close(begin);
  }
  return out.bytes();
}

class Output {
  private buffer = Buffer.allocUnsafe(FIRST_BYTES);
  private at = 0;

  bytes(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  /** One dimension, nulls possible, the type, how many, the first index. */
  arrayHead(type: number, length: number): void {
    for (const value of [1, 1, type, length, 1]) this.int4(value);
  }

  cell(kind: Kind, value: Cell): void {
    if (value === null) return this.int4(-1);
    const begin = this.open();
    if (typeof value === 'string') this.text(value);
    else if (typeof value === 'boolean') this.byte(value ? 1 : 0);
    else if (typeof value === 'number') this.number(kind, value);
    else {
      this.arrayHead(OIDS.text, value.length);
      for (const item of value) this.cell('text', item);
    }
    this.close(begin);
  }

  int4(value: number): void {
    this.reserve(4);
    this.at = this.buffer.writeInt32BE(value, this.at);
  }

  /** Leaves room for a length that is not known yet. */
  open(): number {
    this.int4(0);
    return this.at;
  }

  close(begin: number): void {
    this.buffer.writeInt32BE(this.at - begin, begin - 4);
  }

  private number(kind: Kind, value: number): void {
    if (kind === 'int4') return this.int4(value);
    this.reserve(8);
    if (kind === 'float8') this.at = this.buffer.writeDoubleBE(value, this.at);
    else {
      const whole = kind === 'timestamptz' ? (value - YEAR_2000_MS) * 1_000 : value;
      this.at = this.buffer.writeBigInt64BE(BigInt(whole), this.at);
    }
  }

  private text(value: string): void {
    // No character takes more than three bytes for each of its units.
    this.reserve(value.length * 3);
    this.at += this.buffer.write(value, this.at);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.at = this.buffer.writeUInt8(value, this.at);
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.at + bytes));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
  }
}
