/** The whole service on a database of its own, over HTTP, its providers replaced and its workers worked by hand. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import pg from 'pg';
import { AppModule } from '../../src/app.module.js';
import { ROLES, type Role } from '../../src/auth/caller.js';
import { InboxIntake } from '../../src/engine/inbox.intake.js';
import type { InstanceView } from '../../src/engine/reading.js';
import { InboxWorker } from '../../src/engine/workers/inbox.worker.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { DocusignClient } from '../../src/integrations/docusign/docusign.client.js';
import { EmailClient } from '../../src/integrations/email/email.client.js';
import { StripeClient } from '../../src/integrations/stripe/stripe.client.js';
import { readConfig } from '../../src/platform/config.js';
import { serverOptions, setUpHttp } from '../../src/platform/http.server.js';
import { testDatabase } from './database.js';
import { declinedMessage, heldMessage, signedMessage, World } from './world.js';

export interface Answer<Body> {
  status: number;
  body: Body;
}

/** Starts the service before the tests of a file and stops it after them; each test gets a world and a pitch of its own. */
export function dealsService(): DealsService {
  const service = new DealsService();
  beforeAll(() => service.start(), 60_000);
  beforeEach(() => service.begin());
  afterAll(() => service.stop());
  return service;
}

export class DealsService {
  world = new World();
  /** How many pitches the creator has. */
  pitches = 1;
  /** The database as its owner. */
  owner = new pg.Client();
  /** Where the service keeps its files. */
  dataDir = '';
  private app: NestFastifyApplication | undefined;
  private url = '';
  private keys: Readonly<Record<string, string>> = {};
  private clean: () => Promise<void> = async () => undefined;

  async start(): Promise<void> {
    const database = await testDatabase();
    const dataDir = mkdtempSync(join(tmpdir(), 'statewright-deals-'));
    this.dataDir = dataDir;
    const config = readConfig(
      {
        DATABASE_URL: database.url,
        STATEWRIGHT_MODE: 'sandbox',
        STATEWRIGHT_ROLE: 'api',
        STATEWRIGHT_DATA_DIR: dataDir,
        LOG_LEVEL: 'silent',
      },
      ROLES,
    );
    const module = await Test.createTestingModule({ imports: [AppModule.with(config)] })
      .overrideProvider(StripeClient)
      .useValue(current(() => this.world.stripe))
      .overrideProvider(DocusignClient)
      .useValue(current(() => this.world.docusign))
      .overrideProvider(EmailClient)
      .useValue(current(() => this.world.email))
      .compile();
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(serverOptions()), {
      rawBody: true,
    });
    await setUpHttp(app, config);
    await app.listen(0, '127.0.0.1');
    this.app = app;
    this.url = await app.getUrl();
    this.keys = config.sandboxKeys;
    this.owner = new pg.Client(database.url);
    await this.owner.connect();
    this.clean = async () => {
      await app.close();
      await this.owner.end();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    };
  }

  stop(): Promise<void> {
    return this.clean();
  }

  /** A world in which nothing has happened, and a pitch that nobody has invested in. */
  async begin(): Promise<void> {
    this.world = new World();
    this.pitches += 1;
    await this.call('admin', 'PUT', `/admin/pitches/${this.pitchId}`, {
      title: 'The Last Reel',
      creatorId: 'creator_789',
    });
  }

  get pitchId(): string {
    return `pitch_${this.pitches}`;
  }

  /** The body of a create call that is accepted. */
  get offer() {
    const parties = { investorId: 'inv_123', pitchId: this.pitchId, creatorId: 'creator_789' };
    return { ...parties, proposedAmount: 250_000, investmentType: 'equity', message: 'Interested', ndaAccepted: true };
  }

  async call<Body = Record<string, unknown>>(
    role: Role,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: object,
  ): Promise<Answer<Body>> {
    const headers = {
      authorization: `Bearer ${this.keys[role]}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    };
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: JSON.parse(await response.text()) as Body };
  }

  /** A file as it is downloaded. */
  async download(role: Role, path: string): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.keys[role]}` } });
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
  }

  create(
    change: object = {},
    role: Role = 'investor',
  ): Promise<Answer<{ instanceId: string; code?: string; errors?: object[] }>> {
    return this.call(role, 'POST', '/api/workflows/investment/create', { ...this.offer, ...change });
  }

  /** A new investment with everything done that follows from its start. */
  async begun(change: object = {}, role: Role = 'investor'): Promise<string> {
    const { body } = await this.create(change, role);
    await this.work();
    return body.instanceId;
  }

  /** Brings a new investment as far as ESCROW, its hold prepared. */
  async inEscrow(): Promise<string> {
    const id = await this.begun();
    await this.send('creator', id, 'creator-decision', { decision: 'approve' });
    for (const party of ['investor', 'creator'] as const)
      await this.send(party, id, 'term-sheet-signed', { party, signedDocumentKey: 'signed.pdf' });
    await this.tick('creator', id, 'dd_documents_provided');
    await this.tick('legal', id, 'dd_review_complete');
    await this.send('legal', id, 'due-diligence-complete');
    await this.send('investor', id, 'commitment-confirmed', { confirmed: true });
    return id;
  }

  /** Sends an event, and works off what follows from it. */
  async send(role: Role, id: string, type: string, payload: object = {}): Promise<Answer<Record<string, unknown>>> {
    const answer = await this.call(role, 'POST', `/api/workflows/investment/${id}/event`, { type, payload });
    await this.work();
    return answer;
  }

  tick(role: Role, id: string, item: string): Promise<Answer<unknown>> {
    return this.call(role, 'PUT', `/api/workflows/investment/${id}/checklist/${item}`, { done: true });
  }

  /** The provider says that the money is held. */
  held(id: string, transactionId: string, amountMinor = 250_000_00): Promise<void> {
    return this.hear('stripe', heldMessage(id, transactionId, amountMinor));
  }

  /** The provider says that the card was declined. */
  declined(id: string, transactionId: string): Promise<void> {
    return this.hear('stripe', declinedMessage(id, transactionId));
  }

  /** The provider says that a party has signed. */
  signed(id: string, purpose: 'term-sheet' | 'closing', party: 'investor' | 'creator'): Promise<void> {
    return this.hear('docusign', signedMessage(id, purpose, party));
  }

  /** Moves business time ahead and works off what falls due. */
  async advance(by: string): Promise<void> {
    await this.call('admin', 'POST', '/admin/clock', { advance: by });
    while (await this.get(TimerWorker).turn());
    await this.work();
  }

  async read(id: string): Promise<InstanceView> {
    return (await this.call<InstanceView>('admin', 'GET', `/api/instances/${id}`)).body;
  }

  async work(): Promise<void> {
    while ((await this.get(OutboxWorker).turn()) || (await this.get(InboxWorker).turn()));
  }

  private async hear(provider: string, message: object): Promise<void> {
    const body = JSON.stringify(message);
    await this.get(InboxIntake).accept(provider, { providerEventId: body, type: 'test', body, headers: {} });
    await this.work();
  }

  private get<T>(token: new (...args: never[]) => T): T {
    if (!this.app) throw new Error('the service has not been started');
    return this.app.get<T>(token);
  }
}

/** Forwards to whatever the test at hand has put in place. */
const current = (place: () => object): object =>
  new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : Reflect.get(place(), name)) });
