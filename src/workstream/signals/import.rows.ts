/** Rows of files that wait to be taken in. */
import type { Tx } from '../../platform/database.js';
import type { FileRow } from './signal.file.js';

/** Rows written in one statement: what is held in memory of a file. */
const BATCH = 500;

/** A row that waits: a signal, or why it is none. */
export interface KeptRow {
  /** Of the file. */
  line: number;
  body: Record<string, string | number> | null;
  message: string | null;
}

/** Writes the rows of a file down, in its order. What imports left behind that were stopped is taken away. @returns how many there are */
export async function keepRows(tx: Tx, importId: string, rows: AsyncIterable<FileRow>): Promise<number> {
  await tx.run(
    `delete from workstream.signal_import_rows r
      using workstream.signal_imports s join engine.instances i on i.tenant = s.tenant and i.id = s.workflow_instance_id
      where r.tenant = engine.tenant() and s.tenant = r.tenant and s.import_id = r.import_id and i.status not in ('active', 'paused')`,
  );
  let count = 0;
  let batch: FileRow[] = [];
  const write = async () => {
    await tx.run(
      `insert into workstream.signal_import_rows (tenant, import_id, n, line, body, message)
       select engine.tenant(), $1, $2 + row_number() over (), r.line, r.body, r.message
         from json_to_recordset($3) as r (line int, body jsonb, message text)`,
      [importId, count, JSON.stringify(batch)],
    );
    count += batch.length;
    batch = [];
  };
  for await (const row of rows) {
    batch.push(row);
    if (batch.length === BATCH) await write();
  }
  if (batch.length > 0) await write();
  return count;
}

/** Takes the rows behind `from` up to `end`, in the order of the file; nobody gets them again once this transaction commits. */
export async function takeRows(tx: Tx, importId: string, from: number, end: number): Promise<KeptRow[]> {
  const rows = await tx.query<KeptRow & { n: number }>(
    `delete from workstream.signal_import_rows where tenant = engine.tenant() and import_id = $1 and n > $2 and n <= $3
     returning n, line, body, message`,
    [importId, from, end],
  );
  if (rows.length !== end - from) throw new Error(`rows ${from + 1} to ${end} of import ${importId} are not there`);
  return rows.sort((one, other) => one.n - other.n);
}
