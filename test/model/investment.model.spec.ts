import { investment } from '../../machines/investment.js';
import type { InvestmentContext, InvestmentInput } from '../../machines/investment.types.js';
import type { InstanceView } from '../../src/engine/reading.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const DAY = 86_400_000;
const at = Date.UTC(2026, 0, 5, 12);
const stamped = (cases: object[]) => cases.map((fields) => ({ at, facts: {}, ...fields }));

const INVESTOR = { id: 'inv_model', roles: ['investor'] };
const CREATOR = { id: 'creator_model', roles: ['creator'] };
const LEGAL = { id: 'legal_model', roles: ['legal'] };
const OPERATOR = { id: 'operator_model', roles: ['operator'] };
const STRIPE = { id: 'system:stripe', roles: [] };

const OFFER = 50_000;
/** More than one charge can carry, so it comes by wire (R000-47). */
const BY_WIRE = 1_500_000;
const profile = { accreditation: 'verified', limitMinor: null, investedThisYearMinor: 0 };
const findings = { creatorOwnsPitch: true, pitchIsFree: true, termsValid: true };
const failure = [{ error: { name: 'Error', message: 'no' } }];
const signatures = (
  parties = [
    { party: 'investor', caller: INVESTOR },
    { party: 'creator', caller: CREATOR },
  ],
) => stamped(parties.map((signed) => ({ ...signed, signedDocumentKey: 'signed.pdf' })));
const news = (more: object = {}) =>
  stamped(['pi_1', 'pi_2'].map((transactionId) => ({ transactionId, caller: STRIPE, ...more })));

const cases = {
  'investor-withdraw': stamped([{ caller: INVESTOR }]),
  'creator-decision': stamped([
    { decision: 'approve', caller: CREATOR },
    { decision: 'reject', caller: CREATOR },
    { decision: 'counter', counterAmount: OFFER, caller: CREATOR },
    { decision: 'counter', counterAmount: BY_WIRE, caller: CREATOR },
  ]),
  'investor-counter-response': stamped([
    { accepted: true, caller: INVESTOR },
    { accepted: false, caller: INVESTOR },
    { accepted: false, counterAmount: OFFER, caller: INVESTOR },
  ]),
  'term-sheet-signed': signatures(),
  'term-sheet-response': stamped([{ accepted: false, caller: INVESTOR }]),
  'manual-signature-complete': signatures([
    { party: 'investor', caller: LEGAL },
    { party: 'creator', caller: LEGAL },
  ]),
  'due-diligence-complete': stamped([
    { facts: { openItems: [] }, caller: LEGAL },
    { facts: { openItems: [{ item: 'dd_review_complete', clearedBy: ['legal'] }] }, caller: LEGAL },
  ]),
  'due-diligence-failed': stamped([{ issues: ['chain of title'], caller: LEGAL }]),
  'commitment-confirmed': stamped([
    { confirmed: true, facts: { rivalDeals: [] }, caller: INVESTOR },
    { confirmed: true, facts: { rivalDeals: ['deal_rival'] }, caller: INVESTOR },
    { confirmed: false, facts: { rivalDeals: [] }, caller: INVESTOR },
  ]),
  'escrow-confirmed': [
    ...news({ amountMinor: OFFER * 100, currency: 'usd' }),
    // Collected from a bank account.
    ...news({ amountMinor: OFFER * 100, currency: 'usd', captured: true }),
    ...stamped([{ transactionId: 'wire_1', amount: BY_WIRE, caller: OPERATOR }]),
  ],
  'payment-failed': news({ reason: 'declined' }),
  'payment-retry': stamped([{ caller: INVESTOR }]),
  'escrow-canceled': news(),
  'funds-captured': news(),
  'closing-documents-signed': signatures(),
  'transfer-complete': [OFFER, BY_WIRE].flatMap((amount) =>
    stamped([{ transferId: 'tr_1', amountMinor: amount * 100, currency: 'usd', caller: STRIPE }]),
  ),
  'transfer-failed': stamped([{ transferId: 'tr_1', reason: 'account closed', caller: STRIPE }]),

  'xstate.done.actor.announcement': stamped([{ output: null }]),
  'xstate.error.actor.announcement': stamped(failure),
  'xstate.done.actor.qualification': stamped([
    { output: profile },
    { output: { ...profile, accreditation: 'pending' } },
  ]),
  'xstate.error.actor.qualification': stamped(failure),
  'xstate.done.actor.termSheet': stamped([{ output: { envelopeId: 'env_1' } }]),
  'xstate.error.actor.termSheet': stamped(failure),
  'xstate.done.actor.diligence': stamped([{ output: findings }, { output: { ...findings, creatorOwnsPitch: false } }]),
  'xstate.error.actor.diligence': stamped(failure),
  'xstate.done.actor.hold': stamped([{ output: { transactionId: 'pi_1' } }, { output: { transactionId: 'pi_2' } }]),
  'xstate.error.actor.hold': stamped(failure),
  'xstate.done.actor.closingDocuments': stamped([{ output: { envelopeId: 'env_2' } }]),
  'xstate.error.actor.closingDocuments': stamped(failure),
  'xstate.done.actor.earlyCapture': stamped([{ output: { transactionId: 'pi_1' } }]),
  'xstate.error.actor.earlyCapture': stamped(failure),
  'xstate.done.actor.capture': stamped([{ output: { transactionId: 'pi_1' } }]),
  'xstate.error.actor.capture': stamped(failure),
  'xstate.done.actor.transfer': stamped([{ output: { transferId: 'tr_1' } }]),
  'xstate.error.actor.transfer': stamped(failure),
  ...Object.fromEntries(
    [
      'CREATOR_DECISION.investment.NEGOTIATION.awaitingCreator',
      'INVESTOR_COUNTER.investment.NEGOTIATION.awaitingInvestor',
      'TERM_SHEET.investment.TERM_SHEET',
      'DILIGENCE_REMINDER.investment.DUE_DILIGENCE.reviewing',
      'COMMITMENT.investment.COMMITMENT',
      'ESCROW.investment.ESCROW',
      'CLOSING.investment.CLOSING',
      'HOLD_EXPIRING.investment.CLOSING.funds.held',
      'BANK_RISK.investment.FUNDED.clearing',
    ].map((timer) => [`xstate.after.${timer}`, stamped([{}])]),
  ),
};

