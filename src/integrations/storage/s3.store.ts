import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import type { S3Config } from '../../platform/config.storage.js';
import { exchange, type Reply } from '../http/exchange.js';
import { DocumentStore, placeOf } from './document.store.js';

/** The largest document that is read back. */
const MOST_BYTES = 25 * 1024 * 1024;

/** Documents as objects in a bucket of an S3-compatible service. */
export class S3Store extends DocumentStore {
  constructor(private readonly config: S3Config) {
    super();
  }

  async put(tenant: string, key: string, bytes: Buffer, contentType: string): Promise<void> {
    const { status } = await this.ask('PUT', placeOf(tenant, key), bytes, { 'content-type': contentType });
    if (status !== 200) throw new Error(`the document store answered ${status}`);
  }

  async get(tenant: string, key: string): Promise<Buffer | undefined> {
    const { status, bytes } = await this.ask('GET', placeOf(tenant, key));
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`the document store answered ${status}`);
    return bytes;
  }

  private async ask(
    method: string,
    place: string,
    body?: Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const { endpoint, bucket, region, accessKey: accessKeyId, secretKey: secretAccessKey } = this.config;
    const signed = await new AwsV4Signer({
      method,
      url: `${endpoint}/${bucket}/${place}`,
      // The digest is signed, so that the store refuses bytes that were damaged on the way.
      headers: {
        ...headers,
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
      service: 's3',
      region,
      accessKeyId,
      secretAccessKey,
    }).sign();
    return exchange(
      new Request(signed.url, { method, headers: signed.headers, ...(body && { body: new Uint8Array(body) }) }),
      MOST_BYTES,
    );
  }
}
