/** NDAs in the live service: asked for over HTTP, signed at the stand-in for the provider. */
import { createHmac } from 'node:crypto';
import type { Role } from '../../src/auth/caller.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { Config } from '../../src/platform/config.js';
import type { Answer } from './deals.js';
import { DealsService } from './deals.js';

/** Starts the service before the tests of a file and stops it after them; each test gets a pitch of its own, and providers that work. */
export function ndaService(): NdaService {
  const service = new NdaService();
  beforeAll(() => service.start());
  beforeEach(() => service.begin());
  afterAll(() => service.stop());
  return service;
}

interface Created {
  instanceId: string;
  code?: string;
  detail?: string;
  errors?: { field: string; message: string }[];
}

let people = 0;

export class NdaService extends DealsService {
  /** A requester of whom nothing bad is known, unless it is changed. Answers his id. */
  async requester(change: object = {}): Promise<string> {
    const id = `req_${++people}`;
    const record = { name: 'Rita Quest', email: `${id}@example.com`, emailVerified: true, ...change };
    const { status } = await this.call('admin', 'PUT', `/admin/requesters/${id}`, record);
    if (status !== 200) throw new Error(`the requester was refused with ${status}`);
    return id;
  }

  /** The body of a create call that is accepted and approved by nobody. */
  async request(change: object = {}, requesterId?: string) {
    const id = requesterId ?? (await this.requester());
    return {
      requesterId: id,
      requesterType: 'investor',
      requesterEmail: `${id}@example.com`,
      requesterName: 'Rita Quest',
      creatorId: 'creator_789',
      pitchId: this.pitchId,
      templateId: 'standard',
      durationMonths: 24,
      customTerms: {},
      territorialRestrictions: [],
      ...change,
    };
  }

  ask(body: object, role: Role = 'service'): Promise<Answer<Created>> {
    return this.call<Created>(role, 'POST', '/api/workflows/nda/create', body);
  }

  /** A new NDA with everything done that follows from its start. */
  async asked(change: object = {}, requester: object = {}): Promise<string> {
    const body = await this.request(change, await this.requester(requester));
    const { body: answer } = await this.ask(body);
    await this.deal(answer.instanceId).work();
    return answer.instanceId;
  }

  /** A new NDA that waits for its signature. */
  awaitingSignature(): Promise<string> {
    return this.asked();
  }

  /** A new NDA that the creator has to decide on. */
  inCreatorReview(): Promise<string> {
    return this.asked({ templateId: 'custom', territorialRestrictions: ['FR'] });
  }

  /** A new NDA that legal has to decide on. */
  inLegalReview(customTerms: object = {}): Promise<string> {
    const more = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`term ${n}`, 'as agreed']));
    const terms = { templateId: 'custom', durationMonths: 60, customTerms: { ...more, ...customTerms } };
    return this.asked({ ...terms, territorialRestrictions: ['KP'] });
  }

  async active(change: object = {}): Promise<string> {
    const id = await this.asked(change);
    await this.atDocusign(id, 'sign', { role: 'requester' });
    await this.deal(id).work();
    return id;
  }

  /** Something happens to the envelope at the provider; nobody has heard of it yet. */
  async atDocusign(id: string, deed: 'sign' | 'decline' | 'expire', given: object = {}): Promise<void> {
    await this.deal(id).atSandbox(`docusign/envelopes/${await this.envelopeOf(id)}/${deed}`, given);
  }

  async envelopeOf(id: string): Promise<string> {
    return ((await this.read(id)).context as { envelopeId: string }).envelopeId;
  }

  /** An event of somebody, and what follows from it. */
  async event(role: Role, id: string, type: string, payload: object = {}) {
    const answer = await this.call(role, 'POST', `/api/workflows/nda/${id}/event`, { type, payload });
    await this.deal(id).work();
    return answer;
  }

  /** The provider says something of the NDA's envelope, or of another: truly signed, whatever it is. */
  async said(id: string, status: string, envelopeId?: string): Promise<void> {
    const fields = { instanceId: id, tenant: 'demo', purpose: 'nda' };
    const textCustomFields = Object.entries(fields).map(([name, value]) => ({ name, value }));
    const body = JSON.stringify({
      event: `envelope-${status}`,
      generatedDateTime: new Date().toISOString(),
      data: {
        envelopeId: envelopeId ?? (await this.envelopeOf(id)),
        envelopeSummary: { status, customFields: { textCustomFields } },
      },
    });
    const [secret = ''] = this.live.app.get(Config).docusign?.webhookSecrets ?? [];
    const { ok } = await fetch(`${this.live.url}/webhooks/docusign`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-docusign-signature-1': createHmac('sha256', secret).update(body).digest('base64'),
      },
      body,
    });
    if (!ok) throw new Error('the message was refused');
    await this.deal(id).work();
  }

  /** A new NDA whose envelope has been made at the provider, which did not answer. */
  async unanswered(): Promise<{ id: string; envelopeId: string }> {
    const { body } = await this.ask(await this.request());
    const id = body.instanceId;
    await this.live.run(id, 'draft');
    await this.live.run(id, 'assessment');
    await this.deal(id).fault('docusign', 'error-after', 'envelopes.update');
    await this.owner.query(`update engine.outbox set next_attempt_at = 'infinity' where status = 'pending'`);
    await this.owner.query(
      `update engine.outbox set next_attempt_at = engine.now() where instance_id = $1 and type = 'docusign.envelope'`,
      [id],
    );
    await this.live.app.get(OutboxWorker).turn();
    await this.live.sandbox.idle();
    const [envelope] = await this.envelopes(id);
    return { id, envelopeId: envelope?.envelopeId ?? '' };
  }

  /** The envelopes of an NDA at the provider. */
  async envelopes(id: string): Promise<{ envelopeId: string; status: string }[]> {
    const all = (await (await fetch(`${this.live.sandbox.url}/_sandbox/envelopes`)).json()) as {
      envelopeId: string;
      status: string;
      customFields: { textCustomFields: { value: string }[] };
    }[];
    return all.filter(({ customFields }) => customFields.textCustomFields.some(({ value }) => value === id));
  }

  async place(id: string): Promise<string> {
    return this.deal(id).place();
  }

  async row(id: string): Promise<Record<string, unknown>> {
    const [row] = await this.rows<Record<string, unknown>>(
      'select * from deals.ndas where workflow_instance_id = $1',
      id,
    );
    return row ?? {};
  }

  accessOf(userId: unknown) {
    return this.rows<{
      access_type: string;
      granted_via: string;
      granted_via_id: string;
      expires_at: Date;
      revoked_at: Date;
    }>('select * from deals.pitch_access where user_id = $1', userId);
  }

  /** Templates of the messages that somebody was sent about an NDA, in order. */
  async told(id: string, to: string): Promise<string[]> {
    const rows = await this.rows<{ template: string }>(
      `select params ->> 'template' as template from engine.outbox
        where instance_id = $1 and type = 'notification.send' and params ->> 'to' = $2 and status = 'done' order by id`,
      id,
      to,
    );
    return rows.map(({ template }) => template);
  }
}
