/** Companies and a creator around one pitch in the live service: everything over HTTP, the workers worked by hand. */
import type { InstanceView } from '../../src/engine/reading.js';
import { InboxWorker } from '../../src/engine/workers/inbox.worker.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import type { LineView } from '../../src/deals/production/production.dto.js';
import type { Answer, LiveService } from './live.js';

let pitches = 0;
const TERMS = { budget: 1_000_000, timeline: 'a year', rightsStructure: 'worldwide', backendPoints: 5 };

/** A company and its deal. */
export interface Bidder {
  companyId: string;
  userId: string;
  /** The instance; empty before the deal has begun. */
  id: string;
}

export class PitchWorld {
  private constructor(
    readonly live: LiveService,
    readonly pitchId: string,
    readonly creatorId: string,
  ) {}

  /** A pitch that nobody is interested in yet. */
  static async begin(live: LiveService): Promise<PitchWorld> {
    const n = ++pitches;
    const world = new PitchWorld(live, `pitch_world_${n}`, `creator_world_${n}`);
    await live.call('PUT', `/admin/creators/${world.creatorId}`, {
      name: 'Carl Reator',
      email: `${world.creatorId}@example.com`,
    });
    await live.call('PUT', `/admin/pitches/${world.pitchId}`, { title: 'Night Train', creatorId: world.creatorId });
    return world;
  }

  /** A company, verified unless it is changed. */
  async company(name: string, change: object = {}): Promise<Bidder> {
    const companyId = `co_${name}_${this.pitchId}`;
    await this.putCompany(companyId, change);
    return { companyId, userId: `user_${name}_${this.pitchId}`, id: '' };
  }

  async putCompany(companyId: string, change: object = {}): Promise<void> {
    const company = { name: 'Film & Co', email: 'film@example.com', verificationStatus: 'verified', ...change };
    const { status, body } = await this.live.call('PUT', `/admin/companies/${companyId}`, company);
    if (status !== 200) throw new Error(`no company: ${JSON.stringify(body)}`);
  }

  /** Starts the deal of a company; what follows waits for `work`. */
  async create(bidder: Bidder, change: object = {}): Promise<Answer> {
    const answer = await this.live.call(
      'POST',
      '/api/workflows/production/create',
      {
        productionCompanyId: bidder.companyId,
        productionCompanyUserId: bidder.userId,
        pitchId: this.pitchId,
        creatorId: this.creatorId,
        interestType: 'option',
        ...change,
      },
      await this.live.tokenFor(bidder.userId, ['production']),
    );
    if (answer.status === 200) bidder.id = String(answer.body['instanceId']);
    return answer;
  }

  /** A company whose deal has begun and been verified. */
  async bidder(name: string, change: object = {}): Promise<Bidder> {
    const bidder = await this.company(name, change);
    await this.create(bidder);
    await this.work();
    return bidder;
  }

  /** A company with a proposal that the creator reviews. */
  async proposer(name: string): Promise<Bidder> {
    const bidder = await this.bidder(name);
    await this.asCreator(bidder, 'creator-interest-response', { decision: 'interested' });
    await this.asCompany(bidder, 'meeting-outcome', { outcome: 'proceed' });
    await this.asCompany(bidder, 'proposal-submitted', { proposalDocumentKey: 'p.pdf', terms: TERMS });
    return bidder;
  }

  /** A company that has the pitch to itself. */
  async holder(name: string): Promise<Bidder> {
    const bidder = await this.proposer(name);
    await this.asCreator(bidder, 'proposal-response', { decision: 'accept' });
    await this.work();
    return bidder;
  }

  /** A company with a contract that both have approved; the envelope is out. */
  async signer(name: string): Promise<Bidder> {
    const bidder = await this.holder(name);
    await this.asCompany(bidder, 'terms-agreed');
    await this.work();
    for (const approver of ['company', 'creator'] as const) await this.approve(bidder, approver);
    await this.work();
    return bidder;
  }

  /** A company that produces the pitch. */
  async producer(name: string): Promise<Bidder> {
    const bidder = await this.signer(name);
    for (const role of ['company', 'creator']) await this.sign(bidder, role);
    return bidder;
  }

  async approve(bidder: Bidder, approver: 'company' | 'creator' | 'legal'): Promise<Answer> {
    const [user, role] = {
      company: [bidder.userId, 'production'],
      creator: [this.creatorId, 'creator'],
      legal: ['legal_1', 'legal'],
    }[approver] as [string, string];
    return this.live.call(
      'PUT',
      `/api/workflows/production/${bidder.id}/checklist/contract_approved_by_${approver}`,
      { done: true },
      await this.live.tokenFor(user, [role]),
    );
  }

  /** Somebody signs at the provider, who tells us. */
  async sign({ id }: Bidder, role: string): Promise<void> {
    const { envelopeId } = (await this.live.read(id)).context as { envelopeId: string };
    const response = await fetch(`${this.live.sandbox.url}/_sandbox/docusign/envelopes/${envelopeId}/sign`, {
      method: 'POST',
      body: JSON.stringify({ role }),
    });
    if (!response.ok) throw new Error(`the sandbox refused to sign: ${await response.text()}`);
    await this.live.sandbox.idle();
    await this.work();
  }

  async asCompany({ id, userId }: Bidder, type: string, payload: object = {}): Promise<Answer> {
    return this.send(id, await this.live.tokenFor(userId, ['production']), type, payload);
  }

  async asCreator({ id }: Bidder, type: string, payload: object = {}): Promise<Answer> {
    return this.send(id, await this.live.tokenFor(this.creatorId, ['creator']), type, payload);
  }

  read({ id }: Bidder): Promise<InstanceView> {
    return this.live.read(id);
  }

  /** `STATE.phase`. */
  async place(bidder: Bidder): Promise<string> {
    const { state, phase } = await this.read(bidder);
    return phase === null ? state : `${state}.${phase}`;
  }

  /** The line as an overseer sees it. */
  async line({ id }: Bidder): Promise<LineView> {
    const { body } = await this.live.call('GET', `/api/workflows/production/${id}/line`);
    return body as unknown as LineView;
  }

  /** Does everything that can be done now: effects, letters, what providers have told. */
  async work(): Promise<void> {
    const [outbox, inbox] = [this.live.app.get(OutboxWorker), this.live.app.get(InboxWorker)];
    for (;;) {
      await this.live.owner.query(
        `update engine.outbox set next_attempt_at = engine.now() where status = 'pending' and next_attempt_at > engine.now()`,
      );
      const [did, heard] = [await outbox.turn(), await inbox.turn()];
      if (!did && !heard) return;
    }
  }

  /** Moves business time ahead, fires what falls due, and works off what follows. */
  async advance(by: string): Promise<void> {
    await this.live.call('POST', '/admin/clock', { advance: by });
    const timers = this.live.app.get(TimerWorker);
    while (await timers.turn());
    await this.work();
  }

  private send(id: string, token: string, type: string, payload: object): Promise<Answer> {
    return this.live.call('POST', `/api/workflows/production/${id}/event`, { type, payload }, token);
  }
}
