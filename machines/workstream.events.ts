/** What the machines of the pipeline have in common: the events they tell the world of, their tables of moves, how they say no. Pure. */
import { rule, type Refusal, type Sender } from '../src/engine/authoring.js';

/** A domain event of the pipeline (R001-12, R001-79), kept in the outbox for whoever listens. */
export interface WorkEvent {
  /** Lower case, dotted: `pursuit.won`. */
  type: string;
  item_type: 'signal' | 'candidate' | 'pursuit';
  item_id: number;
  actor_user_id: string | null;
  payload: Readonly<Record<string, string | number | null>>;
}

/** Which states each state leads to. */
export type Moves = Readonly<Record<string, readonly string[]>>;

/** Who works in the pipeline; everybody else who may look at it only looks. */
export const WORKERS = ['sales', 'operator', 'admin', 'service'] as const;
/** Roles that see every item of the pipeline besides those that see everything. */
export const OVERSEERS = ['sales'] as const;

/** Who brought an event about; nobody at the start. */
export const actorOf = (event: object): string | null => ('caller' in event ? (event.caller as Sender).id : null);

/** Whether the tenant's table leads from one state to another (R001-22). Where the table stays silent, the way is closed. */
export const leadsTo = rule(
  ({ context }: { context: { moves: Moves } }, { from, to }: { from: string; to: string }): true | Refusal => {
    const allowed = context.moves[from] ?? [];
    return (
      allowed.includes(to) || {
        code: 'INVALID_TRANSITION',
        message: `${from} does not lead to ${to}`,
        data: { allowed },
      }
    );
  },
);
