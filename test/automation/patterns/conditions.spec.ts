import { matches } from '../../../src/automation/patterns/conditions.js';
import type { Seen } from '../../../src/automation/patterns/event.js';
import type { Conditions } from '../../../src/automation/patterns/pattern.js';

const event = (data: Seen['data'], type = 'order.placed'): Seen => ({
  ...{ id: 'e', type, source: 'api', userId: null, sessionId: null, at: 0, metadata: {} },
  data,
});
const fits = (conditions: Conditions, data: Seen['data']) => matches(event(data), 'order.placed', conditions);

describe('the type of an event (R002-29)', () => {
  it.each([
    ['order.placed', true],
    ['order.*', true],
    ['*', true],
    ['order', false],
    ['orders.*', false],
    ['order.placed.*', false],
  ])('%s takes order.placed: %s', (eventType, taken) => expect(matches(event({}), eventType)).toBe(taken));
});

describe('conditions on what an event says (R002-29)', () => {
  it.each<[string, Conditions, Seen['data'], boolean]>([
    ['a value is equal', { plan: 'pro' }, { plan: 'pro' }, true],
    ['a number is no text', { n: 1 }, { n: '1' }, false],
    ['what is missing is not null', { plan: null }, {}, false],
    ['null is null', { plan: null }, { plan: null }, true],
    ['a way with dots', { 'user.plan': 'pro' }, { user: { plan: 'pro' } }, true],
    ['a name with dots before a way', { 'user.plan': 'pro' }, { 'user.plan': 'pro', user: { plan: 'free' } }, true],
    ['a place of a list', { 'items.1': 'b' }, { items: ['a', 'b'] }, true],
    ['data. may be said', { 'data.plan': 'pro' }, { plan: 'pro' }, true],
    ['objects deeply, in any order', { o: { a: 1, b: [2] } }, { o: { b: [2], a: 1 } }, true],
    ['an object with more is another', { o: { a: 1 } }, { o: { a: 1, b: 2 } }, false],
    ['all conditions', { a: 1, b: 2 }, { a: 1, b: 3 }, false],
    ['no condition', {}, {}, true],
    ['gt', { n: { gt: 5 } }, { n: 6 }, true],
    ['gt is not equal', { n: { gt: 5 } }, { n: 5 }, false],
    ['gte', { n: { gte: 5 } }, { n: 5 }, true],
    ['lt and gte together', { n: { gte: 5, lt: 6 } }, { n: 5.5 }, true],
    ['lte of texts', { t: { lte: 'b' } }, { t: 'a' }, true],
    ['a number is not less than a text', { n: { lt: '9' } }, { n: 1 }, false],
    ['ne', { p: { ne: 'free' } }, { p: 'pro' }, true],
    ['ne of what is missing', { p: { ne: 'free' } }, {}, true],
    ['in', { p: { in: ['a', { b: 1 }] } }, { p: { b: 1 } }, true],
    ['not in', { p: { in: [] } }, { p: 1 }, false],
    ['exists', { p: { exists: true } }, { p: null }, true],
    ['exists not', { p: { exists: false } }, {}, true],
    ['a text contains', { t: { contains: 'ell' } }, { t: 'hello' }, true],
    ['a list contains', { t: { contains: { a: 1 } } }, { t: [{ a: 1 }] }, true],
    ['a number contains nothing', { t: { contains: 1 } }, { t: 11 }, false],
    ['nothing that every object has', { 'constructor.name': { exists: true } }, { a: 1 }, false],
    ['no length of a list', { 'items.length': { exists: true } }, { items: [] }, false],
  ])('%s', (_, conditions, data, isTrue) => expect(fits(conditions, data)).toBe(isTrue));
});
