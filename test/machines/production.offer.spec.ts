import { company, creator, fit, free, given, interest, terms, termsKept, unverified } from '../support/production.js';

const submit = (written: object, known: object = fit) => ({
  type: 'proposal-submitted',
  caller: company,
  facts: { standing: free, company: known },
  proposalDocumentKey: 'p.pdf',
  terms: { ...terms, ...written },
});
const counter = (counterTerms: object, known: object = fit) => ({
  type: 'proposal-response',
  caller: creator,
  facts: { standing: free, company: known },
  decision: 'counter',
  counterTerms,
});
const LEAST = [
  ['option', 5_000],
  ['purchase', 50_000],
  ['distribution', 10_000],
] as const;

describe('the budget of an offer', () => {
  it.each(LEAST)('is taken for %s from $%d on (R000-63)', (interestType, budget) =>
    given('PROPOSAL', { interestType }).when(submit({ budget })).then({ state: 'PROPOSAL', phase: 'reviewing' }),
  );

  it.each(LEAST)('is refused for %s a cent below $%d, and says why (R000-63)', (interestType, least) =>
    given('PROPOSAL', { interestType })
      .when(submit({ budget: least - 0.01 }))
      .thenRefused({
        guard: 'isSeriousOffer',
        code: 'BUDGET_TOO_LOW',
        data: { budget: (least - 0.01).toFixed(2), least: least.toFixed(2) },
      }),
  );

  it('has no lower limit for a co-production (R000-63)', () =>
    given('PROPOSAL', { interestType: 'co_production' })
      .when(submit({ budget: 1 }))
      .then({ phase: 'reviewing', state: 'PROPOSAL' }));

  it('is held to the same limit when the creator counters (R000-63)', () =>
    given('PROPOSAL.reviewing', { terms: termsKept })
      .when(counter({ budget: 4_999.99 }))
      .thenRefused({ guard: 'isSeriousOffer', code: 'BUDGET_TOO_LOW' }));

  it('needs a verified company above $500,000, at the time it is named (R000-63)', async () => {
    await given('PROPOSAL')
      .when(submit({ budget: 500_000 }, unverified))
      .then({ state: 'PROPOSAL', phase: 'reviewing' });
    const refusal = { guard: 'isVouchedFor', code: 'COMPANY_NOT_VERIFIED', data: { above: '500000.00' } };
    await given('PROPOSAL')
      .when(submit({ budget: 500_000.01 }, unverified))
      .thenRefused(refusal);
    await given('PROPOSAL.reviewing', { terms: termsKept })
      .when(counter({ budget: 600_000 }, unverified))
      .thenRefused(refusal);
  });
});

describe('the rights of an offer, where the tenant wants them named', () => {
  const policy = { ...interest.policy, rightsDetails: true };
  const named = { rightsTerritory: 'worldwide', rightsDurationMonths: 84 };

  it('are territory and duration (R000-63)', async () => {
    await given('PROPOSAL', { policy, interestType: 'purchase' })
      .when(submit({}))
      .thenRefused({
        guard: 'namesRights',
        code: 'RIGHTS_NOT_NAMED',
        data: { missing: ['rightsTerritory', 'rightsDurationMonths'] },
      });
    await given('PROPOSAL', { policy, interestType: 'purchase' })
      .when(submit(named))
      .then({ state: 'PROPOSAL', phase: 'reviewing', context: { terms: { ...termsKept, ...named } } });
  });

  it('are the period of an option too (R000-63)', async () => {
    await given('PROPOSAL', { policy })
      .when(submit(named))
      .thenRefused({ guard: 'namesRights', code: 'RIGHTS_NOT_NAMED', data: { missing: ['optionPeriodMonths'] } });
    await given('PROPOSAL', { policy })
      .when(submit({ ...named, optionPeriodMonths: 18 }))
      .then({ state: 'PROPOSAL', phase: 'reviewing' });
  });

  it('stay named when the creator changes something else (R000-63)', () =>
    given('PROPOSAL.reviewing', { policy, terms: { ...termsKept, ...named, optionPeriodMonths: 18 } })
      .when(counter({ budget: 2_000_000 }))
      .then({ state: 'NEGOTIATION', phase: 'countering' }));
});
