import { differences, type OurEffect, type TheirObject } from '../../src/deals/investment/investment.books.js';

const effect = (type: string, result: object | null, more: Partial<OurEffect> = {}): OurEffect => ({
  type,
  key: `key of ${type}`,
  status: 'done',
  params: { amountMinor: 100 },
  result,
  ...more,
});
const hold = effect('stripe.hold', { transactionId: 'pi_1' });
const payment: TheirObject = { kind: 'payment', id: 'pi_1', amountMinor: 100, status: 'requires_capture' };
const transfer: TheirObject = { kind: 'transfer', id: 'tr_1', effectKey: 'key of stripe.transfer', amountMinor: 100 };
const open = { isOver: false, transferId: null };

describe('the books of an investment and those of its providers', () => {
  it('agree on what was done and found', () => {
    expect(differences(open, [hold], [payment])).toEqual([]);
    const capture = effect('stripe.capture', { transactionId: 'pi_1' });
    expect(differences(open, [hold, capture], [{ ...payment, status: 'succeeded' }])).toEqual([]);
  });

  it('agree while an effect is still being tried', () => {
    const trying = effect('stripe.transfer', null, { status: 'claimed' });
    expect(differences(open, [trying], [transfer])).toEqual([]);
  });

  it('differ when an effect was given up that did take place', () => {
    const dead = effect('stripe.transfer', null, { status: 'dead' });
    expect(differences(open, [dead], [transfer])).toEqual(['transfer tr_1 exists at the provider and is unknown here']);
  });

  it('differ in amounts, in cents (R000-47)', () => {
    expect(differences(open, [hold], [{ ...payment, amountMinor: 99 }])).toEqual([
      'payment pi_1 is over 99 cents at the provider and 100 here',
    ]);
  });

  it('differ when an envelope was made twice for one effect (R000-83)', () => {
    const envelope = effect('docusign.envelope', { envelopeId: 'env_1' });
    const made: TheirObject[] = [
      { kind: 'envelope', id: 'env_1' },
      { kind: 'envelope', id: 'env_2' },
    ];
    expect(differences(open, [envelope], made)).toEqual(['envelope env_2 exists at the provider and is unknown here']);
  });

  it.each([
    [
      'is held though the deal is over',
      { isOver: true },
      [hold],
      'requires_capture',
      'payment pi_1 is still held, and the deal is over',
    ],
    [
      'was taken by somebody else',
      {},
      [hold],
      'succeeded',
      'payment pi_1 is taken at the provider and was not taken here',
    ],
    [
      'was taken here and is not',
      {},
      [hold, effect('stripe.capture', { transactionId: 'pi_1' })],
      'canceled',
      'payment pi_1 was taken here and is canceled',
    ],
    [
      'is paid out by a transfer nobody made',
      { transferId: 'tr_9' },
      [hold],
      'requires_capture',
      'the deal names transfer tr_9, which none of its effects has made',
    ],
  ])('differ when the money %s (R000-46)', (_, deal, effects, status, difference) => {
    expect(differences({ ...open, ...deal }, effects, [{ ...payment, status }])).toEqual([difference]);
  });
});
