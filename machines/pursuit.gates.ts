/** The checklist gates of a pursuit: where they stand, and what they ask for (R001-28 to R001-32). Pure. */
import type { Refusal } from '../src/engine/authoring.js';
import type { PursuitFacts, PursuitStage } from './pursuit.types.js';

/** The gates, in the order in which a pursuit comes to them. */
export const GATES = ['pink_to_red', 'red_to_submit', 'submit_to_close'] as const;
/** One of GATES. */
export type Gate = (typeof GATES)[number];

/** Something that has to be done before a gate opens. */
export interface GateItem {
  key: string;
  label: string;
  /** False for a reminder that holds nobody up. */
  required: boolean;
  /** Not asked for when the pursuit is lost (R001-32). */
  wonOnly: boolean;
}

/** Gates stand between these stages. */
const ORDER: readonly PursuitStage[] = ['qual', 'pink', 'red', 'submit', 'won'];
const FIRST_GATE_AFTER = 1;

/**
 * The gates on the way from one stage to another: one on the edge pink→red, one on red→submit, one on submit→won and submit→lost
 * (R001-29). A way of the tenant's own that skips stages leads through the gates in between; backwards, and out early, there are none.
 */
export function gatesBetween(from: PursuitStage, to: PursuitStage): readonly Gate[] {
  if (to === 'lost') return from === 'submit' ? ['submit_to_close'] : [];
  const [start, end] = [ORDER.indexOf(from), ORDER.indexOf(to)];
  return GATES.filter((_, index) => index + FIRST_GATE_AFTER >= start && index + FIRST_GATE_AFTER < end);
}

/** What a gate asks for on the way to a stage. */
export const requiredFor = (items: readonly GateItem[], to: PursuitStage): readonly string[] =>
  items.filter(({ required, wonOnly }) => required && !(wonOnly && to === 'lost')).map(({ key }) => key);

/** What is still missing: what the checklist does not show as done, be it open or not there at all. */
export function missingAt(
  gate: Gate,
  asked: readonly string[],
  checklist: PursuitFacts['checklist'],
): readonly string[] {
  const done = new Set(checklist.filter((item) => item.gate === gate && !item.is_open).map(({ item_key }) => item_key));
  return asked.filter((key) => !done.has(key));
}

/** How a gate says no (R001-28). */
export const blocked = (gate: Gate, missing: readonly string[], required: readonly string[]): Refusal => ({
  code: 'GATE_BLOCKED',
  message: `the gate ${gate} is closed, missing: ${missing.join(', ')}`,
  missing,
  clearedBy: ['sales', 'operator', 'admin'],
  data: { gate_type: gate, missing_items: missing, required_items: required },
});
