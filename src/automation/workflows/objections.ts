/** What is wrong with the ways through a workflow and with what its steps refer to (R002-40, R002-52). Pure. */
import { holesIn, RESERVED } from '../../../machines/execution.references.js';
import { durationMs } from '../../../machines/execution.steps.js';
import type { Value } from '../../../machines/execution.types.js';
import { calledBy } from './calls.js';
import type { Definition, WrittenStep } from './definition.js';
import { promptOf } from './prompt.js';

/** Writes an objection down. */
export type Objecting = (field: string, message: string) => void;

/** Loops within loops. */
const DEEPEST = 3;

/** Objects to ways that lead nowhere. @returns what is odd, and no reason to refuse it */
export function wayObjections({ steps, startStep }: Definition, object: Objecting): string[] {
  const known = new Map(steps.map((step) => [step.id, step]));
  const inside = new Map<string, string>();
  steps.forEach((step, index) => {
    const at = `steps.${index}`;
    if (steps.findIndex(({ id }) => id === step.id) !== index) object(`${at}.id`, `${step.id} is there before`);
    if (RESERVED.has(step.id)) object(`${at}.id`, `${step.id} means something else in references`);
    for (const [field, target] of waysOf(step))
      if (!known.has(target)) object(`${at}.${field}`, `there is no step ${target}`);
    for (const id of innerOf(step)) {
      const owner = inside.get(id);
      if (owner !== undefined) object(`${at}.${step.type}.steps`, `${id} is a step of ${owner} already`);
      inside.set(id, step.id);
      const inner = known.get(id);
      if (step.type === 'parallel' && inner && !isAtOnce(inner))
        object(`${at}.parallel.steps`, `${id} is a ${inner.type}, which cannot be done beside others`);
    }
  });
  // Only now is it known what is inside of what.
  steps.forEach((step, index) => {
    if (step.type === 'loop' && depthOf(step.id, inside) > DEEPEST)
      object(`steps.${index}.loop`, `loops are nested deeper than ${DEEPEST}, or within themselves`);
  });
  branchObjections(steps, object);
  if (!known.has(startStep)) object('startStep', `there is no step ${startStep}`);
  else if (inside.has(startStep)) object('startStep', `${startStep} is a step of ${inside.get(startStep)}`);
  const reached = reachedFrom(startStep, known);
  return steps.filter(({ id }) => !reached.has(id)).map(({ id }) => `no way leads to ${id}`);
}

/** Loops with a condition that leads somewhere (R002-43, R002-44). */
export function branchingLoops(steps: readonly WrittenStep[]): ReadonlySet<string> {
  const known = new Map(steps.map((step) => [step.id, step]));
  const isBranch = (id: string): boolean => {
    const step = known.get(id);
    return step?.type === 'condition' && (step.condition.onTrue !== undefined || step.condition.onFalse !== undefined);
  };
  return new Set(steps.flatMap((step) => (step.type === 'loop' && step.loop.steps.some(isBranch) ? [step.id] : [])));
}

/** In a loop whose conditions lead somewhere, every way leads further down its list: an iteration does no step twice. */
function branchObjections(steps: readonly WrittenStep[], object: Objecting): void {
  const branching = branchingLoops(steps);
  for (const loop of steps) {
    if (loop.type !== 'loop' || !branching.has(loop.id)) continue;
    const order = loop.loop.steps;
    steps.forEach((step, index) => {
      const place = order.indexOf(step.id);
      if (place < 0) return;
      for (const [field, target] of waysOf(step).filter(([way]) => !way.endsWith('.steps')))
        if (order.indexOf(target) <= place)
          object(`steps.${index}.${field}`, `${target} is no step of ${loop.id} behind ${step.id}`);
    });
  }
}

/** What references can begin with. */
export const rootsOf = (steps: readonly WrittenStep[]): ReadonlySet<string> =>
  new Set([...RESERVED, ...steps.map(({ id }) => id)]);

/** Objects to references that are none, or whose first word nothing is called. */
export function referenceObjections(steps: readonly WrittenStep[], object: Objecting): void {
  const roots = rootsOf(steps);
  steps.forEach((step, index) => {
    for (const [field, template] of templatesOf(step)) {
      try {
        const value = template(roots);
        for (const { path } of holesIn(value))
          if (!roots.has(path[0] ?? '')) object(`steps.${index}.${field}`, `nothing is called ${path[0]}`);
      } catch (error) {
        object(`steps.${index}.${field}`, error instanceof Error ? error.message : 'has a reference that is none');
      }
    }
  });
}

/** Objects to what is no duration; a reference may come to be one. */
export function durationObjection(text: string, field: string, object: Objecting): void {
  if (!text.includes('{{') && durationMs(text) === undefined)
    object(field, `Invalid time window: ${text.slice(0, 40)}; 30s, 15m, 24h or 7d, at most 30d`);
}

function waysOf(step: WrittenStep): [string, string][] {
  const ways: [string, string | undefined][] = [['next', step.next]];
  if (step.type === 'condition')
    ways.push(['condition.onTrue', step.condition.onTrue], ['condition.onFalse', step.condition.onFalse]);
  for (const id of innerOf(step)) ways.push([`${step.type}.steps`, id]);
  return ways.filter((way): way is [string, string] => way[1] !== undefined);
}

function innerOf(step: WrittenStep): readonly string[] {
  if (step.type === 'loop') return step.loop.steps;
  return step.type === 'parallel' ? step.parallel.steps : [];
}

const isAtOnce = ({ type }: WrittenStep): boolean =>
  ['action', 'webhook', 'ai', 'condition', 'transform'].includes(type);

/** How many loops a step is in, itself included; too many when it is in itself. */
function depthOf(id: string, inside: ReadonlyMap<string, string>): number {
  let depth = 1;
  for (let owner = inside.get(id); owner !== undefined && depth <= DEEPEST; owner = inside.get(owner)) depth += 1;
  return depth;
}

function reachedFrom(start: string, known: ReadonlyMap<string, WrittenStep>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const step = known.get(id);
    if (!step || reached.has(id)) continue;
    reached.add(id);
    open.push(...waysOf(step).map(([, target]) => target));
  }
  return reached;
}

/** The parts of a step that references may stand in, once it is known what they can begin with. */
function templatesOf(step: WrittenStep): [string, (roots: ReadonlySet<string>) => Value][] {
  if (step.type === 'ai')
    return [
      ['ai.prompt', (roots) => promptOf(step.ai, roots)],
      ['ai', () => ({ ...step.ai, prompt: '' })],
    ];
  const called = calledBy(step);
  if (called) return [[`${step.type}${step.type === 'action' ? '.config' : ''}`, () => called.config]];
  switch (step.type) {
    case 'delay':
      return [['delay.duration', () => step.delay.duration]];
    case 'loop':
      return [['loop.items', () => step.loop.items]];
    case 'transform':
      return [['transform.input', () => step.transform.input ?? null]];
    default:
      return [];
  }
}
