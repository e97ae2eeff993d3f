import { Readable } from 'node:stream';
import { BadFile, rowsOf, type FileRow } from '../../src/workstream/signals/signal.file.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
interface Progress {
  import_id: string;
  status: string;
  total: number;
  processed: number;
  created: number;
  duplicates: number;
  rejected: number;
  progress_pct: number;
  errors: { line: number; message: string }[];
}
const start = (csv: string, more: object = {}) =>
  service.ask<Progress>('POST', '/api/signals/import', { csv, ...more });
/** Sends a file as it is. */
const send = async (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
  const token = await service.live.tokenFor('sam', ['sales']);
  const answer = await fetch(`${service.live.url}/api/signals/import${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv; charset=utf-8', ...headers },
    body,
  });
  return { status: answer.status, body: (await answer.json()) as Progress };
};
const read = async (file: string): Promise<FileRow[]> => {
  const rows: FileRow[] = [];
  for await (const row of rowsOf(Readable.from([Buffer.from(file)]), 'note')) rows.push(row);
  return rows;
};
const progress = (id: string) => service.done<Progress>('GET', `/api/signals/import/${id}`);

describe('a file of signals', () => {
  it('is read by the names of its header, and broken rows are told by their line', async () =>
    expect(
      await read('\uFEFFSource_Type,urgency_score,snippet\nemail,0.5,"two\nlines"\n\nad,1\ncall,high,x\n,,y\n'),
    ).toEqual([
      { kind: 'signal', line: 3, body: { source_type: 'email', urgency_score: 0.5, snippet: 'two\nlines' } },
      { kind: 'broken', line: 5, message: 'the row has more or fewer columns than the header' },
      { kind: 'signal', line: 6, body: { source_type: 'call', urgency_score: 'high', snippet: 'x' } },
      { kind: 'signal', line: 7, body: { source_type: 'note', snippet: 'y' } },
    ]));

  it('is refused as a whole when it is none', async () => {
    for (const file of [
      '',
      'snippet',
      'snippet\n',
      'color\nred',
      'snippet,snippet\na,b',
      'snippet\n"open',
      'status\nlinked',
    ])
      await expect(read(file)).rejects.toThrow(BadFile);
    await expect(read(`snippet\n${'x\n'.repeat(100_001)}`)).rejects.toThrow('at most 100000 rows');
    // A quotation that is never closed is not read to the end of the file.
    await expect(read(`snippet\n"${'x\n'.repeat(1_000_000)}`)).rejects.toThrow('not CSV');
  });
});

