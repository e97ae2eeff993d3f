import { generateKeyPairSync } from 'node:crypto';
import sdk from 'docusign-esign';
import { CallBudget } from '../../src/integrations/docusign/call.budget.js';
import { DocusignClient } from '../../src/integrations/docusign/docusign.client.js';
import { MODELS, flawsOf } from '../../src/integrations/sandbox/docusign/contract.js';
import type { StoredEnvelope } from '../../src/integrations/sandbox/docusign/envelopes.js';
import { newRun, output, stage } from './sandbox.js';

const current = stage();

const order = {
  purpose: 'term-sheet',
  subject: 'Term sheet: Night Train',
  source: { documents: [{ name: 'Term sheet', fileExtension: 'txt', content: Buffer.from('Terms') }] },
  signers: [
    { role: 'investor', email: 'ann@example.com', name: 'Ann', clientUserId: 'inv_1' },
    { role: 'creator', email: 'bob@example.com', name: 'Bob' },
  ],
  expireAfterDays: 30,
};

const sent = async () => output(await current().docusign().createEnvelope(order, newRun())).envelopeId;
const envelopes = () => current().get<StoredEnvelope[]>('envelopes');

describe('signatures at DocuSign', () => {
  it('are asked for with fields that lead back to the instance (R000-83)', async () => {
    await sent();
    const [envelope] = await envelopes();
    expect(envelope).toMatchObject({ status: 'sent', emailSubject: order.subject });
    expect(envelope?.customFields.textCustomFields).toEqual([
      expect.objectContaining({ name: 'instanceId', value: 'wf_1' }),
      expect.objectContaining({ name: 'tenant', value: 'demo' }),
      expect.objectContaining({ name: 'purpose', value: 'term-sheet' }),
    ]);
    expect(await current().ledger('provider=docusign&instanceId=wf_1')).toEqual([['envelope.create', 0]]);
  });

  it('can be asked for with a template', async () => {
    output(
      await current()
        .docusign()
        .createEnvelope({ ...order, source: { templateId: 'tpl_1' } }, newRun()),
    );
    expect((await envelopes())[0]?.recipients.signers.map(({ roleName }) => roleName)).toEqual(['investor', 'creator']);
  });

  it('are reported one by one, then as a whole (R000-82)', async () => {
    const envelopeId = await sent();
    await current().post(`docusign/envelopes/${envelopeId}/sign`, { role: 'creator' });
    expect(output(await current().docusign().getEnvelope(envelopeId)).status).toBe('delivered');
    await current().post(`docusign/envelopes/${envelopeId}/sign`, { recipientEmail: 'ann@example.com' });
    expect(output(await current().docusign().getEnvelope(envelopeId)).status).toBe('completed');
    expect((await current().webhooks()).toSorted()).toEqual([
      'envelope-completed',
      'envelope-delivered',
      'envelope-sent',
      'recipient-completed',
      'recipient-completed',
    ]);
  });

  it.each(['error-after', 'timeout'])('are not asked for twice when the answer was lost (%s, P8)', async (kind) => {
    const run = newRun();
    await current().fault('docusign', kind, 'envelopes.create', { ms: 50 });
    expect(await current().docusign().createEnvelope(order, run)).toMatchObject({ kind: 'retry' });
    const { envelopeId } = output(
      await current()
        .docusign()
        .createEnvelope(order, { ...run, begun: 2 }),
    );
    expect((await envelopes()).map((envelope) => envelope.envelopeId)).toEqual([envelopeId]);
  });

  it('are asked for by the next attempt when nothing was sent (error-before)', async () => {
    const run = newRun();
    await current().fault('docusign', 'error-before', 'envelopes.create');
    expect(await current().docusign().createEnvelope(order, run)).toMatchObject({ kind: 'retry' });
    output(
      await current()
        .docusign()
        .createEnvelope(order, { ...run, begun: 2 }),
    );
    expect(await envelopes()).toHaveLength(1);
  });

  it('are asked for once when a worker that was slow makes its draft after another has sent one (P8)', async () => {
    const run = newRun();
    const docusign = current().docusign();
    await current().fault('docusign', 'latency', 'envelopes.create', { ms: 1_000 });
    const slow = docusign.createEnvelope(order, run);
    // The other one's request must not be the one that is slow.
    while ((await current().get<unknown[]>('faults')).length > 0) await new Promise(setImmediate);
    const { envelopeId } = output(await docusign.createEnvelope(order, { ...run, begun: 2 }));
    expect(output(await slow).envelopeId).toBe(envelopeId);
    const made = await envelopes();
    expect(made.map(({ status }) => status).toSorted()).toEqual(['created', 'sent']);
    expect(made.find(({ status }) => status === 'sent')?.envelopeId).toBe(envelopeId);
    expect(await current().ledger('kind=envelope.create')).toHaveLength(1);
  });

  it('are asked for once, however many try at the same moment (P8)', async () => {
    const docusign = current().docusign();
    const runs = Array.from({ length: 5 }, newRun);
    const ends = await Promise.all(
      runs.map((run) =>
        Promise.all([1, 2, 3].map((begun) => docusign.createEnvelope(order, { ...run, begun }).then(output))),
      ),
    );
    for (const [first, ...others] of ends) expect(others).toEqual([first, first]);
    const sent = (await envelopes()).filter(({ status }) => status === 'sent').map(({ envelopeId }) => envelopeId);
    expect(sent.toSorted()).toEqual(ends.map(([end]) => end?.envelopeId).toSorted());
  });

  it.each(['error-after', 'timeout'])('are sent once when that answer was lost (%s, P8)', async (kind) => {
    const run = newRun();
    await current().fault('docusign', kind, 'envelopes.update', { ms: 50 });
    expect(await current().docusign().createEnvelope(order, run)).toMatchObject({ kind: 'retry' });
    output(
      await current()
        .docusign()
        .createEnvelope(order, { ...run, begun: 2 }),
    );
    expect((await envelopes()).map(({ status }) => status)).toEqual(['sent']);
    expect(await current().ledger('kind=envelope.create')).toHaveLength(1);
  });

  it('can be called back, once or twice, but not when everybody has signed', async () => {
    const [open, signed] = [await sent(), await sent()];
    for (const role of ['investor', 'creator']) await current().post(`docusign/envelopes/${signed}/sign`, { role });
    const docusign = current().docusign();
    output(await docusign.voidEnvelope(open, 'The deal has ended'));
    output(await docusign.voidEnvelope(open, 'The deal has ended'));
    expect(await docusign.voidEnvelope(signed, 'The deal has ended')).toMatchObject({
      kind: 'failed',
      code: 'ENVELOPE_ENDED',
    });
    expect(await current().ledger('kind=envelope.void')).toHaveLength(1);
  });

  it('are given on a page of their own by signers who are known to us', async () => {
    const envelopeId = await sent();
    const ann = { email: 'ann@example.com', name: 'Ann', clientUserId: 'inv_1', returnUrl: 'http://deals.example/' };
    expect(output(await current().docusign().recipientView(envelopeId, ann)).url).toContain(envelopeId);
    expect(
      await current()
        .docusign()
        .recipientView(envelopeId, { ...ann, name: 'Eve' }),
    ).toMatchObject({
      kind: 'failed',
      code: 'UNKNOWN_ENVELOPE_RECIPIENT',
    });
  });

  it('wait until the account has calls again (R000-84)', async () => {
    const docusign = current().docusign();
    await current().fault('docusign', 'rate-limit', 'envelopes.create', { ms: 90_000 });
    const limited = await docusign.createEnvelope(order, newRun());
    expect(limited).toMatchObject({ kind: 'retry', receipt: { responseCode: '429' } });
    expect(limited.kind === 'retry' ? limited.afterMs : 0).toBeGreaterThan(80_000);
    // The next call is not even made: calls while blocked count against the account.
    expect(await docusign.getEnvelope('any')).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('CALL_BUDGET'),
    });
  });

  it('need a token that DocuSign grants for our key and our user', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const stranger = current().docusign({ privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() });
    expect(await stranger.getEnvelope('any')).toMatchObject({ kind: 'failed', code: 'invalid_grant' });
    const nobody = current().docusign({ userId: '00000000-0000-4000-8000-000000000000' });
    expect(await nobody.getEnvelope('any')).toMatchObject({ kind: 'failed', code: 'consent_required' });
  });

  it('ask for a new token when the old one is refused', async () => {
    const docusign = current().docusign();
    output(await docusign.createEnvelope(order, newRun()));
    await current().post('reset');
    expect(await docusign.getEnvelope('any')).toMatchObject({ kind: 'retry', receipt: { responseCode: '401' } });
    expect(await docusign.getEnvelope('any')).toMatchObject({ kind: 'failed', code: 'ENVELOPE_DOES_NOT_EXIST' });
  });

  it('are not asked for where DocuSign is not configured', async () => {
    expect(await new DocusignClient(undefined, 'http://deals.example').getEnvelope('any')).toMatchObject({
      code: 'NOT_CONFIGURED',
    });
  });
});

