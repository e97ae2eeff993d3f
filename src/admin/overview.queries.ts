/** Figures of one tenant for the overview. Nothing is locked; the instances of the tenant are read through once, so whoever asks keeps the answer for a while. */
import type { Tx } from '../platform/database.js';
import type { EffectFigures, MessageFigures, StateFigure, TimerFigures } from './overview.dto.js';

/** Rows; more states than all lifecycles together have. */
const MOST_STATES = 2_000;

export const instances = (tx: Tx): Promise<StateFigure[]> =>
  tx.query(
    `select lifecycle, state, status, count(*) as count from engine.instances
      where tenant = engine.tenant() group by 1, 2, 3 order by 1, 4 desc, 2, 3 limit $1`,
    [MOST_STATES],
  );

export const effects = async (tx: Tx): Promise<EffectFigures> =>
  (await tx.one<EffectFigures>(
    `select count(*) filter (where stage = 'open') as waiting, count(*) filter (where stage = 'dead') as dead,
            coalesce(greatest(0, round(extract(epoch from engine.now() - min(next_attempt_at) filter (where stage = 'open')))), 0)::float8 as "lagSeconds"
       from engine.outbox where tenant = engine.tenant() and stage is not null`,
    [],
  )) ?? { waiting: 0, dead: 0, lagSeconds: 0 };

export const timers = async (tx: Tx): Promise<TimerFigures> =>
  (await tx.one<TimerFigures>(
    `select count(*) as armed, count(*) filter (where due_at < engine.now() - interval '1 minute') as overdue,
            count(*) filter (where dead_at is not null) as dead
       from engine.timers where tenant = engine.tenant() and fired_at is null`,
    [],
  )) ?? { armed: 0, overdue: 0, dead: 0 };

export const messages = async (tx: Tx): Promise<MessageFigures> =>
  (await tx.one<MessageFigures>(
    `select count(*) filter (where status = 'received') as waiting, count(*) filter (where status = 'quarantined') as quarantined,
            count(*) filter (where status = 'failed') as failed
       from engine.inbox where tenant = engine.tenant() and status in ('received', 'quarantined', 'failed')`,
    [],
  )) ?? { waiting: 0, quarantined: 0, failed: 0 };