describe('an import', () => {
  it('takes every row that is a signal, and says what is wrong with the others', async () => {
    const csv = [
      'source_type,contact_email,problem_phrase,urgency_score,dedupe_key',
      'email,ann@example.com,slow website,0.5,i-1',
      'email,ann@example.com,slow website,0.5,i-1',
      'pigeon,ben@example.com,no leads,,i-2',
      'ad,not an address,,,i-3',
      'ad,cy@example.com,no leads,7,i-4',
      'call,dee@example.com',
      ',eve@example.com,no budget,,i-5',
    ].join('\n');
    const begun = await start(csv, { source_type: 'call', org_id: 1 });
    expect(begun).toMatchObject({
      status: 202,
      body: { status: 'working', total: 7, processed: 0, progress_pct: 0, errors: [] },
    });
    await service.work();
    const { import_id } = begun.body;
    const end = await progress(import_id);
    expect(end).toMatchObject({
      status: 'done',
      processed: 7,
      created: 2,
      duplicates: 1,
      rejected: 4,
      progress_pct: 100,
    });
    expect(end.errors).toEqual([
      { line: 4, message: expect.stringContaining('source_type') },
      { line: 5, message: expect.stringContaining('contact_email') },
      { line: 6, message: expect.stringContaining('urgency_score') },
      { line: 7, message: 'the row has more or fewer columns than the header' },
    ]);
    expect(await service.done('GET', `/api/signals/import/${import_id}/errors?page=2&limit=3`)).toEqual({
      data: [end.errors[3]],
      pagination: { page: 2, limit: 3, total: 4 },
    });
    expect(await service.rows(`select source_type from workstream.signals where dedupe_key = 'i-5'`)).toEqual([
      { source_type: 'call' },
    ]);
  });

  it('takes the file itself as text/csv (R001-34)', async () => {
    const begun = await send('?source_type=ad', 'dedupe_key,snippet\nraw-1,"one, two"\nraw-2,\n');
    expect(begun).toMatchObject({ status: 202, body: { total: 2 } });
    await service.work();
    expect(await progress(begun.body.import_id)).toMatchObject({ status: 'done', created: 2 });
    expect(
      await service.rows(
        `select source_type, snippet from workstream.signals where dedupe_key like 'raw-%' order by 2`,
      ),
    ).toEqual([
      { source_type: 'ad', snippet: 'one, two' },
      { source_type: 'ad', snippet: null },
    ]);
    expect(await send('', 'color\nred\n')).toMatchObject({ status: 400 });
    expect(await send('', 'snippet\nx\n', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    expect(await send('?org_id=2', 'snippet\nx\n')).toMatchObject({ status: 403 });
  });

  it('shows how far it is, and goes on where it was after its worker was stopped', async () => {
    const csv = `dedupe_key\n${Array.from({ length: 250 }, (_, n) => `long-${n}`).join('\n')}\n`;
    const { body } = await start(csv);
    const worker = service.live.app.get(OutboxWorker);
    await worker.turn();
    expect(await progress(body.import_id)).toMatchObject({
      status: 'working',
      processed: 100,
      created: 100,
      progress_pct: 40,
    });
    // The worker died between its commit and telling so: the same part is asked for once more.
    await service.live.owner.query(
      `update workstream.signal_imports set processed = 200, created = 200 where import_id = $1`,
      [body.import_id],
    );
    await service.work();
    const end = await progress(body.import_id);
    expect(end).toMatchObject({
      status: 'done',
      processed: 250,
      created: 250,
      duplicates: 0,
      rejected: 0,
      progress_pct: 100,
    });
    expect(await service.rows(`select 1 from workstream.signals where dedupe_key like 'long-%'`)).toHaveLength(150);
  });

  it('takes a file of tens of thousands of rows as it comes, and one that is too large is not kept', async () => {
    const rows = Array.from({ length: 50_000 }, (_, n) => `large-${n},"The website of customer ${n}, which is slow"`);
    const file = `dedupe_key,snippet\n${rows.join('\n')}\n`;
    expect(file.length).toBeGreaterThan(2 * 1_048_576);
    const begun = await send('', file, { 'idempotency-key': 'large-1' });
    expect(begun).toMatchObject({ status: 202, body: { total: 50_000, processed: 0 } });
    expect(await send('', file, { 'idempotency-key': 'large-1' })).toEqual(begun);
    expect(await send('', `${file}more,more\n`, { 'idempotency-key': 'large-1' })).toMatchObject({ status: 422 });
    await service.live.app.get(OutboxWorker).turn();
    expect(await progress(begun.body.import_id)).toMatchObject({ processed: 100, created: 100, progress_pct: 0 });
    const waiting = () => service.rows('select count(*)::int as count from workstream.signal_import_rows');
    expect(await waiting()).toEqual([{ count: 49_900 }]);

    const [row] = await service.rows<{ workflow_instance_id: string }>(
      'select workflow_instance_id from workstream.signal_imports where import_id = $1',
      begun.body.import_id,
    );
    await service.done('POST', `/api/workstream/jobs/${row?.workflow_instance_id}/cancel`, {}, 'admin');
    expect(await send('', new Uint8Array(33 * 1_048_576).fill(120))).toMatchObject({
      status: 413,
      body: { code: 'PAYLOAD_TOO_LARGE', detail: 'A file may have at most 32 MB.' },
    });
    // What was stopped leaves nothing behind once the next one begins.
    expect(await send('', 'dedupe_key\nlarge-next\n')).toMatchObject({ status: 202 });
    expect(await waiting()).toEqual([{ count: 1 }]);
    await service.work();
  });

  it('is refused when the file is no text, and nothing of it is kept', async () => {
    const before = await service.rows('select count(*) as count from workstream.signal_import_rows');
    const files = [Buffer.from('snippet\n\xff\xfe\n', 'latin1'), 'snippet\na\0b\n', `snippet\n${'x,y\n'.repeat(9)}"`];
    for (const file of files)
      expect(await send('', typeof file === 'string' ? file : new Uint8Array(file))).toMatchObject({ status: 400 });
    expect(await service.ask('POST', '/api/signals/import', { source_type: 'ad' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'csv' }] },
    });
    expect(await service.rows('select count(*) as count from workstream.signal_import_rows')).toEqual(before);
  });

  it('is stopped by whoever began it', async () => {
    const { body } = await start(`dedupe_key\n${Array.from({ length: 150 }, (_, n) => `stop-${n}`).join('\n')}\n`);
    const [row] = await service.rows<{ workflow_instance_id: string }>(
      'select workflow_instance_id from workstream.signal_imports where import_id = $1',
      body.import_id,
    );
    await service.done('POST', `/api/workstream/jobs/${row?.workflow_instance_id}/cancel`);
    await service.work();
    expect(await progress(body.import_id)).toMatchObject({ status: 'cancelled', processed: 0 });
  });

  it('is refused with the reason when the file is none', async () => {
    expect(await start('color\nred\n')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'csv', message: expect.stringContaining('There is no column color') }] },
    });
    expect(await start('dedupe_key\na\n', { org_id: 2 })).toMatchObject({ status: 403 });
    expect(await service.ask('GET', '/api/signals/import/imp_unknown')).toMatchObject({ status: 404 });
  });
});
