/** One investment on its way through the live service, moved by hand: its people, the providers' side of it, and what they tell. */
import type { InstanceView } from '../../src/engine/reading.js';
import type { Entry } from '../../src/integrations/sandbox/ledger.js';
import type { FaultKind } from '../../src/integrations/sandbox/faults.js';
import type { Provider } from '../../src/integrations/sandbox/ledger.js';
import type { LiveService } from './live.js';

let pitches = 0;
const INVESTOR = 'inv_123';
const CREATOR = 'creator_789';

type Deed = 'confirm' | 'fail' | 'expire' | 'settle' | 'dispute' | 'decide';

export class Journey {
  constructor(
    private readonly live: LiveService,
    readonly id: string,
  ) {}

  /** A new deal of a pitch of its own, waiting for the creator. */
  static async begin(live: LiveService, more: object = {}): Promise<Journey> {
    const pitchId = `pitch_journey_${++pitches}`;
    await live.call('PUT', `/admin/pitches/${pitchId}`, { title: 'Night Train', creatorId: CREATOR });
    const { body } = await live.call('POST', '/api/workflows/investment/create', {
      investorId: INVESTOR,
      creatorId: CREATOR,
      pitchId,
      proposedAmount: 50_000,
      investmentType: 'equity',
      ndaAccepted: true,
      ...more,
    });
    const journey = new Journey(live, String(body['instanceId']));
    await journey.work();
    return journey;
  }

  /** Both parties are asked to sign the terms. */
  async toTermSheet(): Promise<this> {
    await this.send(CREATOR, 'creator', 'creator-decision', { decision: 'approve' });
    return this;
  }

  /** The investor is asked to pay. */
  async toEscrow(): Promise<this> {
    await this.toTermSheet();
    await this.signBoth();
    const legal = await this.live.tokenFor('legal_1', ['legal']);
    for (const item of ['dd_documents_provided', 'dd_review_complete'])
      await this.live.call('PUT', `/api/workflows/investment/${this.id}/checklist/${item}`, { done: true }, legal);
    await this.send('legal_1', 'legal', 'due-diligence-complete');
    await this.send(INVESTOR, 'investor', 'commitment-confirmed', { confirmed: true });
    return this;
  }

  /** The money is held, and both parties are asked to sign the closing documents. */
  async toClosing(): Promise<this> {
    await this.toEscrow();
    await this.pay();
    return this;
  }

  /** The creator has the money. */
  async toCompleted(): Promise<this> {
    await this.toClosing();
    await this.signBoth();
    return this;
  }

  /** A party signs at the provider; nobody has heard of it yet. */
  async sign(role: 'investor' | 'creator'): Promise<void> {
    const { envelopeId } = (await this.read()).context as { envelopeId: string };
    await this.atSandbox(`docusign/envelopes/${envelopeId}/sign`, { role });
  }

  async signBoth(): Promise<void> {
    await this.sign('investor');
    await this.sign('creator');
    await this.work();
  }

  /** The investor enters a card; or something else happens to the payment at the provider. */
  async pay(deed: Deed = 'confirm', given: object = {}): Promise<void> {
    await this.atSandbox(`stripe/payment_intents/${await this.transactionId()}/${deed}`, given);
    await this.work();
  }

  async transactionId(): Promise<string> {
    return ((await this.read()).context as { transactionId: string }).transactionId;
  }

  async send(userId: string, role: string, type: string, payload: object = {}): Promise<void> {
    const token = await this.live.tokenFor(userId, [role]);
    const { status, body } = await this.live.call('POST', `/api/instances/${this.id}/events`, { type, payload }, token);
    if (status >= 300) throw new Error(`${type} was refused: ${JSON.stringify(body)}`);
    await this.work();
  }

  /** Does everything that can be done now: effects, and what the providers have told. */
  async work(): Promise<void> {
    for (let revision = -1; ;) {
      await this.live.settle(this.id);
      await this.live.sandbox.idle();
      await this.live.deliver();
      const now = (await this.read()).revision;
      if (now === revision) return;
      revision = now;
    }
  }

  read(): Promise<InstanceView> {
    return this.live.read(this.id);
  }

  /** `STATE.phase`. */
  async place(): Promise<string> {
    const { state, phase } = await this.read();
    return phase === null ? state : `${state}.${phase}`;
  }

  async fault(provider: Provider, kind: FaultKind, operation: string, times = 1): Promise<void> {
    await this.atSandbox('faults', { match: { provider, operation }, kind, times });
  }

  /** What the providers did for this deal. */
  async ledger(): Promise<Entry[]> {
    return (await (await fetch(`${this.live.sandbox.url}/_sandbox/ledger?instanceId=${this.id}`)).json()) as Entry[];
  }

  async atSandbox(path: string, body: object): Promise<unknown> {
    const response = await fetch(`${this.live.sandbox.url}/_sandbox/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`the sandbox refused ${path}: ${await response.text()}`);
    return response.json();
  }
}
