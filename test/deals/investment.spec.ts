import { dealsService } from '../support/deals.js';

describe('an investment', () => {
  const deals = dealsService();

  it('goes from INTEREST to COMPLETED, and pays the creator once (R000-28, R000-100)', async () => {
    const created = await deals.create();
    expect(created).toMatchObject({
      status: 200,
      body: {
        success: true,
        message: 'Investment deal workflow started',
        estimatedProcessingTime: '7-14 days',
        seq: 1,
        state: 'INTEREST',
        status: 'active',
      },
    });
    const id = created.body.instanceId;
    expect(id).toMatch(/^wf_/);
    await deals.deal(id).work();
    const approved = await deals.send('creator', id, 'creator-decision', { decision: 'approve' });
    expect(approved.body).toMatchObject({
      success: true,
      message: 'Event sent to workflow instance',
      state: 'TERM_SHEET',
    });
    await deals.send('investor', id, 'term-sheet-signed', { party: 'investor', signedDocumentKey: 'signed/1.pdf' });
    await deals.sign(id, 'creator');
    expect(await deals.read(id)).toMatchObject({ state: 'DUE_DILIGENCE', phase: 'reviewing' });

    const early = await deals.send('legal', id, 'due-diligence-complete');
    expect(early).toMatchObject({
      status: 409,
      body: {
        code: 'WF002',
        explanation: {
          missing: ['dd_documents_provided', 'dd_review_complete'],
          clearedBy: ['creator', 'investor', 'legal'],
        },
      },
    });
    await deals.tick('creator', id, 'dd_documents_provided');
    expect(await deals.tick('creator', id, 'dd_review_complete')).toMatchObject({ status: 403 });
    await deals.tick('legal', id, 'dd_review_complete');
    expect((await deals.send('legal', id, 'due-diligence-complete')).body).toMatchObject({ state: 'COMMITMENT' });
    expect((await deals.send('investor', id, 'commitment-confirmed', { confirmed: true })).body).toMatchObject({
      state: 'ESCROW',
    });

    const payment = `/api/workflows/investment/${id}/payment`;
    const transactionId = await deals.deal(id).transactionId();
    expect((await deals.call('investor', 'GET', payment)).body).toMatchObject({
      transactionId: expect.stringMatching(/^pi_/),
      clientSecret: expect.stringContaining(`${transactionId}_secret`),
    });
    expect(await deals.call('creator', 'GET', payment)).toMatchObject({ status: 403 });
    await deals.deal(id).pay();
    await deals.send('creator', id, 'closing-documents-signed', { party: 'creator' });
    await deals.sign(id, 'investor');

    expect(await deals.read(id)).toMatchObject({ state: 'COMPLETED', status: 'done', tags: ['won'] });
    expect(await deals.done(id)).toMatchObject([
      { kind: 'envelope.create' },
      { kind: 'payment_intent.create', objectId: transactionId, amountMinor: 250_000_00 },
      { kind: 'payment_intent.confirm', objectId: transactionId },
      { kind: 'envelope.create' },
      { kind: 'payment_intent.capture', objectId: transactionId, amountMinor: 250_000_00 },
      { kind: 'transfer.create', amountMinor: 250_000_00, replays: 0 },
    ]);
    await expectRecords(id);
    await expectMessages(id);
  });

  async function expectRecords(id: string): Promise<void> {
    const transfer = (await deals.done(id)).find(({ kind }) => kind === 'transfer.create');
    const rows = await deals.rows('select * from statewright.sw_investment_deals where workflow_instance_id = $1', id);
    const money = {
      proposed_amount: '250000.00',
      agreed_amount: '250000.00',
      stripe_payment_intent: await deals.deal(id).transactionId(),
      transfer_id: transfer?.objectId,
    };
    expect(rows).toMatchObject([
      { ...money, status: 'COMPLETED', compensation_status: 'none', funded_at: expect.any(Date) },
    ]);
    expect((await deals.call('admin', 'GET', `/admin/pitches/${deals.pitchId}`)).body).toMatchObject({
      totalFunded: 250_000,
      investorCount: 1,
    });
    expect((await deals.call('admin', 'GET', '/admin/investors/inv_123')).body).toMatchObject({
      totalInvestedYtd: 250_000,
    });
    expect(await deals.rows(`select stripe_customer_id as id from deals.investors where id = 'inv_123'`)).toEqual([
      { id: expect.stringMatching(/^cus_/) },
    ]);
    expect(await deals.rows('select user_id, access_type, granted_via, revoked_at from deals.pitch_access')).toEqual([
      { user_id: 'inv_123', access_type: 'investor', granted_via: 'investment', revoked_at: null },
    ]);
  }

  async function expectMessages(id: string): Promise<void> {
    const mails = await deals.mails(id);
    expect(mails.filter(({ subject }) => subject === 'New Investment Interest in The Last Reel')).toEqual([
      expect.objectContaining({ to: ['cleo@example.com'], text: expect.stringContaining('$250,000.00') }),
    ]);
    const { body } = await deals.call<{ data: { type: string; read: boolean }[] }>(
      'investor',
      'GET',
      '/api/notifications',
    );
    // Messages of one step are sent side by side; which of them is written down first is nobody's promise.
    expect(body.data.map(({ type }) => type).sort()).toEqual([
      'closing_documents_ready',
      'due_diligence_complete',
      'due_diligence_required',
      'escrow_deposit_request',
      'final_commitment_request',
      'investment_approved',
      'investment_complete',
      'term_sheet_ready',
    ]);
    expect(await deals.rows(`select type, last_error from engine.outbox where status = 'dead'`)).toEqual([]);
  }

  it('is the only live deal of its investor and its pitch, however many ask at once (R000-92, R000-100)', async () => {
    const answers = await Promise.all([deals.create(), deals.create(), deals.create()]);
    expect(answers.map(({ status, body }) => [status, body.code]).sort()).toEqual([
      [200, undefined],
      [409, 'WF007'],
      [409, 'WF007'],
    ]);
  });

  it('can be tried again after it has ended (R000-92)', async () => {
    await deals.send('investor', await deals.begun(), 'investor-withdraw');
    expect(await deals.create()).toMatchObject({ status: 200 });
  });

  it('fails technically when nobody knows the investor (R000-30)', async () => {
    const id = await deals.begun({ investorId: 'inv_999' }, 'admin');
    expect((await deals.call('admin', 'GET', `/api/workflows/investment/${id}/status`)).body).toMatchObject({
      status: 'failed',
      output: { currentState: 'FAILED' },
      error: { code: 'qualification_error', message: 'There is no investor inv_999' },
    });
  });

  it('lets go of the hold and calls the envelope back when the deposit does not come (R000-40, R000-46)', async () => {
    const id = await deals.inEscrow();
    await deals.advance(id, '7d');
    expect(await deals.read(id)).toMatchObject({
      state: 'FAILED',
      status: 'failed',
      compensation: 'done',
      context: { reasonCode: 'escrow_timeout' },
    });
    expect((await deals.done(id)).slice(-2)).toMatchObject([
      { kind: 'payment_intent.cancel' },
      { kind: 'envelope.void' },
    ]);
  });

  it('pays back what was taken when the creator cannot be paid, newest first (R000-43, R000-46, R000-100)', async () => {
    const id = await deals.inEscrow();
    await deals.deal(id).pay();
    await deals.deal(id).fault('stripe', 'error-before', 'transfers.create', 1_000);
    for (const party of ['investor', 'creator'] as const)
      await deals.send(party, id, 'closing-documents-signed', { party });
    expect(await deals.read(id)).toMatchObject({
      state: 'FAILED',
      compensation: 'done',
      context: { reasonCode: 'funding_failed' },
    });
    const done = await deals.done(id);
    const [termSheet, closing] = done.filter(({ kind }) => kind === 'envelope.create');
    expect(done.slice(-4)).toMatchObject([
      { kind: 'payment_intent.capture' },
      { kind: 'refund.create', amountMinor: 250_000_00 },
      { kind: 'envelope.void', objectId: closing?.objectId },
      { kind: 'envelope.void', objectId: termSheet?.objectId },
    ]);
  });

  it('replaces a declined payment by a new one and gives the old one up (R000-41)', async () => {
    const id = await deals.inEscrow();
    const declined = await deals.deal(id).transactionId();
    await deals.deal(id).pay('fail');
    expect(await deals.read(id)).toMatchObject({ state: 'ESCROW', phase: 'paymentFailed' });
    await deals.send('investor', id, 'payment-retry');
    const renewed = await deals.deal(id).transactionId();
    expect((await deals.done(id)).slice(-2)).toMatchObject([
      { kind: 'payment_intent.cancel', objectId: declined },
      { kind: 'payment_intent.create', objectId: renewed },
    ]);
    await deals.deal(id).pay();
    expect(await deals.read(id)).toMatchObject({ state: 'CLOSING' });
  });

  it('puts money of the wrong amount aside instead of taking it for the deposit (R000-47)', async () => {
    const id = await deals.inEscrow();
    await deals.hear({
      id: 'evt_of_test',
      type: 'payment_intent.amount_capturable_updated',
      created: 1,
      data: {
        object: {
          id: await deals.deal(id).transactionId(),
          amount_capturable: 1_00,
          currency: 'usd',
          metadata: { workflowInstanceId: id, tenant: 'demo' },
        },
      },
    });
    await deals.deal(id).work();
    expect(await deals.read(id)).toMatchObject({ state: 'ESCROW', phase: 'awaitingPayment' });
    const messages = await deals.rows('select status, reason from engine.inbox where instance_id = $1', id);
    expect(messages).toContainEqual({ status: 'quarantined', reason: 'AMOUNT_MISMATCH' });
  });

  it('finds its pitch taken once another deal of it has money (R000-37)', async () => {
    await deals.inEscrow();
    await deals.putInvestor('inv_2');
    const id = await deals.begun({ investorId: 'inv_2' }, 'admin');
    await deals.send('creator', id, 'creator-decision', { decision: 'approve' });
    await deals.deal(id).signBoth();
    expect(await deals.read(id)).toMatchObject({
      state: 'FAILED',
      context: { reasonCode: 'diligence_failed', reason: 'pitchIsFree' },
    });
  });

  it('fails in due diligence above $10,000,000, or what its tenant has set instead (R000-37, R000-38)', async () => {
    const signed = async (proposedAmount: number) => {
      const id = await deals.begun({ proposedAmount });
      await deals.send('creator', id, 'creator-decision', { decision: 'approve' });
      for (const party of ['investor', 'creator'] as const)
        await deals.send(party, id, 'term-sheet-signed', { party, signedDocumentKey: 'signed.pdf' });
      const { state, context } = await deals.read(id);
      if (state !== 'FAILED') await deals.send('investor', id, 'investor-withdraw');
      return [state, (context as { reason: string | null }).reason];
    };
    expect(await signed(10_000_000)).toEqual(['DUE_DILIGENCE', null]);
    expect(await signed(10_000_000.01)).toEqual(['FAILED', 'termsValid']);
    await deals.call('admin', 'PUT', '/admin/settings/investment', { maxAmount: 50_000_000 });
    expect(await signed(50_000_000)).toEqual(['DUE_DILIGENCE', null]);
    expect(await signed(50_000_000.01)).toEqual(['FAILED', 'termsValid']);
    await deals.call('admin', 'PUT', '/admin/settings/investment', { maxAmount: null });
    expect(await deals.call('admin', 'PUT', '/admin/settings/investment', { maxAmount: 999 })).toMatchObject({
      status: 400,
    });
  });

  it('keeps the deadlines it began with (R000-101)', async () => {
    await deals.call('admin', 'PUT', '/admin/settings/investment', { creatorDecisionMs: 3_600_000 });
    const id = await deals.begun();
    await deals.call('admin', 'PUT', '/admin/settings/investment', { creatorDecisionMs: null });
    await deals.advance(id, '1h');
    expect(await deals.read(id)).toMatchObject({ state: 'EXPIRED', context: { reasonCode: 'negotiation_failed' } });
  });
});
