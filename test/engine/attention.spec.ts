import { Attention } from '../../src/engine/workers/attention.js';

let now: number;
let attention: Attention;

describe('what a worker asks about', () => {
  beforeEach(() => {
    now = 1_000;
    attention = new Attention(() => now);
  });

  it('is everything at first, then what there is news of, each once', () => {
    expect(attention.pay()).toBeUndefined();
    attention.draw('shop.ship');
    attention.draw('shop.notify');
    attention.draw('shop.ship');
    expect([...(attention.pay() ?? [])]).toEqual(['shop.ship', 'shop.notify']);
    expect([...(attention.pay() ?? ['everything'])]).toEqual([]);
  });

  it('is everything when the news does not say of what', () => {
    attention.pay();
    attention.draw('shop.ship');
    attention.draw();
    expect(attention.pay()).toBeUndefined();
  });

  it('is everything twenty times a second, because retries fall due without news', () => {
    attention.pay();
    attention.draw('shop.ship');
    now += 49;
    expect(attention.pay()).toEqual(new Set(['shop.ship']));
    now += 1;
    expect(attention.pay()).toBeUndefined();
    expect(attention.pay()).toEqual(new Set());
  });
});
