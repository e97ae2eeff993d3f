import { BASELINE_WINDOWS, baselineOf, pointsOf } from '../../../src/automation/patterns/baseline.js';
import { fieldOf, valueAt, type Seen } from '../../../src/automation/patterns/event.js';
import { mark } from '../../../src/automation/patterns/events.store.js';
import { baseline, enough, measure } from '../../../src/automation/patterns/measuring.js';
import { holds, measured, metricIn } from '../../../src/automation/patterns/metric.js';
import { summedUp, valueOf, type Running } from '../../../src/automation/patterns/running.js';
import { OPERATORS } from '../../../src/automation/patterns/pattern.js';
import type { Json } from '../../../src/engine/core/driver.js';
import { Database } from '../../../src/platform/database.js';
import { Random } from '../../simulation/random.js';
import { workstream } from '../../support/workstream.js';

const service = workstream();
const SEED = 20_260_301;
const CASES = 150;
const AT = Date.UTC(2026, 2, 1, 12);
const WINDOW_MS = 600_000;
const METRICS = [
  'COUNT(*)',
  'RATE',
  'COUNT(DISTINCT data.kind)',
  'COUNT(DISTINCT userId)',
  ...['SUM', 'AVG', 'MIN', 'MAX'].map((name) => `${name}(data.amount)`),
];
const GROUPS = [undefined, 'userId', 'data.kind', 'data.amount'];
const TYPES = ['order.placed', 'order.paid', 'login'];

const random = new Random(SEED);
const one = <T>(list: readonly T[]): T => list[random.below(list.length)] as T;

/** An event with what patterns meet: numbers that are none, fields that are not there, texts that look like numbers. */
function eventAt(index: number): Seen {
  const amounts: Json[] = [0, 1, -3, 2.5, 1e9, 0.1, '7', null, true, [1], { n: 1 }];
  const kinds: Json[] = ['a', 'b', 1, 1.5, null, true, 'it’s'];
  return {
    id: `measured:${index}`,
    type: one(TYPES),
    source: 'api',
    userId: one(['u1', 'u2', null]),
    sessionId: null,
    // Also on the very edges of windows.
    at: AT - one([0, 1, WINDOW_MS, WINDOW_MS - 1, random.below(9 * WINDOW_MS)]),
    data: { ...(random.chance(0.9) && { amount: one(amounts) }), ...(random.chance(0.9) && { kind: one(kinds) }) },
    metadata: {},
  };
}

describe('metrics that the database reckons', () => {
  it(`are those of the pure decisions, which trials reckon with: ${CASES} questions about 400 events (seed ${SEED}; R002-32, R002-33)`, async () => {
    const events = Array.from({ length: 400 }, (_, index) => eventAt(index)).sort((left, right) => left.at - right.at);
    const different: unknown[] = [];
    await service.live.app.get(Database).transaction('demo', async (tx) => {
      for (const event of events) await mark(tx, event);
      for (let n = 0; n < CASES; n++) {
        const [text, groupBy, eventType] = [one(METRICS), one(GROUPS), one([...TYPES, 'order.*', '*'])];
        const metric = metricIn(text);
        if (!metric) throw new Error(`${text} is no metric`);
        const field = groupBy === undefined ? null : fieldOf(groupBy);
        const values = events.map((event) => (field ? valueAt(event, field) : null));
        const value = one(
          values.filter((known) => known !== undefined && (field === null || typeof known !== 'object')),
        );
        const group = field ? { field, value: value ?? null } : null;
        const mine = events.filter(
          (event) =>
            (eventType.endsWith('*') ? event.type.startsWith(eventType.slice(0, -1)) : event.type === eventType) &&
            (field === null || valueAt(event, field) === value),
        );
        const inside = mine.filter(({ at }) => at > AT - WINDOW_MS);
        const scope = { eventType, group };
        const span = { from: AT - WINDOW_MS, to: null };
        const [pure, sql] = [measured(metric, inside, WINDOW_MS), await measure(tx, scope, metric, span, WINDOW_MS)];
        const watched = mine.filter(({ at }) => at >= AT - (BASELINE_WINDOWS + 1) * WINDOW_MS);
        const usual = baselineOf(pointsOf(metric, watched, AT, WINDOW_MS));
        const known = await baseline(tx, scope, metric, AT, WINDOW_MS);
        // What is counted only as far as it decides has the same verdict.
        const limit = one([0, 1, 3, 10, 0.01, 0.5, -1]);
        const few = await measure(tx, scope, metric, span, WINDOW_MS, enough(metric, limit, WINDOW_MS));
        const verdicts = (of: number | undefined) =>
          OPERATORS.map((operator) => of !== undefined && holds(of, operator, limit));
        const isSame =
          near(pure, sql) &&
          usual.points === known.points &&
          near(usual.mean, known.mean) &&
          near(usual.deviation, known.deviation) &&
          JSON.stringify(verdicts(pure)) === JSON.stringify(verdicts(few));
        if (!isSame) different.push({ text, groupBy, value, eventType, pure, sql, usual, known, limit, few });
      }
    });
    expect(different).toEqual([]);
  });

  it('are kept up from event to event as if all of the window were read, in whatever order events come (R002-32)', async () => {
    const field = fieldOf('data.amount');
    const scope = { eventType: 'kept.up', group: { field: fieldOf('userId'), value: 'u1' } };
    const different: unknown[] = [];
    await service.live.app.get(Database).transaction('demo', async (tx) => {
      let running: Running | undefined;
      for (let n = 0; n < CASES; n++) {
        const at = AT + n * 20_000;
        const from = at - WINDOW_MS;
        const happened = at - one([0, 1, WINDOW_MS, WINDOW_MS - 1, WINDOW_MS + 5_000, random.below(2 * WINDOW_MS)]);
        const event = { ...eventAt(n), id: `kept:${n}`, type: 'kept.up', userId: 'u1', at: happened };
        expect(await mark(tx, event)).toEqual({ wasThere: false });
        expect(await mark(tx, event)).toBeUndefined();
        // Now and then the clock reads all of it; here it does not.
        running = await summedUp(tx, scope, field, running && { ...running, readAt: at }, {
          from,
          at,
          since: 0,
          event,
        });
        for (const kind of ['sum', 'avg'] as const) {
          const whole = await measure(tx, scope, { kind, field }, { from, to: null }, WINDOW_MS);
          if (!near(whole, valueOf(kind, running))) different.push({ n, kind, whole, running });
        }
      }
    });
    expect(different).toEqual([]);
  });

  it('count no further than decides, and know how far that is', async () => {
    const count = metricIn('COUNT(*)');
    if (!count) throw new Error('COUNT(*) is no metric');
    const scope = { eventType: '*', group: null };
    const few = await service.live.app
      .get(Database)
      .transaction('demo', (tx) => measure(tx, scope, count, { from: 0, to: null }, WINDOW_MS, 3));
    expect(few).toBe(3);
    expect([enough(count, 5, WINDOW_MS), enough(count, -2, WINDOW_MS), enough({ kind: 'rate' }, 0.5, 60_000)]).toEqual([
      6, 1, 31,
    ]);
    expect(enough({ kind: 'sum', field: fieldOf('n') }, 5, WINDOW_MS)).toBeUndefined();
  });
});

/** The same but for rounding; both nothing, or neither. */
function near(left: number | undefined, right: number | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return Math.abs(left - right) <= 1e-9 * Math.max(1, Math.abs(left), Math.abs(right));
}
