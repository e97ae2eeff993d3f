import { dealsService } from '../support/deals.js';

describe('an investment', () => {
  const deals = dealsService();

  it('goes from INTEREST to COMPLETED, and pays the creator once (R000-28)', async () => {
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
    await deals.work();
    const approved = await deals.send('creator', id, 'creator-decision', { decision: 'approve' });
    expect(approved.body).toMatchObject({
      success: true,
      message: 'Event sent to workflow instance',
      state: 'TERM_SHEET',
    });
    await deals.send('investor', id, 'term-sheet-signed', { party: 'investor', signedDocumentKey: 'signed/1.pdf' });
    await deals.signed(id, 'term-sheet', 'creator');
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
    expect((await deals.call('investor', 'GET', payment)).body).toMatchObject({
      transactionId: 'pi_1',
      clientSecret: 'pi_1_secret',
    });
    expect(await deals.call('creator', 'GET', payment)).toMatchObject({ status: 403 });
    await deals.held(id, 'pi_1');
    await deals.send('creator', id, 'closing-documents-signed', { party: 'creator' });
    await deals.signed(id, 'closing', 'investor');

    expect(await deals.read(id)).toMatchObject({ state: 'COMPLETED', status: 'done', tags: ['won'] });
    expect(deals.world.done).toEqual([
      'envelope term-sheet',
      'customer',
      'hold',
      'envelope closing',
      'capture',
      'transfer',
    ]);
    await expectRecords(id);
    await expectMessages();
  });

  async function expectRecords(id: string): Promise<void> {
    const { rows } = await deals.owner.query(
      'select * from statewright.sw_investment_deals where workflow_instance_id = $1',
      [id],
    );
    const money = {
      proposed_amount: '250000.00',
      agreed_amount: '250000.00',
      stripe_payment_intent: 'pi_1',
      transfer_id: 'tr_1',
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
    const access = await deals.owner.query(
      'select user_id, access_type, granted_via, revoked_at from deals.pitch_access',
    );
    expect(access.rows).toEqual([
      { user_id: 'inv_123', access_type: 'investor', granted_via: 'investment', revoked_at: null },
    ]);
  }

  async function expectMessages(): Promise<void> {
    expect(deals.world.mails.filter(({ subject }) => subject === 'New Investment Interest in The Last Reel')).toEqual([
      expect.objectContaining({ to: 'cleo@example.com', text: expect.stringContaining('$250,000.00') }),
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
    const dead = await deals.owner.query(`select type, last_error from engine.outbox where status = 'dead'`);
    expect(dead.rows).toEqual([]);
  }

  it('is the only live deal of its investor and its pitch, however many ask at once (R000-92)', async () => {
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
    await deals.advance('7d');
    expect(await deals.read(id)).toMatchObject({
      state: 'FAILED',
      status: 'failed',
      compensation: 'done',
      context: { reasonCode: 'escrow_timeout' },
    });
    expect(deals.world.done.slice(-2)).toEqual(['release', 'void env_term-sheet']);
  });

  it('pays back what was taken when the creator cannot be paid, newest first (R000-43, R000-46)', async () => {
    const id = await deals.inEscrow();
    await deals.held(id, 'pi_1');
    deals.world.broken = 'transfer';
    for (const party of ['investor', 'creator'] as const)
      await deals.send(party, id, 'closing-documents-signed', { party });
    expect(await deals.read(id)).toMatchObject({
      state: 'FAILED',
      compensation: 'done',
      context: { reasonCode: 'funding_failed' },
    });
    expect(deals.world.done.slice(-4)).toEqual(['refund', 'void env_closing', 'release', 'void env_term-sheet']);
  });

  it('replaces a declined payment by a new one and gives the old one up (R000-41)', async () => {
    const id = await deals.inEscrow();
    await deals.declined(id, 'pi_1');
    expect(await deals.read(id)).toMatchObject({ state: 'ESCROW', phase: 'paymentFailed' });
    await deals.send('investor', id, 'payment-retry');
    expect(deals.world.done.slice(-2)).toEqual(['release', 'hold']);
    await deals.held(id, 'pi_2');
    expect(await deals.read(id)).toMatchObject({ state: 'CLOSING' });
  });

  it('puts money of the wrong amount aside instead of taking it for the deposit (R000-47)', async () => {
    const id = await deals.inEscrow();
    await deals.held(id, 'pi_1', 1_00);
    expect(await deals.read(id)).toMatchObject({ state: 'ESCROW', phase: 'awaitingPayment' });
    const { rows } = await deals.owner.query('select status, reason from engine.inbox where instance_id = $1', [id]);
    expect(rows).toContainEqual({ status: 'quarantined', reason: 'AMOUNT_MISMATCH' });
  });

  it('finds its pitch taken once another deal of it has money (R000-37)', async () => {
    await deals.inEscrow();
    await deals.call('admin', 'PUT', '/admin/investors/inv_2', {
      name: 'Ida',
      email: 'ida@example.com',
      accreditationStatus: 'verified',
    });
    const id = await deals.begun({ investorId: 'inv_2' }, 'admin');
    await deals.send('creator', id, 'creator-decision', { decision: 'approve' });
    for (const party of ['investor', 'creator'] as const) await deals.signed(id, 'term-sheet', party);
    expect(await deals.read(id)).toMatchObject({
      state: 'FAILED',
      context: { reasonCode: 'diligence_failed', reason: 'pitchIsFree' },
    });
  });

  it('keeps the deadlines it began with (R000-101)', async () => {
    await deals.call('admin', 'PUT', '/admin/settings/investment', { creatorDecisionMs: 3_600_000 });
    const id = await deals.begun();
    await deals.call('admin', 'PUT', '/admin/settings/investment', { creatorDecisionMs: null });
    await deals.advance('1h');
    expect(await deals.read(id)).toMatchObject({ state: 'EXPIRED', context: { reasonCode: 'negotiation_failed' } });
  });
});
