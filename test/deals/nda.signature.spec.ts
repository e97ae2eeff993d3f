/** What the signing provider says of an envelope, in any order and any number, and what becomes of the NDA (R000-74, R000-82 to R000-85). */
import { Reconciliation } from '../../src/integrations/reconcile/reconciliation.js';
import { ndaService } from '../support/ndas.js';

const ndas = ndaService();

/** How the messages about an NDA were dealt with. */
const messagesOf = (id: string) =>
  ndas.rows<{ type: string; status: string }>(
    `select type, status from engine.inbox where instance_id = $1 order by received_at, type`,
    id,
  );
describe('a signature', () => {
  it('that is declined rejects the NDA, and the creator is told (R000-74)', async () => {
    const id = await ndas.awaitingSignature();
    await ndas.atDocusign(id, 'decline', { role: 'requester', reason: 'Too long' });
    await ndas.deal(id).work();
    expect(await ndas.row(id)).toMatchObject({ status: 'REJECTED', reason_code: 'declined' });
    expect((await ndas.read(id)).context).toMatchObject({ reason: 'Too long' });
    expect((await ndas.told(id, 'creator')).at(-1)).toBe('nda_declined');
    expect(await ndas.accessOf((await ndas.row(id))['requester_id'])).toEqual([]);
  });

  it('whose envelope lapses at the provider rejects the NDA (R000-74)', async () => {
    const id = await ndas.awaitingSignature();
    await ndas.atDocusign(id, 'expire');
    await ndas.deal(id).work();
    expect(await ndas.row(id)).toMatchObject({ status: 'REJECTED', reason_code: 'voided' });
    expect((await ndas.read(id)).context).toMatchObject({ reason: 'Envelope has expired.' });
  });

  it('that does not come in 7 days lets the NDA expire, and the envelope is called back (R000-74)', async () => {
    const id = await ndas.awaitingSignature();
    await ndas.advance(id, '7d');
    expect(await ndas.row(id)).toMatchObject({ status: 'EXPIRED', reason_code: 'signature_deadline_missed' });
    expect(await ndas.envelopes(id)).toMatchObject([{ status: 'voided' }]);
    for (const to of ['requester', 'creator']) expect((await ndas.told(id, to)).at(-1)).toBe('nda_expired');
    // The provider tells us of what we have asked it for: that comes too late to matter (R000-85).
    expect((await messagesOf(id)).filter(({ type }) => type === 'envelope-voided')).toEqual([
      { type: 'envelope-voided', status: 'ignored' },
    ]);
  });

  it('gets five days from the moment the document is opened, and a reminder (R000-74)', async () => {
    const id = await ndas.awaitingSignature();
    await ndas.advance(id, '6d');
    await ndas.said(id, 'delivered');
    expect(await ndas.place(id)).toBe('AUTO_APPROVED.viewed');
    expect((await ndas.told(id, 'requester')).at(-1)).toBe('nda_reminder');
    await ndas.advance(id, '4d');
    expect(await ndas.place(id)).toBe('AUTO_APPROVED.viewed');
    await ndas.advance(id, '1d');
    expect(await ndas.row(id)).toMatchObject({ status: 'EXPIRED', reason_code: 'signature_deadline_missed' });
  });

  it('told twice counts once (R000-85)', async () => {
    const id = await ndas.awaitingSignature();
    await ndas.deal(id).fault('docusign', 'webhook-duplicate', 'envelope-completed');
    await ndas.atDocusign(id, 'sign', { role: 'requester' });
    await ndas.deal(id).work();
    const { revision } = await ndas.read(id);
    expect(await ndas.place(id)).toBe('ACTIVE.inForce');
    expect((await messagesOf(id)).filter(({ type }) => type === 'envelope-completed')).toEqual([
      { type: 'envelope-completed', status: 'applied' },
    ]);
    await ndas.said(id, 'completed');
    expect((await ndas.read(id)).revision).toBe(revision);
  });

  it('told in another order leads to the same end', async () => {
    const id = await ndas.awaitingSignature();
    await ndas.deal(id).fault('docusign', 'webhook-reorder', 'envelope-delivered');
    await ndas.atDocusign(id, 'sign', { role: 'requester' });
    await ndas.deal(id).work();
    expect(await ndas.place(id)).toBe('ACTIVE.inForce');
    for (const { status } of await messagesOf(id)) expect(['applied', 'ignored']).toContain(status);
  });

  it('told before our own call has been answered counts (R000-74)', async () => {
    const { id, envelopeId } = await ndas.unanswered();
    expect(await ndas.place(id)).toBe('AUTO_APPROVED.sending');
    await ndas.deal(id).atSandbox(`docusign/envelopes/${envelopeId}/sign`, { role: 'requester' });
    await ndas.live.sandbox.idle();
    await ndas.live.deliver();
    expect((await ndas.read(id)).context).toMatchObject({ envelopeId, signature: 'completed' });
    await ndas.deal(id).work();
    expect(await ndas.place(id)).toBe('ACTIVE.inForce');
    expect(await ndas.envelopes(id)).toMatchObject([{ status: 'completed' }]);
  });

  it.each([
    ['decline', 'declined'],
    ['expire', 'voided'],
  ] as const)('that ends with %s before our call has been answered rejects the NDA', async (deed, reason) => {
    const { id, envelopeId } = await ndas.unanswered();
    await ndas.deal(id).atSandbox(`docusign/envelopes/${envelopeId}/${deed}`, { role: 'requester' });
    await ndas.deal(id).work();
    expect(await ndas.row(id)).toMatchObject({ status: 'REJECTED', reason_code: reason });
    expect(await ndas.envelopes(id)).toHaveLength(1);
  });

  it('whose message was lost is asked for', async () => {
    const id = await ndas.awaitingSignature();
    await ndas.deal(id).fault('docusign', 'webhook-drop', 'envelope-completed');
    await ndas.deal(id).fault('docusign', 'webhook-drop', 'envelope-delivered');
    await ndas.atDocusign(id, 'sign', { role: 'requester' });
    await ndas.deal(id).work();
    expect(await ndas.place(id)).toBe('AUTO_APPROVED.awaitingSignature');
    await ndas.owner.query(`update engine.reconciled set asked_at = '-infinity'`);
    await ndas.live.app.get(Reconciliation).turn();
    await ndas.deal(id).work();
    expect(await ndas.place(id)).toBe('ACTIVE.inForce');
  });

  it('under another envelope is put aside, and legal is told (P16)', async () => {
    const id = await ndas.awaitingSignature();
    await ndas.said(id, 'completed', 'env_of_somebody_else');
    expect(await ndas.place(id)).toBe('AUTO_APPROVED.awaitingSignature');
    expect((await ndas.told(id, 'legal-team')).at(-1)).toBe('message_quarantined');
  });

  it('cannot be claimed by users (R000-19)', async () => {
    const id = await ndas.awaitingSignature();
    const payload = { envelopeId: await ndas.envelopeOf(id), status: 'completed' };
    for (const role of ['admin', 'legal', 'creator'] as const)
      expect(await ndas.event(role, id, 'signature-status', payload)).toMatchObject({
        status: 403,
        body: { code: 'WF005' },
      });
  });
});

