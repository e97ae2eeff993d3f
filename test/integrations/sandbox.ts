/** The stand-ins and the clients that talk to them, for the tests of one file: real SDKs over real HTTP. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DocusignClient } from '../../src/integrations/docusign/docusign.client.js';
import { EmailClient } from '../../src/integrations/email/email.client.js';
import type { Attempt, Outcome } from '../../src/integrations/outcome.js';
import type { Entry } from '../../src/integrations/sandbox/ledger.js';
import { startSandbox, type Sandbox } from '../../src/integrations/sandbox/server.js';
import { StripeClient } from '../../src/integrations/stripe/stripe.client.js';

export const SECRETS = {
  stripeWebhookSecret: 'whsec_of_tests',
  docusignWebhookSecret: 'connect key of tests',
  docusignIntegrationKey: '11111111-aaaa-4bbb-8ccc-000000000001',
  docusignUserId: '22222222-aaaa-4bbb-8ccc-000000000002',
  docusignAccountId: '33333333-aaaa-4bbb-8ccc-000000000003',
  docusignPrivateKey: generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey,
};
const PUBLIC_URL = 'http://deals.example';

/** A webhook as it came in. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Everything a test of the integrations needs. */
export class Stage {
  private constructor(
    private readonly folder: string,
    readonly received: Received[],
    readonly receiver: { url: string; stop: () => Promise<unknown> },
    public sandbox: Sandbox,
  ) {}

  static async start(): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'statewright-sandbox-'));
    const received: Received[] = [];
    const receiver = await receive(received);
    return new Stage(folder, received, receiver, await sandboxIn(folder, receiver.url));
  }

  async stop(): Promise<void> {
    await this.sandbox.stop();
    await this.receiver.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** Ends the stand-ins and starts them again on what they kept. */
  async restart(): Promise<void> {
    await this.sandbox.stop();
    this.sandbox = await sandboxIn(this.folder, this.receiver.url);
  }

  /** @param now business time, milliseconds */
  stripe(now = Date.now()): StripeClient {
    const config = { secretKey: 'sk_test_sandbox', webhookSecrets: [], apiBase: this.sandbox.url };
    return new StripeClient(config, () => Promise.resolve(now));
  }

  docusign(overrides: { userId?: string; privateKey?: string } = {}): DocusignClient {
    const { url } = this.sandbox;
    const config = {
      integrationKey: SECRETS.docusignIntegrationKey,
      userId: SECRETS.docusignUserId,
      accountId: SECRETS.docusignAccountId,
      privateKey: SECRETS.docusignPrivateKey,
      basePath: `${url}/restapi`,
      oauthBase: url,
      webhookSecrets: [],
      ...overrides,
    };
    return new DocusignClient(config, PUBLIC_URL);
  }

  email(): EmailClient {
    return new EmailClient(this.sandbox.smtpUrl, PUBLIC_URL);
  }

  /** A control path of the sandbox. Waits for the webhooks that follow, so that they come in the order things happen in. */
  async post<T>(path: string, body: object = {}): Promise<T> {
    const response = await fetch(`${this.sandbox.url}/_sandbox/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as T;
    await this.sandbox.idle();
    return answer;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.sandbox.url}/_sandbox/${path}`)).json()) as T;
  }

  /** Real effects: what they were, and how often each was asked for again. */
  async ledger(query = ''): Promise<[kind: string, replays: number][]> {
    return (await this.get<Entry[]>(`ledger?${query}`)).map(({ kind, replays }) => [kind, replays]);
  }

  fault(
    provider: string,
    kind: string,
    operation?: string,
    more: { times?: number; ms?: number } = {},
  ): Promise<unknown> {
    return this.post('faults', { match: { provider, operation }, kind, ...more });
  }

  /** The types of the webhooks that have come in, once none is under way. */
  async webhooks(): Promise<string[]> {
    await this.sandbox.idle();
    return this.received.map(({ body }) => {
      const { type, event } = JSON.parse(body) as { type?: string; event?: string };
      return type ?? event ?? '';
    });
  }
}

/** The stage of a file, started before its tests, emptied before each and stopped after them. */
export function stage(): () => Stage {
  let current: Stage | undefined;
  const get = (): Stage => {
    if (!current) throw new Error('the stage is not set yet');
    return current;
  };
  beforeAll(async () => {
    current = await Stage.start();
  });
  beforeEach(async () => {
    await get().sandbox.idle();
    await get().post('reset');
    get().received.length = 0;
  });
  afterAll(() => get().stop());
  return get;
}

let runs = 0;

/** One effect; the same one again with `{ ...run, begun: 2 }`. */
export const newRun = (): Attempt & { attempt: number; begun: number } => ({
  tenant: 'demo',
  instanceId: 'wf_1',
  key: `demo:wf_1:${++runs}:0`,
  since: Date.now(),
  attempt: 1,
  begun: 1,
});

/** The output of a call that must have succeeded. */
export function output<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.output;
}

/** A hold that waits for the investor's card; answers its id. */
export async function hold(stage: Stage): Promise<string> {
  const stripe = stage.stripe();
  const { customerId } = output(await stripe.ensureCustomer({ userId: 'inv_1' }, newRun()));
  const order = { customerId, dealId: 'deal_1', amountMinor: 250_000, currency: 'usd', transferGroup: 'deal_1' };
  return output(await stripe.createHold(order, newRun())).transactionId;
}

/** An envelope for both parties; answers its id. */
export async function envelope(stage: Stage, purpose: string): Promise<string> {
  const order = {
    purpose,
    subject: 'To sign',
    source: { templateId: 'tpl_1' },
    signers: [
      { role: 'investor', email: 'ann@example.com', name: 'Ann' },
      { role: 'creator', email: 'bob@example.com', name: 'Bob' },
    ],
    expireAfterDays: 7,
  };
  return output(await stage.docusign().createEnvelope(order, newRun())).envelopeId;
}

const sandboxIn = (dataDir: string, webhookTarget: string): Promise<Sandbox> =>
  startSandbox({ dataDir, webhookTarget, secrets: SECRETS });

async function receive(received: Received[]): Promise<{ url: string; stop: () => Promise<unknown> }> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      response.end('{"received":true}');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}
