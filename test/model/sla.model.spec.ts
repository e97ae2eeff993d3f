import { sla, type Schedule, type SlaInput } from '../../machines/sla.js';
import type { InstanceView } from '../../src/engine/reading.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const HOUR = 3_600_000;
const at = Date.UTC(2026, 0, 5, 12);
const schedule = (warnAt: number, dueAt: number): Schedule => ({
  thresholdMs: 24 * HOUR,
  countedMs: 0,
  since: at - 24 * HOUR,
  warnAt,
  dueAt,
  ruleRevision: 1,
  calendar: '',
});
/** What the rule says at the moment of an event, as the clock is told. */
const LATER = { schedule: schedule(at + HOUR, at + 2 * HOUR) };
const TO_WARN = { schedule: schedule(at - HOUR, at + HOUR) };
const DUE = { schedule: schedule(at - 2 * HOUR, at - HOUR) };
const WITHDRAWN = { schedule: null };
const stamped = (facts: object[], fields: object = {}) => facts.map((fact) => ({ at, facts: fact, ...fields }));

const input: SlaInput & { instanceId: string; tenant: string; at: number } = {
  ...schedule(at + 19 * HOUR, at + 24 * HOUR),
  instanceId: 'wf_model',
  tenant: 'demo',
  at,
  clockId: 1,
  ruleId: 1,
  metric: 'triage_sla',
  itemType: 'signal',
  itemId: 1,
  reasonCode: 'untouched',
  ownerId: null,
};

const exploration = {
  input: { ...input },
  cases: {
    'xstate.after.WARNING.sla.running.quiet': stamped([LATER, TO_WARN, DUE, WITHDRAWN]),
    'xstate.after.DEADLINE.sla.running': stamped([DUE, LATER, WITHDRAWN]),
    'sla.met': stamped([{}], { reason: 'signal.touched' }),
    'sla.withdrawn': stamped([{}], { reason: 'rule' }),
    'sla.paused': stamped([{}], { reason: 'They have to answer first' }),
    'sla.resumed': stamped([LATER, WITHDRAWN]),
    'sla.rescheduled': stamped([LATER, WITHDRAWN]),
  },
  facets: (context: unknown) => (context as { warnedAt: number | null }).warnedAt === null,
};

/** The shortest time that a rule can give, hours: half a minute. */
const SHORTEST = 0.01;
/** How many hours the clock will have run at a moment, or has run now when that is later. */
const hoursSince = (moment: string): string =>
  `((extract(epoch from greatest(engine.now(), ${moment})) * 1000 - $2) / 3600000)::float8`;

let number = 0;
const realisation: Realisation = {
  async start(live: LiveService) {
    await live.owner.query(
      `update workstream.sla_rules set threshold_hrs = 24, warn_pct = 80, is_active = true where tenant = 'demo' and metric = 'triage_sla'`,
    );
    const { body } = await live.call('POST', '/api/signals', { source_type: 'note', dedupe_key: `model-${++number}` });
    // So that the shortest time is over, whichever timer fires first.
    await live.call('POST', '/admin/clock', { advance: '60s' });
    const { rows } = await live.owner.query<{ id: string }>(
      'select workflow_instance_id as id from workstream.sla_clocks where item_id = $1',
      [body['signal_id']],
    );
    return String(rows[0]?.id);
  },
  arrange: {
    /** Gives the rule as much time as makes the real clock, when its timer fires, what the model says it is. */
    async schedule(value: unknown, { id, context }: InstanceView, live: LiveService) {
      const told = value as Schedule | null;
      const { rows } = await live.owner.query<{ first: number; last: number }>(
        `select ${hoursSince('min(due_at)')} as first, ${hoursSince('max(due_at)')} as last from engine.timers where instance_id = $1 and fired_at is null`,
        [id, (context as unknown as Schedule).since],
      );
      const { first, last } = rows[0] ?? { first: 0, last: 0 };
      const [hours, warnPct] =
        told === null || told.warnAt > at ? [4 * last + 100, 80] : told.dueAt > at ? [2 * first, 40] : [SHORTEST, 50];
      await live.owner.query(
        `update workstream.sla_rules set threshold_hrs = $1, warn_pct = $2, is_active = $3 where tenant = 'demo' and metric = 'triage_sla'`,
        [hours, warnPct, told !== null],
      );
    },
  },
};

// R001-54, R001-59: warned once, breached once, met, resolved, paused, rescheduled and withdrawn, through the real rule and calendar.
coverEveryTransition(sla, [{ exploration, realisation }]);
refuseEverythingElse(sla, exploration, realisation);
