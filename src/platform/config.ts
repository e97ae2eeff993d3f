import { join, resolve } from 'node:path';
import { CannotStart } from './cannot.start.js';
import { Environment } from './environment.js';
import type { LogLevel } from './logger.js';
import { assistant, type AssistantConfig } from './config.assistant.js';
import {
  calendar,
  crm,
  model,
  resend,
  tickets,
  type KeyedConfig,
  type ModelConfig,
  type TicketsConfig,
} from './config.business.js';
import { push, slackWebhook, sms, type PushConfig, type SmsConfig } from './config.channels.js';
import { events, type EventsConfig } from './config.events.js';
import { payloadAccounts, type AccountSecret } from './config.payload.js';
import { docusign, stripe, type DocusignConfig, type StripeConfig } from './config.providers.js';
import { limits, type LimitsConfig } from './config.limits.js';
import { s3, type S3Config } from './config.storage.js';
import { sandboxSecrets, type SandboxSecrets } from './sandbox.secrets.js';

/** What the operator decided. Read once at the start, never changed. */
export abstract class Config {
  /** Sandbox: demo tenant, local stand-ins for the providers, a clock that can be moved. */
  abstract readonly mode: 'sandbox' | 'production';
  /** What this process does: answer requests, run effects and timers, or both. */
  abstract readonly role: 'all' | 'api' | 'worker';
  abstract readonly host: string;
  abstract readonly port: number;
  /** How the outside reaches the service, without a slash at the end. */
  abstract readonly publicUrl: string;
  /** Where the embedded database, the sandbox and documents are kept. */
  abstract readonly dataDir: string;
  /** Undefined: the embedded database is to be started. */
  abstract readonly databaseUrl: string | undefined;
  /** Past any pooler, for what needs a session of its own: migrations, and news between processes. Undefined: databaseUrl is direct. */
  abstract readonly databaseDirectUrl: string | undefined;
  abstract readonly databasePoolSize: number;
  abstract readonly limits: LimitsConfig;
  abstract readonly logLevel: LogLevel;
  /** How bearer tokens are verified. */
  abstract readonly jwt: Readonly<{
    secret: string | undefined;
    jwksUrl: string | undefined;
    issuer: string | undefined;
    audience: string | undefined;
  }>;
  /** Keys for secrets at rest, 32 bytes each, the current one first; the others still open what they closed. */
  abstract readonly encryptionKeys: readonly EncryptionKey[];
  /** API key of the first administrator of the first tenant. */
  abstract readonly bootstrapAdminKey: string | undefined;
  abstract readonly bootstrapTenant: string;
  /** The sandbox's API key of each role; none in production. */
  abstract readonly sandboxKeys: Readonly<Record<string, string>>;
  /** Undefined: effects that need the provider fail with NOT_CONFIGURED. */
  abstract readonly stripe: StripeConfig | undefined;
  abstract readonly docusign: DocusignConfig | undefined;
  abstract readonly smtpUrl: string | undefined;
  /** Sends mail in the place of SMTP. */
  abstract readonly resend: KeyedConfig | undefined;
  abstract readonly slackWebhook: string | undefined;
  abstract readonly sms: SmsConfig | undefined;
  abstract readonly push: PushConfig | undefined;
  abstract readonly crm: KeyedConfig | undefined;
  abstract readonly tickets: TicketsConfig | undefined;
  abstract readonly calendar: KeyedConfig | undefined;
  abstract readonly model: ModelConfig | undefined;
  /** Undefined: documents are files below the data directory. */
  abstract readonly s3: S3Config | undefined;
  /** How long events are kept for rules, with their jobs and their log. */
  abstract readonly eventRetentionDays: number;
  abstract readonly events: EventsConfig;
  /** Steps of a workflow, and steps that one execution does at most (R002-78). */
  abstract readonly maxWorkflowSteps: number;
  /** Whose secret signs messages of Payload CMS, by account; none: nothing is taken in. */
  abstract readonly payloadAccounts: readonly AccountSecret[];
  abstract readonly assistant: AssistantConfig | undefined;
  /** Hosts (`name` or `name:port`) inside the house that webhooks of rules may call; all others have to be in the public internet. */
  abstract readonly webhookInsideHosts: readonly string[];
  /** Where the local stand-ins for the providers listen. */
  abstract readonly sandboxUrl: string | undefined;
  /** How long a worker may be silent before another takes its effects over (database clock). */
  abstract readonly outboxLeaseMs: number;
  abstract readonly outboxPollMs: number;
  abstract readonly timerPollMs: number;
  /** Heap that instances may take which are remembered so that they need not be read again; 0 remembers none. */
  abstract readonly instanceCacheBytes: number;
  /** Requests of one user. */
  abstract readonly rateLimitPerSecond: number;
  /** How long the process goes on answering after it was told to stop, saying that it is not ready, so that load balancers turn elsewhere. */
  abstract readonly shutdownDelayMs: number;
  /** How long work under way may take to finish after that. */
  abstract readonly drainMs: number;
}

