import { given } from '../support/given.js';
import { DAY, order } from '../support/toy.js';

const input = { amount: 50, dueMs: 7 * DAY };
const payable = { stock: 3, open: [], blocked: false };

describe('an order', () => {
  it('charges the buyer when nothing is in the way, and stops asking for payment', () =>
    given(order, 'PLACED', input)
      .when({ type: 'pay', facts: payable })
      .then({ state: 'PAYING', phase: null, effects: ['shop.charge'], timers: [] }));

  it('is not charged when it is out of stock, and says so', () =>
    given(order, 'PLACED', input)
      .when({ type: 'pay', facts: { ...payable, stock: 0 } })
      .thenRefused({ guard: 'isInStock', code: 'OUT_OF_STOCK', data: { stock: 0 } }));

  it('reminds once a day for as long as nobody pays', () =>
    given(order, 'PLACED', input)
      .when({ timer: 'REMINDER' })
      .then({
        state: 'PLACED',
        effects: ['shop.notify'],
        timers: ['REMINDER', 'PAYMENT_DUE'],
        context: { reminders: 1 },
      }));

  it('is cancelled when it is not paid in time', () =>
    given(order, 'PLACED', input)
      .when({ timer: 'PAYMENT_DUE' })
      .then({ state: 'CANCELLED', status: 'done', tags: ['failed', 'compensate'], timers: [] }));

  it('goes on with the payment it was told of', () =>
    given(order, 'PAYING', input)
      .when({ done: 'charge', output: { paymentId: 'pay_1' } })
      .then({
        state: 'PACKING',
        phase: 'label.printing,goods.picking',
        effects: ['shop.label'],
        context: { paymentId: 'pay_1' },
      }));

  it('waits for payment again when the card is declined', () =>
    given(order, 'PAYING', input)
      .when({ failed: 'charge', error: { code: 'declined' } })
      .then({ state: 'PLACED', timers: ['REMINDER', 'PAYMENT_DUE'] }));

  it('cannot be cancelled while the money is on its way', () =>
    given(order, 'PAYING', input).when({ type: 'cancel' }).thenRefused({ verdict: 'FORBIDDEN_IN_STATE' }));

  it('is shipped when the last of goods and label is ready', () =>
    given(order, 'PACKING.label.printed', input)
      .when({ type: 'picked' })
      .then({ state: 'SHIPPED', timers: ['DELIVERY'] }));

  it('takes no more notes than there is room for', () =>
    given(order, 'PLACED', { ...input, notes: ['a', 'b'] })
      .when({ type: 'note', text: 'c' })
      .thenRefused({ guard: 'hasRoom', code: 'TOO_MANY_NOTES' }));
});