const input = (captureOn: InvestmentInput['captureOn']): InvestmentInput => ({
  dealId: 'deal_model',
  investorId: INVESTOR.id,
  creatorId: CREATOR.id,
  pitchId: 'pitch_model',
  investmentType: 'equity',
  amountMinor: OFFER * 100,
  message: null,
  maxCounterOffers: 2,
  maxAmountMinor: 10_000_000_00,
  captureOn,
  fundingMethod: 'card',
  deadlines: {
    creatorDecisionMs: 7 * DAY,
    investorCounterMs: 3 * DAY,
    termSheetMs: 3 * DAY,
    diligenceReminderMs: 30 * DAY,
    commitmentMs: 2 * DAY,
    escrowMs: 7 * DAY,
    closingMs: 7 * DAY,
    holdExpiringMs: 6 * DAY,
    bankRiskMs: 5 * DAY,
  },
});

/** What decides on the next step, beside the state: each thing only where it does. */
const facets = (context: unknown, state: string) => {
  const {
    counterOffers,
    offerMinor,
    transactionId,
    abandonedTransactions,
    failedPayments,
    captured,
    returnable,
    envelopeId,
  } = context as InvestmentContext;
  switch (state) {
    case 'NEGOTIATION':
      return [offerMinor, counterOffers.length];
    case 'ESCROW':
      return [offerMinor, transactionId, [...new Set(abandonedTransactions)].sort(), failedPayments];
    case 'CLOSING':
      return [
        offerMinor,
        transactionId,
        abandonedTransactions.some((id) => id !== transactionId),
        captured,
        returnable,
        envelopeId,
      ];
    default:
      return [offerMinor, captured, returnable];
  }
};

const exploration = (captureOn: InvestmentInput['captureOn']) => ({
  input: { instanceId: 'wf_model', tenant: 'demo', at, ...input(captureOn) } as never,
  cases,
  facets,
});

/** Model payment id -> the payment that the provider really made, for each live instance. */
const payments = new Map<string, Map<string, string>>();
const contextOf = ({ context }: InstanceView) => context as unknown as InvestmentContext;
const realPayment = (view: InstanceView, fields: Record<string, unknown>) => {
  const named = String(fields['transactionId']);
  return { ...fields, transactionId: payments.get(view.id)?.get(named) ?? named };
};

