import { investment } from '../../machines/investment.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';

describe('the lifecycle', () => {
  const { states, transitions } = xstateDriver(investment).describe();
  const top = (path: string) => path.split('.')[0] ?? path;
  const edges = transitions
    .flatMap(({ source, targets, meta }) =>
      targets.map((target) => ({ from: top(source), to: top(target), extension: 'extension' in meta })),
    )
    .filter(({ from, to }) => from !== to);
  const named = (list: typeof edges) => [...new Set(list.map(({ from, to }) => `${from}→${to}`))].sort();

  it('has the fourteen states of the product (R000-25)', () =>
    expect(states.filter(({ parent }) => parent === null).map(({ id }) => id)).toEqual([
      'INTEREST',
      'QUALIFICATION',
      'NEGOTIATION',
      'TERM_SHEET',
      'DUE_DILIGENCE',
      'COMMITMENT',
      'ESCROW',
      'CLOSING',
      'FUNDED',
      'COMPLETED',
      'REJECTED',
      'WITHDRAWN',
      'EXPIRED',
      'FAILED',
    ]));

  it("has every edge of the product's diagram (R000-26)", () =>
    expect(named(edges.filter(({ extension }) => !extension))).toEqual(
      [
        'INTEREST→QUALIFICATION',
        'QUALIFICATION→NEGOTIATION',
        'QUALIFICATION→REJECTED',
        'NEGOTIATION→TERM_SHEET',
        'NEGOTIATION→WITHDRAWN',
        'NEGOTIATION→REJECTED',
        'TERM_SHEET→DUE_DILIGENCE',
        'TERM_SHEET→EXPIRED',
        'DUE_DILIGENCE→COMMITMENT',
        'DUE_DILIGENCE→FAILED',
        'COMMITMENT→ESCROW',
        'ESCROW→CLOSING',
        'ESCROW→FAILED',
        'CLOSING→FUNDED',
        'FUNDED→COMPLETED',
      ].sort(),
    ));

  it('marks every other edge as an extension (R000-27, R000-30, R000-34)', () =>
    expect(named(edges.filter(({ extension }) => extension))).toEqual(
      [
        'NEGOTIATION→EXPIRED',
        'COMMITMENT→WITHDRAWN',
        'TERM_SHEET→WITHDRAWN',
        'DUE_DILIGENCE→WITHDRAWN',
        'CLOSING→FAILED',
        'FUNDED→FAILED',
        'INTEREST→WITHDRAWN',
        'QUALIFICATION→WITHDRAWN',
        'QUALIFICATION→FAILED',
      ].sort(),
    ));

  it('describes every state', () =>
    expect(states.filter(({ description }) => !description).map(({ id }) => id)).toEqual([]));

  it('lets people neither confirm nor deny what a provider has to say (R000-80)', () => {
    const providersOnly = Object.entries(investment.events)
      .filter(([, { from }]) => from.every((name) => name.startsWith('webhook:')))
      .map(([type]) => type);
    expect(providersOnly).toEqual([
      'payment-failed',
      'escrow-canceled',
      'funds-captured',
      'transfer-complete',
      'transfer-failed',
    ]);
  });
});
