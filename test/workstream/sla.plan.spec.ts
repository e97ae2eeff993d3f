import { plan, type Running, type Waiting } from '../../src/workstream/sla/sla.plan.js';
import { passed, scheduleOf } from '../../src/workstream/sla/sla.terms.js';

const HOUR = 3_600_000;
const waiting = (more: Partial<Waiting> = {}): Waiting => ({
  metric: 'triage_sla',
  stage: null,
  since: 1_000,
  at_stage: 'new',
  owner_id: null,
  rule_id: 7,
  threshold_hrs: 24,
  clock: 'wall',
  warn_pct: 80,
  revision: 1,
  pause_stages: ['on_hold'],
  ...more,
});
const nobodyAsks = {
  rule_id: null,
  threshold_hrs: null,
  clock: null,
  warn_pct: null,
  revision: null,
  pause_stages: null,
};
const running = (more: Partial<Running> = {}): Running => ({
  workflow_instance_id: 'wf_1',
  rule_id: 7,
  metric: 'triage_sla',
  stage: null,
  state: 'running',
  reason: null,
  started_at: 1_000,
  rule_revision: 1,
  calendar: '',
  ...more,
});
const told = (waits: Waiting[], clocks: Running[]) =>
  plan(waits, clocks, 'cal', 'signal.touched').map((act) =>
    act.kind === 'start' ? ['start', act.clock] : [act.event, 'reason' in act ? act.reason : null],
  );

describe('the clocks of an item', () => {
  it('are left alone when they are what they should be', () => {
    expect(told([waiting()], [running()])).toEqual([]);
    expect(told([], [])).toEqual([]);
    expect(told([waiting(nobodyAsks)], [])).toEqual([]);
  });

  it('are started, one for each rule', () => {
    const acts = told([waiting(), waiting({ rule_id: 8, threshold_hrs: 48 })], [running()]);
    expect(acts).toEqual([
      ['start', expect.objectContaining({ rule_id: 8, threshold_hrs: 48, since: 1_000, paused_by: null })],
    ]);
  });

  it('are met when nobody waits any more', () =>
    expect(told([], [running(), running({ state: 'breached', rule_id: 8 })])).toEqual([
      ['sla.met', 'signal.touched'],
      ['sla.met', 'signal.touched'],
    ]));

  it('end with their rule, but an open breach does not', () => {
    expect(told([waiting(nobodyAsks)], [running()])).toEqual([['sla.withdrawn', 'the rule is not active']]);
    expect(told([waiting(nobodyAsks)], [running({ state: 'breached' })])).toEqual([]);
  });

  it('begin anew when what they wait for did: a newer proposal was sent', () =>
    expect(told([waiting({ since: 2_000 })], [running({ state: 'breached' })])).toEqual([
      ['sla.withdrawn', 'begun anew'],
      ['start', expect.objectContaining({ since: 2_000 })],
    ]));

  it('take a changed rule, or a changed calendar when they count business time', () => {
    expect(told([waiting({ revision: 2 })], [running()])).toEqual([['sla.rescheduled', null]]);
    expect(told([waiting({ clock: 'business' })], [running({ calendar: 'old' })])).toEqual([['sla.rescheduled', null]]);
    expect(told([waiting({ clock: 'business' })], [running({ calendar: 'cal' })])).toEqual([]);
    expect(told([waiting({ revision: 2 })], [running({ state: 'breached' })])).toEqual([]);
  });

  it('stand still in the states that the rule names, and go on after them', () => {
    expect(told([waiting({ at_stage: 'on_hold' })], [running()])).toEqual([['sla.paused', 'stage: on_hold']]);
    expect(told([waiting({ at_stage: 'on_hold' })], [running({ state: 'paused', reason: 'stage: on_hold' })])).toEqual(
      [],
    );
    expect(told([waiting()], [running({ state: 'paused', reason: 'stage: on_hold' })])).toEqual([
      ['sla.resumed', null],
    ]);
    expect(told([waiting({ at_stage: 'on_hold' })], [])).toEqual([
      ['start', expect.objectContaining({ paused_by: 'stage: on_hold' })],
    ]);
  });

  it('that people have paused, people resume', () =>
    expect(told([waiting()], [running({ state: 'paused', reason: 'waiting for the customer' })])).toEqual([]));
});

describe('a rule in moments', () => {
  const week = Array.from({ length: 7 }, () => [[540, 1020]] as const);
  const office = { calendar: { zone: 'UTC', week, isClosed: () => false }, hash: 'cal' };
  const terms = { threshold_hrs: 8, clock: 'business' as const, warn_pct: 50, revision: 3 };
  const MONDAY = Date.UTC(2026, 0, 5);

  it('by the wall clock is a number of hours', () =>
    expect(scheduleOf({ ...terms, clock: 'wall' }, office, MONDAY, 0)).toEqual({
      thresholdMs: 8 * HOUR,
      countedMs: 0,
      since: MONDAY,
      warnAt: MONDAY + 4 * HOUR,
      dueAt: MONDAY + 8 * HOUR,
      ruleRevision: 3,
      calendar: '',
    }));

  it('by working hours is counted in them', () =>
    expect(scheduleOf(terms, office, MONDAY + 12 * HOUR, 0)).toMatchObject({
      warnAt: MONDAY + 16 * HOUR,
      dueAt: MONDAY + 36 * HOUR,
      calendar: 'cal',
    }));

  it('counts what had passed before a pause', () => {
    const counted = passed(terms, office, MONDAY, MONDAY + 12 * HOUR);
    expect(counted).toBe(3 * HOUR);
    expect(scheduleOf(terms, office, MONDAY + 24 * HOUR, counted)).toMatchObject({ dueAt: MONDAY + 38 * HOUR });
    expect(scheduleOf(terms, office, MONDAY, 9 * HOUR)).toMatchObject({ warnAt: MONDAY, dueAt: MONDAY });
  });
});
