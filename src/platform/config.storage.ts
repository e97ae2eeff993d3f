import type { Environment } from './environment.js';

/** An S3-compatible store for documents. */
export interface S3Config {
  /** Address of the service; buckets are paths below it. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

const NAMES = ['S3_ENDPOINT', 'S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const;

/** S3 as configured, or undefined: documents are kept below the data directory. A half-configured store is a problem. */
export function s3(env: Environment): S3Config | undefined {
  const endpoint = env.endpoint('S3_ENDPOINT');
  if (NAMES.every((name) => env.text(name) === undefined)) return undefined;
  const needed = (name: (typeof NAMES)[number]) => env.needed(name, 'to keep documents in S3');
  return {
    endpoint: endpoint ?? needed('S3_ENDPOINT'),
    bucket: needed('S3_BUCKET'),
    region: env.text('S3_REGION') ?? 'us-east-1',
    accessKey: needed('S3_ACCESS_KEY'),
    secretKey: needed('S3_SECRET_KEY'),
  };
}
