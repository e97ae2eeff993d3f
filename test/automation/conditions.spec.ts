import { conditionObjection, judge, MOST_STEPS } from '../../src/automation/rules/conditions.js';
import { find } from '../../src/automation/rules/patterns.js';
import { fillIn } from '../../src/automation/rules/template.js';
import { canonical, canonicalPattern, takes } from '../../src/automation/events/event.names.js';
import type { Json } from '../../src/engine/core/driver.js';

const data = { type: 'pursuit.won', payload: { amount: 5_000, tags: ['a', 'b'], mail: 'ann@example.com', note: null } };

describe('a condition', () => {
  it.each<[Json, boolean]>([
    [null, true],
    [{ '>': [{ var: 'payload.amount' }, 1_000] }, true],
    [{ '<': [100, { var: 'payload.amount' }, 6_000] }, true],
    [{ in: ['a', { var: 'payload.tags' }] }, true],
    [{ and: [{ var: 'payload.tags' }, { '!': { var: 'payload.note' } }] }, true],
    [{ or: [{ var: 'payload.nothing' }, { var: 'payload.note' }] }, false],
    [{ '==': [{ var: ['payload.nothing', 7] }, 7] }, true],
    [{ some: [{ var: 'payload.tags' }, { '==': [{ var: '' }, 'b'] }] }, true],
    [{ if: [{ '>': [{ var: 'payload.amount' }, 9_000] }, false, true] }, true],
    [{ '!': [{ missing: ['payload.amount', 'payload.mail'] }] }, true],
    [{ regex: [{ var: 'payload.mail' }, '^[a-z]+@example\\.com$'] }, true],
    [{ regex: [{ var: 'payload.mail' }, '(?i)^ANN@'] }, true],
    [{ regex: [{ var: 'payload.amount' }, '5'] }, false],
  ])('%j is %s (R001-75)', (condition, expected) => {
    expect(conditionObjection(condition)).toBeUndefined();
    expect(judge(condition, data)).toMatchObject({ ok: expected });
  });

  it('sees the data of the event and nothing behind it', () => {
    for (const path of ['constructor', '__proto__', 'payload.constructor.name', 'payload.tags.length.constructor'])
      expect(judge({ '!!': { var: path } }, data)).toMatchObject({ ok: false });
  });

  it('takes a bounded number of steps, whatever it is made of (R001-76)', () => {
    const list = Array.from({ length: 1_000 }, (_, n) => n);
    const heavy: Json = {
      reduce: [{ var: 'list' }, { '+': [{ var: 'accumulator' }, { '*': [{ var: 'current' }, 2, 3, 4, 5] }] }, 0],
    };
    expect(judge({ and: [heavy, heavy, heavy] }, { list })).toEqual({
      ok: false,
      fault: `it takes more than ${MOST_STEPS} steps`,
    });
  });

  it('is as good as its pattern, which cannot run away (R001-75)', () => {
    // A backtracking engine needs 2^n steps for these.
    for (const pattern of ['^(a+)+$', '^(a|aa)+$', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$'])
      expect(conditionObjection({ regex: [{ var: 'text' }, pattern] })).toBeUndefined();
    const { found, cost } = find('^(a+)+$', `${'a'.repeat(1_999)}!`);
    expect(found).toBe(false);
    expect(cost).toBeLessThan(MOST_STEPS);
    expect(judge({ regex: [{ var: 'text' }, '^(a+)+$'] }, { text: 'a'.repeat(100_000) })).toMatchObject({ ok: true });
  });
});

describe('a hole', () => {
  it.each<[Json, Json]>([
    ['{{ payload.amount }}', 5_000],
    ['{{payload.tags}}', ['a', 'b']],
    ['Won: {{ payload.amount }} by {{ payload.mail | upcase }}', 'Won: 5000 by ANN@EXAMPLE.COM'],
    [{ deep: [{ text: '{{ payload.tags | join: "+" }}' }] }, { deep: [{ text: 'a+b' }] }],
    ['{{ payload.nothing }}', null],
    ['[{{ payload.nothing }}]', '[]'],
    ['{{ payload.nothing | default: "none" }}', 'none'],
    ['{{ payload.constructor }}{{ payload.__proto__ }}', ''],
  ])('%j becomes %j (R001-75)', (template, expected) => {
    expect(fillIn(template, data)).toEqual(expected);
  });

  it('is not filled beyond what a text may be', () => {
    expect(() => fillIn('{{ payload.x }}{{ payload.x }}', { payload: { x: 'y'.repeat(15_000) } })).toThrow('more than');
  });
});

describe('the name of an event', () => {
  it.each([
    ['pursuit.won', 'pursuit.won'],
    ['Pursuit.Won', 'pursuit.won'],
    ['PursuitWon', 'pursuit.won'],
    ['Workstream.PursuitWon', 'pursuit.won'],
    ['Workstream.CandidatePromoted', 'candidate.promoted'],
    ['Candidate.Status.OnHold', 'candidate.status.on_hold'],
    ['SLA.Breached', 'sla.breached'],
    ['comms.thread-idle', 'comms.thread_idle'],
  ])('%s is %s (R001-79)', (given, expected) => {
    expect(canonical(given)).toBe(expected);
  });

  it.each(['won', '', 'a b.c', '.won', 'won.', 'a..b', 'ä.ö', `a.${'b'.repeat(100)}`])('%s is none', (given) => {
    expect(canonical(given)).toBeUndefined();
  });

  it('may be left open at its end by a trigger', () => {
    expect(canonicalPattern('Workstream.Pursuit.*')).toBe('pursuit.*');
    expect(canonicalPattern('*')).toBe('*');
    expect(canonicalPattern('*.won')).toBeUndefined();
    expect(takes('pursuit.*', 'pursuit.won')).toBe(true);
    expect(takes('pursuit.*', 'pursuits.won')).toBe(false);
    expect(takes('pursuit.won', 'pursuit.won.twice')).toBe(false);
  });
});
