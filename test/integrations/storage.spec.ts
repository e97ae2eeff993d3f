import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { AwsV4Signer } from 'aws4fetch';
import { DiskStore } from '../../src/integrations/storage/disk.store.js';
import type { DocumentStore } from '../../src/integrations/storage/document.store.js';
import { S3Store } from '../../src/integrations/storage/s3.store.js';

const folder = mkdtempSync(join(tmpdir(), 'statewright-documents-'));
const keys = { accessKeyId: 'AK', secretAccessKey: 'very secret' };
const objects = new Map<string, Buffer>();

/** Speaks as much S3 as documents need, and believes nobody whose signature it cannot make itself. */
const bucket = createServer((request, response) => {
  void buffer(request).then(async (body) => {
    const { method = '', url = '', headers } = request;
    const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
    const expected = await new AwsV4Signer({
      method,
      url: `http://${headers.host}${url}`,
      headers: Object.fromEntries(
        signed.filter((name) => name !== 'host').map((name) => [name, String(headers[name])]),
      ),
      service: 's3',
      region: 'eu-1',
      datetime: String(headers['x-amz-date']),
      allHeaders: true,
      ...keys,
    }).sign();
    if (expected.headers.get('authorization') !== headers.authorization) return response.writeHead(403).end();
    if (method === 'PUT') objects.set(url, body);
    const object = objects.get(url);
    return response.writeHead(object ? 200 : 404).end(method === 'GET' ? object : undefined);
  });
});

const s3 = (secretKey = keys.secretAccessKey) =>
  new S3Store({
    endpoint: `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`,
    bucket: 'deals',
    region: 'eu-1',
    accessKey: keys.accessKeyId,
    secretKey,
  });

beforeAll(() => new Promise<void>((listening) => bucket.listen(0, '127.0.0.1', listening)));
afterAll(async () => {
  bucket.closeAllConnections();
  await new Promise((closed) => bucket.close(closed));
  rmSync(folder, { recursive: true });
});

const bytes = Buffer.from([0, 255, 10, 13]);

describe.each<[string, () => DocumentStore]>([
  ['on disk', () => new DiskStore(folder)],
  ['in an S3 bucket', () => s3()],
])('documents %s', (_, store) => {
  it('come back as they were kept, the last version of each', async () => {
    await store().put('demo', 'closing/deal_1/taxForms.pdf', Buffer.from('older'), 'application/pdf');
    await store().put('demo', 'closing/deal_1/taxForms.pdf', bytes, 'application/pdf');
    expect(await store().get('demo', 'closing/deal_1/taxForms.pdf')).toEqual(bytes);
  });

  it('of one tenant are not there for another', async () => {
    await store().put('demo', 'term-sheets/deal_2.pdf', bytes, 'application/pdf');
    expect(await store().get('other', 'term-sheets/deal_2.pdf')).toBeUndefined();
  });

  it.each(['../demo/x.pdf', 'a/../../x', '/etc/passwd', 'a//b', 'a/./b', '..', 'a\\..\\b', '', '%2e%2e/x', 'a\0b'])(
    'cannot be kept or read outside their tenant: %j',
    async (key) => {
      await expect(store().put('demo', key, bytes, 'application/pdf')).rejects.toThrow('malformed document key');
      await expect(store().get('demo', key)).rejects.toThrow('malformed document key');
      await expect(store().get('..', 'demo/x.pdf')).rejects.toThrow('malformed document key');
    },
  );
});

it('documents on disk are for their owner only, and drafts do not stay', async () => {
  await new DiskStore(folder).put('demo', 'term-sheets/deal_3.pdf', bytes);
  expect(readdirSync(join(folder, 'demo', 'term-sheets')).filter((name) => name.startsWith('deal_3'))).toEqual([
    'deal_3.pdf',
  ]);
  expect(statSync(join(folder, 'demo', 'term-sheets', 'deal_3.pdf')).mode & 0o777).toBe(0o600);
});

it('a bucket that refuses our signature is an error, not an empty answer', async () => {
  await expect(s3('guessed').put('demo', 'a.pdf', bytes, 'application/pdf')).rejects.toThrow('answered 403');
  await expect(s3('guessed').get('demo', 'a.pdf')).rejects.toThrow('answered 403');
});
