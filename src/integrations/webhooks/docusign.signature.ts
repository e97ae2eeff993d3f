import { createHmac, timingSafeEqual } from 'node:crypto';

const HEADER = /^x-docusign-signature-\d{1,3}$/;

/** Whether DocuSign signed these very bytes: one signature per active key, base64, any of which may be ours (R000-82). No secret means no. */
export function isSignedByDocusign(
  raw: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  secrets: readonly string[],
): boolean {
  const signatures = Object.entries(headers).flatMap(([name, value]) =>
    HEADER.test(name) && typeof value === 'string' ? [Buffer.from(value, 'base64')] : [],
  );
  return secrets.some((secret) => {
    const expected = createHmac('sha256', secret).update(raw).digest();
    return signatures.some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  });
}