let number = 0;
const realisation = (captureOn: InvestmentInput['captureOn']): Realisation => ({
  async start(live) {
    const n = ++number;
    const [investor, creator, pitch] = [`inv_${n}`, `creator_${n}`, `pitch_${n}`];
    await live.call('PUT', '/admin/settings/investment', { maxCounterOffers: 2, captureOn });
    await live.call('PUT', `/admin/investors/${investor}`, {
      name: 'Ines Vest',
      email: `${investor}@example.com`,
      accreditationStatus: 'verified',
    });
    await live.call('PUT', `/admin/creators/${creator}`, {
      name: 'Carl Reator',
      email: `${creator}@example.com`,
      stripeAccountId: 'acct_creator',
    });
    await live.call('PUT', `/admin/pitches/${pitch}`, { title: 'A pitch', creatorId: creator });
    const body = {
      investorId: investor,
      creatorId: creator,
      pitchId: pitch,
      proposedAmount: OFFER,
      investmentType: 'equity',
      ndaAccepted: true,
    };
    const { status, body: answer } = await live.call(
      'POST',
      '/api/workflows/investment/create',
      body,
      await live.tokenFor(investor, ['investor']),
    );
    expect({ status, answer }).toMatchObject({ status: 200, answer: { success: true } });
    return String(answer['instanceId']);
  },
  sender: ({ type, party, caller }) => {
    if (type === 'term-sheet-signed' || type === 'closing-documents-signed') return String(party);
    const { id } = (caller ?? {}) as { id?: string };
    return id === STRIPE.id ? 'webhook:stripe' : undefined;
  },
  payload: {
    'escrow-confirmed': (fields, view) => realPayment(view, fields),
    'payment-failed': (fields, view) => realPayment(view, fields),
    'escrow-canceled': (fields, view) => realPayment(view, fields),
    'funds-captured': (fields, view) => realPayment(view, fields),
  },
  arrange: {
    openItems: async (items, view, live) => {
      for (const item of ['dd_documents_provided', 'dd_review_complete']) {
        const done = !(items as { item: string }[]).some((open) => open.item === item);
        const { status } = await live.call(
          'PUT',
          `/api/workflows/investment/${view.id}/checklist/${item}`,
          { done },
          await live.tokenFor('legal_1', ['legal']),
        );
        expect(status).toBe(200);
      }
    },
    rivalDeals: async (rivals, view, live) => {
      await live.owner.query(`delete from deals.investment_deals where id = 'rival_' || $1`, [view.id]);
      if ((rivals as string[]).length === 0) return;
      await live.owner.query(
        `insert into deals.investment_deals (tenant, id, workflow_instance_id, investor_id, creator_id, pitch_id, proposed_minor, investment_type, status, created_at, updated_at)
         values ('demo', 'rival_' || $1, 'rival_of_' || $1, 'rival', $2, $3, 100000, 'equity', 'ESCROW', now(), now())`,
        [view.id, contextOf(view).creatorId, contextOf(view).pitchId],
      );
    },
  },
  outcome: {
    announcement: broken({ provider: 'smtp' }),
    qualification: async (event, view, live) => {
      const { investorId } = contextOf(view);
      const verdict = (event['output'] as typeof profile | undefined)?.accreditation;
      if (verdict === undefined)
        await live.owner.query(`update deals.investors set id = 'away_' || id where id = $1`, [investorId]);
      else
        await live.owner.query(`update deals.investors set accreditation_status = $2 where id = $1`, [
          investorId,
          verdict,
        ]);
      return verdict === undefined
        ? async () =>
            void (await live.owner.query(`update deals.investors set id = $1 where id = 'away_' || $1`, [investorId]))
        : undefined;
    },
    diligence: async (event, view, live) => {
      const output = event['output'] as typeof findings | undefined;
      const { pitchId, creatorId } = contextOf(view);
      if (output === undefined) {
        await live.owner.query('alter table deals.pitches rename to pitches_away');
        return async () => void (await live.owner.query('alter table deals.pitches_away rename to pitches'));
      }
      await live.owner.query('update deals.pitches set creator_id = $2 where id = $1', [
        pitchId,
        output.creatorOwnsPitch ? creatorId : 'somebody_else',
      ]);
      return undefined;
    },
    termSheet: broken({ provider: 'docusign' }),
    closingDocuments: broken({ provider: 'docusign' }),
    hold: async (event, view, live) => {
      const repair = await broken({ provider: 'stripe' })(event, view, live);
      const model = (event['output'] as { transactionId: string } | undefined)?.transactionId;
      return async () => {
        await repair?.();
        if (model === undefined) return;
        const real = contextOf(await live.read(view.id)).transactionId;
        if (real) payments.set(view.id, (payments.get(view.id) ?? new Map<string, string>()).set(model, real));
      };
    },
    earlyCapture: authorised,
    capture: authorised,
    transfer: broken({ provider: 'stripe' }),
  },
});

/** The provider breaks down for as long as the model wants the job to fail. */
function broken(match: { provider: string }) {
  return async (event: { type: string }, _: InstanceView, live: LiveService) => {
    if (!event.type.startsWith('xstate.error.')) return undefined;
    await live.breakDown(match.provider);
    return () => live.repair();
  };
}

/** A capture needs a card on the payment: the investor enters one at the provider. */
async function authorised(event: { type: string }, view: InstanceView, live: LiveService) {
  const { transactionId } = contextOf(view);
  if (transactionId !== null) await live.enterCard(transactionId);
  return broken({ provider: 'stripe' })(event, view, live);
}

const walks = (['funded', 'closing'] as const).map((captureOn) => ({
  exploration: exploration(captureOn),
  realisation: realisation(captureOn),
}));

// R000-25, R000-26, R000-27: all fourteen states, every edge, walked through HTTP.
coverEveryTransition(investment, walks);
refuseEverythingElse(investment, walks[0]?.exploration ?? exploration('funded'), realisation('funded'));
