import type { AnyStateMachine } from 'xstate';
import { fingerprint } from './fingerprint.js';
import type { Lifecycle, LifecycleSpec } from './lifecycle.js';
import { checkConditions } from './lint/conditions.js';
import { checkActions } from './lint/actions.js';
import { checkDeclarations } from './lint/declarations.js';
import { checkInvokes } from './lint/invokes.js';
import type { Problem } from './lint/problem.js';
import { checkReach } from './lint/reach.js';
import { checkTransitions } from './lint/transitions.js';

export type { Problem } from './lint/problem.js';

/** Everything in a lifecycle that would go wrong in production; empty when it can be hosted. */
export const lint = (spec: LifecycleSpec): Problem[] => [
  ...checkReach(spec.machine),
  ...checkTransitions(spec),
  ...checkConditions(spec),
  ...checkActions(spec.machine),
  ...checkInvokes(spec.machine),
  ...checkDeclarations(spec),
];

/** Answers the lifecycle, ready to be hosted. @throws Error listing every problem the lint finds */
export function checkLifecycle<M extends AnyStateMachine>(spec: LifecycleSpec<M>): Lifecycle<M> {
  const problems = lint(spec);
  if (problems.length > 0) throw new Error(report(spec, problems));
  const { options } = spec.machine;
  // XState's default is no limit at all: a loop would hang the process instead of failing the event.
  if (!Number.isFinite(options.maxIterations)) options.maxIterations = MAX_MICROSTEPS;
  // Without a prototype, so that an event that a sender calls `constructor` is not found.
  const events = Object.assign(Object.create(null) as Record<string, never>, spec.events);
  return { ...spec, events, fingerprint: fingerprint(spec.machine) };
}

/** Far more than any lifecycle takes in one step, far less than anyone would notice. */
const MAX_MICROSTEPS = 1_000;

const report = ({ name, version }: LifecycleSpec, problems: readonly Problem[]): string =>
  [
    `${name} v${version}: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
    ...problems.map(({ rule, at, message }) => `  ${rule} at ${at}: ${message}`),
  ].join('\n');
