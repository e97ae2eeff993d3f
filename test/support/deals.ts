/** Deals in the live service: moved over HTTP with the sandbox's own keys, signed and paid at the stand-ins for the providers. */
import type pg from 'pg';
import { Stripe } from 'stripe';
import type { Role } from '../../src/auth/caller.js';
import type { InstanceView } from '../../src/engine/reading.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import type { Entry } from '../../src/integrations/sandbox/ledger.js';
import type { Mail } from '../../src/integrations/sandbox/smtp.js';
import { Config } from '../../src/platform/config.js';
import { Journey } from './journey.js';
import { LiveService } from './live.js';

export interface Answer<Body> {
  status: number;
  body: Body;
}

/** Starts the service before the tests of a file and stops it after them; each test gets a pitch of its own, and providers that work. */
export function dealsService(): DealsService {
  const service = new DealsService();
  beforeAll(() => service.start());
  beforeEach(() => service.begin());
  afterAll(() => service.stop());
  return service;
}

export class DealsService {
  /** How many pitches the creator has. */
  pitches = 1;
  private running: LiveService | undefined;

  async start(): Promise<void> {
    this.running = await LiveService.start();
  }

  async stop(): Promise<void> {
    await this.running?.stop();
  }

  /** Providers that work, and a pitch that nobody has invested in. */
  async begin(): Promise<void> {
    await this.live.repair();
    this.pitches += 1;
    await this.call('admin', 'PUT', `/admin/pitches/${this.pitchId}`, {
      title: 'The Last Reel',
      creatorId: 'creator_789',
    });
  }

  get live(): LiveService {
    if (!this.running) throw new Error('the service has not been started');
    return this.running;
  }

  /** The database as its owner. */
  get owner(): pg.Client {
    return this.live.owner;
  }

  async rows<Row extends object>(sql: string, ...values: unknown[]): Promise<Row[]> {
    return (await this.owner.query<Row>(sql, values)).rows;
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
    const answer = await this.live.call(method, path, body, this.live.app.get(Config).sandboxKeys[role]);
    return { status: answer.status, body: answer.body as Body };
  }

  create(
    change: object = {},
    role: Role = 'investor',
  ): Promise<Answer<{ instanceId: string; code?: string; errors?: object[] }>> {
    return this.call(role, 'POST', '/api/workflows/investment/create', { ...this.offer, ...change });
  }

  /** An investor who may invest what he likes, unless it is changed. */
  async putInvestor(id: string, change: object = {}): Promise<void> {
    const investor = { name: 'Ida', email: `${id}@example.com`, accreditationStatus: 'verified', ...change };
    await this.call('admin', 'PUT', `/admin/investors/${id}`, investor);
  }

  /** A new investment with everything done that follows from its start. */
  async begun(change: object = {}, role: Role = 'investor'): Promise<string> {
    const { body } = await this.create(change, role);
    await this.deal(body.instanceId).work();
    return body.instanceId;
  }

  /** Brings a new investment as far as TERM_SHEET, its envelope sent. */
  async inTermSheet(): Promise<string> {
    const id = await this.begun();
    await this.send('creator', id, 'creator-decision', { decision: 'approve' });
    return id;
  }

  /** Brings a new investment as far as DUE_DILIGENCE, checked by the service; the envelope stays open at the provider. */
  async inDiligence(): Promise<string> {
    const id = await this.inTermSheet();
    for (const party of ['investor', 'creator'] as const)
      await this.send(party, id, 'term-sheet-signed', { party, signedDocumentKey: 'signed.pdf' });
    return id;
  }

  /** Brings a new investment as far as COMMITMENT, its checklist done. */
  async inCommitment(): Promise<string> {
    const id = await this.inDiligence();
    await this.tick('creator', id, 'dd_documents_provided');
    await this.tick('legal', id, 'dd_review_complete');
    await this.send('legal', id, 'due-diligence-complete');
    return id;
  }

  /** Brings a new investment as far as ESCROW, its hold prepared. */
  async inEscrow(): Promise<string> {
    const id = await this.inCommitment();
    await this.send('investor', id, 'commitment-confirmed', { confirmed: true });
    return id;
  }

  /** Brings a new investment to its good end; the closing documents are signed here, and paid is by card. */
  async completed(): Promise<string> {
    const id = await this.inEscrow();
    await this.deal(id).pay();
    for (const party of ['investor', 'creator'] as const)
      await this.send(party, id, 'closing-documents-signed', { party });
    return id;
  }

  /** Sends an event, and works off what follows from it. */
  async send(role: Role, id: string, type: string, payload: object = {}): Promise<Answer<Record<string, unknown>>> {
    const answer = await this.call(role, 'POST', `/api/workflows/investment/${id}/event`, { type, payload });
    await this.deal(id).work();
    return answer;
  }

  tick(role: Role, id: string, item: string): Promise<Answer<unknown>> {
    return this.call(role, 'PUT', `/api/workflows/investment/${id}/checklist/${item}`, { done: true });
  }

  /** A party signs the open envelope at the provider. */
  async sign(id: string, party: 'investor' | 'creator'): Promise<void> {
    await this.deal(id).sign(party);
    await this.deal(id).work();
  }

  /** Stripe says something to the service: truly signed, whatever it is. */
  async hear(message: object): Promise<void> {
    const [secret = ''] = this.live.app.get(Config).stripe?.webhookSecrets ?? [];
    const payload = JSON.stringify(message);
    const { ok, status } = await fetch(`${this.live.url}/webhooks/stripe`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload, secret }),
      },
      body: payload,
    });
    if (!ok) throw new Error(`the message was refused with ${status}`);
  }

  /** Moves business time ahead and works off what falls due for the deal. */
  async advance(id: string, by: string): Promise<void> {
    await this.call('admin', 'POST', '/admin/clock', { advance: by });
    while (await this.live.app.get(TimerWorker).turn());
    await this.deal(id).work();
  }

  /** A deal, to be moved at the providers and looked at. */
  deal(id: string): Journey {
    return new Journey(this.live, id);
  }

  read(id: string): Promise<InstanceView> {
    return this.live.read(id);
  }

  /** What the providers really did for a deal besides mail, oldest first. */
  async done(id: string): Promise<Entry[]> {
    return (await this.deal(id).ledger()).filter(({ provider }) => provider !== 'smtp');
  }

  /** The mails about a deal that have arrived. */
  async mails(id: string): Promise<Mail[]> {
    const mails = (await (await fetch(`${this.live.sandbox.url}/_sandbox/messages`)).json()) as Mail[];
    return mails.filter(({ instanceId }) => instanceId === id);
  }
}