/** One key for secrets at rest. */
export interface EncryptionKey {
  version: number;
  key: Buffer;
}

const SHORTEST_SECRET = 24;
/** The whole stop takes 10 s at most; a second of them is for closing. */
const STOP_MS = 9_000;
/** Load balancers ask every second or so whether a process is ready. In the sandbox there is none. */
const SHUTDOWN_DELAY_MS = { sandbox: 0, production: 3_000 };
const LONGEST_SHUTDOWN_DELAY_MS = 6_000;

/**
 * Reads the configuration. @param roles the roles for which the sandbox needs an API key
 * @throws CannotStart with every problem there is.
 */
export function readConfig(variables: Readonly<Record<string, string | undefined>>, roles: readonly string[]): Config {
  const env = new Environment(variables);
  const databaseUrl = env.address('DATABASE_URL', ['postgres', 'postgresql']);
  const mode = env.choice('STATEWRIGHT_MODE', ['sandbox', 'production'], databaseUrl ? 'production' : 'sandbox');
  const dataDir = resolve(env.text('STATEWRIGHT_DATA_DIR') ?? '.statewright');
  const made = mode === 'sandbox' ? sandboxSecrets(dataDir, roles) : undefined;
  const host = env.text('HOST') ?? '127.0.0.1';
  const port = env.integer('PORT', 3000, 0, 65_535);
  const sandboxUrl = env.address('SANDBOX_URL', ['http', 'https']);
  const standIn = made && sandboxUrl;
  const databasePoolSize = env.integer('DB_POOL_SIZE', 10, 2, 1_000);
  const shutdownDelayMs = env.integer('SHUTDOWN_DELAY_MS', SHUTDOWN_DELAY_MS[mode], 0, LONGEST_SHUTDOWN_DELAY_MS);
  const bootstrapAdminKey = env.secret('BOOTSTRAP_ADMIN_KEY', SHORTEST_SECRET) ?? made?.apiKeys['admin'];
  const bootstrapTenant = tenant(env);
  const config: Config = {
    mode,
    role: env.choice('STATEWRIGHT_ROLE', ['all', 'api', 'worker'], 'all'),
    host,
    port,
    publicUrl:
      env.address('PUBLIC_URL', ['http', 'https']) ?? `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    dataDir,
    databaseUrl,
    databaseDirectUrl: env.address('DATABASE_DIRECT_URL', ['postgres', 'postgresql']),
    databasePoolSize,
    limits: limits(env, databasePoolSize),
    logLevel: env.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    jwt: jwt(env, made),
    encryptionKeys: encryptionKeys(env, made),
    bootstrapAdminKey,
    bootstrapTenant,
    sandboxKeys: made && bootstrapAdminKey ? { ...made.apiKeys, admin: bootstrapAdminKey } : {},
    stripe: stripe(env, made, sandboxUrl),
    docusign: docusign(env, made, sandboxUrl),
    smtpUrl: env.address('SMTP_URL', ['smtp', 'smtps']),
    resend: resend(env),
    slackWebhook: slackWebhook(env, standIn),
    sms: sms(env, standIn),
    push: push(env, standIn),
    crm: crm(env, standIn),
    tickets: tickets(env, standIn),
    calendar: calendar(env, standIn),
    model: model(env, standIn),
    s3: s3(env),
    eventRetentionDays: env.integer('EVENT_RETENTION_DAYS', 90, 2, 3_650),
    events: events(env),
    maxWorkflowSteps: env.integer('MAX_WORKFLOW_STEPS', 100, 1, 1_000),
    payloadAccounts: payloadAccounts(env, bootstrapTenant),
    assistant: assistant(env),
    webhookInsideHosts: env.list('WEBHOOK_INSIDE_HOSTS'),
    sandboxUrl,
    outboxLeaseMs: env.integer('OUTBOX_LEASE_MS', 5_000, 100, 600_000),
    outboxPollMs: env.integer('OUTBOX_POLL_MS', 500, 10, 60_000),
    timerPollMs: env.integer('TIMER_POLL_MS', 1_000, 10, 60_000),
    instanceCacheBytes: env.integer('INSTANCE_CACHE_MB', 64, 0, 16_384) * 1_048_576,
    rateLimitPerSecond: env.integer('RATE_LIMIT_PER_SECOND', 5_000, 1, 1_000_000),
    shutdownDelayMs,
    drainMs: STOP_MS - shutdownDelayMs,
  };
  if (mode === 'production' && !databaseUrl && env.text('STATEWRIGHT_ALLOW_EMBEDDED') !== '1') {
    env.problems.push(
      'DATABASE_URL is not set; production does not keep its data in the embedded database unless STATEWRIGHT_ALLOW_EMBEDDED=1 says so.',
    );
  }
  if (env.problems.length > 0) throw new CannotStart(listed(env.problems));
  return Object.freeze(config);
}

/** Where the embedded database keeps its files. */
export const databaseFolder = (config: Config): string => join(config.dataDir, 'pg');

/** Where documents are kept when there is no S3. */
export const documentsFolder = (config: Config): string => join(config.dataDir, 'documents');

function jwt(env: Environment, made: SandboxSecrets | undefined): Config['jwt'] {
  const secret = env.secret('JWT_SECRET', 32);
  const jwksUrl = env.address('JWT_JWKS_URL', ['https', 'http']);
  if (!secret && !jwksUrl && !made) {
    env.problems.push(
      'Neither JWT_SECRET nor JWT_JWKS_URL is set; production needs one of them to verify bearer tokens.',
    );
  }
  return {
    secret: secret ?? (jwksUrl ? undefined : made?.jwtSecret),
    jwksUrl,
    issuer: env.text('JWT_ISSUER'),
    audience: env.text('JWT_AUDIENCE'),
  };
}

/** `<base64 or hex of 32 bytes>`, or several with their versions: `2:<new>,1:<old>`. */
function encryptionKeys(env: Environment, made: SandboxSecrets | undefined): EncryptionKey[] {
  const given = env.list('ENCRYPTION_KEY');
  if (given.length === 0 && !made)
    env.problems.push('ENCRYPTION_KEY is not set; production needs it for the secrets it stores.');
  const texts = given.length > 0 ? given : [made?.encryptionKey ?? ''];
  const keys = texts.map((text) => {
    const [, version = '1', digits = ''] = /^(?:(\d{1,4}):)?(.*)$/.exec(text) ?? [];
    return { version: Number(version), key: Buffer.from(digits, /^[\da-f]{64}$/i.test(digits) ? 'hex' : 'base64') };
  });
  if (given.length > 0 && keys.some(({ key }) => key.length !== 32)) {
    env.problems.push(
      'ENCRYPTION_KEY must be 32 bytes in base64 or hex (openssl rand -base64 32), or several with versions: 2:<new>,1:<old>.',
    );
  }
  return keys;
}

function tenant(env: Environment): string {
  const name = env.text('BOOTSTRAP_TENANT') ?? 'demo';
  if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) {
    env.problems.push(
      'BOOTSTRAP_TENANT must be 1 to 63 lower-case letters, digits, _ or -, beginning with a letter or digit.',
    );
  }
  return name;
}

const listed = (problems: readonly string[]): string =>
  problems.length === 1
    ? `${problems[0]}`
    : [`The configuration has ${problems.length} problems:`, ...problems].join('\n  - ');
