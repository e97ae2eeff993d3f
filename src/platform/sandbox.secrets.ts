import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Secrets that the sandbox makes up for itself, so that nobody has to configure any. */
export interface SandboxSecrets {
  jwtSecret: string;
  /** Base64 of 32 bytes. */
  encryptionKey: string;
  stripeWebhookSecret: string;
  docusignWebhookSecret: string;
  /** PEM. */
  docusignPrivateKey: string;
  docusignPublicKey: string;
  docusignIntegrationKey: string;
  docusignUserId: string;
  docusignAccountId: string;
  /** One API key for each role; that of `admin` is the first administrator's. */
  apiKeys: Record<string, string>;
}

/** The sandbox's secrets, made on the first start and kept (readable by the owner only), so that a restart changes none of them. */
export function sandboxSecrets(folder: string, roles: readonly string[]): SandboxSecrets {
  const file = join(folder, 'secrets.json');
  mkdirSync(folder, { recursive: true });
  const draft = `${file}.${process.pid}`;
  return read(file) ?? keep(draft, file, generate(roles));
}

function read(file: string): SandboxSecrets | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SandboxSecrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Processes that start together agree on the secrets of the one that is first to link its file. */
function keep(draft: string, file: string, secrets: SandboxSecrets): SandboxSecrets {
  writeFileSync(draft, JSON.stringify(secrets, undefined, 2), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return secrets;
  } catch (error) {
    const theirs = read(file);
    if (!theirs) throw error;
    return theirs;
  } finally {
    rmSync(draft);
  }
}

function generate(roles: readonly string[]): SandboxSecrets {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const random = () => randomBytes(32).toString('base64url');
  return {
    jwtSecret: random(),
    encryptionKey: randomBytes(32).toString('base64'),
    stripeWebhookSecret: `whsec_${random()}`,
    docusignWebhookSecret: random(),
    docusignPrivateKey: privateKey,
    docusignPublicKey: publicKey,
    docusignIntegrationKey: randomUUID(),
    docusignUserId: randomUUID(),
    docusignAccountId: randomUUID(),
    apiKeys: Object.fromEntries(roles.map((role) => [role, `sw_${random()}`])),
  };
}