describe('an envelope that cannot be sent', () => {
  it('is tried three times, then legal collects the signature by hand (R000-84)', async () => {
    await ndas.live.breakDown('docusign');
    const id = await ndas.asked();
    expect(await ndas.place(id)).toBe('AUTO_APPROVED.manual');
    const [effect] = await ndas.rows<{ attempts: number }>(
      `select attempts from engine.outbox where instance_id = $1 and type = 'docusign.envelope'`,
      id,
    );
    expect(effect?.attempts).toBe(3);
    expect(await ndas.told(id, 'legal-team')).toEqual(['manual_signature_required']);
    await ndas.live.repair();
    expect(await ndas.event('creator', id, 'manual-signature-complete')).toMatchObject({ status: 403 });
    await ndas.event('legal', id, 'manual-signature-complete', { signedDocumentKey: 'archive/7.pdf' });
    expect(await ndas.place(id)).toBe('ACTIVE.inForce');
    expect(await ndas.row(id)).toMatchObject({ status: 'ACTIVE', envelope_id: null, effective_date: expect.any(Date) });
  });

  it('is signed at the provider after all when only its answer was lost', async () => {
    const { id, envelopeId } = await ndas.unanswered();
    await ndas.live.breakDown('docusign');
    await ndas.live.settle(id);
    await ndas.live.repair();
    expect(await ndas.place(id)).toBe('AUTO_APPROVED.manual');
    await ndas.deal(id).atSandbox(`docusign/envelopes/${envelopeId}/sign`, { role: 'requester' });
    await ndas.deal(id).work();
    expect(await ndas.place(id)).toBe('ACTIVE.inForce');
  });
});