describe('the budget of calls', () => {
  it('lets a burst through, then one call at a time', () => {
    const budget = new CallBudget();
    const waits = Array.from({ length: 201 }, () => budget.take(1_000_000));
    expect(waits.slice(0, 200)).toEqual(Array.from({ length: 200 }, () => 0));
    expect(waits[200]).toBe(150);
    expect(budget.take(1_000_150)).toBe(0);
  });

  it('believes the account rather than itself', () => {
    const budget = new CallBudget();
    budget.observe({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1060' }, 1_000_000);
    expect(budget.take(1_000_000)).toBe(60_000);
    expect(budget.take(1_060_000)).toBe(0);
    budget.observe({ 'x-burstlimit-remaining': '0' }, 1_060_000);
    expect(budget.take(1_060_000)).toBe(30_000);
  });
});

describe('the contract of the stand-in for DocuSign', () => {
  const models = sdk as unknown as Record<
    string,
    { constructFromObject: (data: object, model: object) => Record<string, unknown> }
  >;

  it.each(Object.entries(MODELS))('names only fields that the SDK’s %s has', (model, fields) => {
    const given = Object.fromEntries(
      Object.entries(fields).map(([field, type]) => [field, Array.isArray(type) ? [] : '']),
    );
    // The model takes over what it knows and drops the rest.
    expect(Object.keys(models[model]?.constructFromObject(given, {}) ?? {}).toSorted()).toEqual(
      Object.keys(fields).toSorted(),
    );
  });

  it.each([
    [{ templateRoles: [{ emai: 'a@b.c' }] }, 'EnvelopeDefinition.templateRoles[0].emai is unknown'],
    [
      { eventNotification: { requireAcknowledgment: true } },
      'EnvelopeDefinition.eventNotification.requireAcknowledgment must be a string',
    ],
    [{ documents: {} }, 'EnvelopeDefinition.documents must be an array'],
    [{ recipients: { signers: ['ann'] } }, 'EnvelopeDefinition.recipients.signers[0] must be an object'],
  ])('finds what is wrong with %j', (body, flaw) => {
    expect(flawsOf('EnvelopeDefinition', body)).toEqual([flaw]);
  });
});
