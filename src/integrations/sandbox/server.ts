import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { Stripe } from 'stripe';
import type { SandboxSecrets } from '../../platform/sandbox.secrets.js';
import { keepAddress } from './address.js';
import { Business } from './business.js';
import { Channels } from './channels.js';
import { resumeClock } from './clock.js';
import { Control } from './control.js';
import { DocusignApi } from './docusign/api.js';
import { Connect, connectSigner } from './docusign/connect.js';
import { Envelopes } from './docusign/envelopes.js';
import { Tokens } from './docusign/tokens.js';
import { Faults } from './faults.js';
import { serve } from './http.js';
import { Journal } from './journal.js';
import { Ledger } from './ledger.js';
import { Models } from './models.js';
import { smtpSink } from './smtp.js';
import { StripeApi } from './stripe/api.js';
import { StripeWorld } from './stripe/world.js';
import { Webhooks, type Signer } from './webhooks.js';

/** What the stand-ins and the service must agree on. */
type SharedSecrets = Pick<
  SandboxSecrets,
  | 'stripeWebhookSecret'
  | 'docusignWebhookSecret'
  | 'docusignPrivateKey'
  | 'docusignIntegrationKey'
  | 'docusignUserId'
  | 'docusignAccountId'
>;

/** Where the stand-ins listen, and whom they tell. */
export interface SandboxOptions {
  /** Keeps the journal. */
  dataDir: string;
  /** 0 or absent: any free one. */
  port?: number;
  smtpPort?: number;
  /** Address of the service, without a slash at the end. */
  webhookTarget: string;
  secrets: SharedSecrets;
}

/** The running stand-ins. */
export interface Sandbox {
  url: string;
  smtpUrl: string;
  /** Sends webhooks elsewhere from now on. */
  aimWebhooksAt(target: string): void;
  /** Resolves once every webhook under way has been delivered or given up. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Starts the local stand-ins for Stripe, DocuSign, a mail server, Slack, Twilio, a push gateway, HubSpot, Linear, Google Calendar and a language model. They remember what they did across restarts. */
export async function startSandbox({
  dataDir,
  port = 0,
  smtpPort = 0,
  webhookTarget,
  secrets,
}: SandboxOptions): Promise<Sandbox> {
  const journal = new Journal(join(dataDir, 'sandbox', 'journal.ndjson'));
  resumeClock(journal.collection('clock'));
  const ledger = new Ledger(journal);
  const faults = new Faults();
  const signers = {
    stripe: stripeSigner(secrets.stripeWebhookSecret),
    // While keys are rotated there are several, separated by commas as in the environment: one signature for each.
    docusign: connectSigner(secrets.docusignWebhookSecret.split(',')),
  };
  const webhooks = new Webhooks(journal, faults, signers, webhookTarget);
  const { docusignAccountId: accountId } = secrets;
  const stripe = new StripeWorld(journal, ledger, webhooks);
  const envelopes = new Envelopes(journal, ledger, new Connect(webhooks, accountId));
  const tokens = new Tokens(secrets);

  const http = serve([
    new StripeApi(stripe, journal, ledger, faults),
    new DocusignApi(envelopes, tokens, journal, faults, accountId),
    new Channels(journal, ledger, faults),
    new Business(journal, ledger, faults),
    new Models(ledger, faults, journal),
    new Control({ journal, ledger, faults, webhooks, stripe, envelopes, tokens }),
  ]);
  const smtp = smtpSink(journal, ledger, faults);
  const url = `http://${HOST}:${await listen(http, port)}`;
  const smtpUrl = `smtp://${HOST}:${await listen(smtp.server, smtpPort)}`;
  keepAddress(dataDir, url);
  webhooks.redeliver();

  return {
    url,
    smtpUrl,
    aimWebhooksAt: (target) => {
      webhooks.target = target;
    },
    idle: () => webhooks.idle(),
    stop: async () => {
      await webhooks.stop();
      http.closeAllConnections();
      await Promise.all([new Promise((done) => http.close(done)), new Promise<void>((done) => smtp.close(done))]);
    },
  };
}

const stripeSigner =
  (secret: string): Signer =>
  (payload) => ({ 'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload, secret }) });

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
