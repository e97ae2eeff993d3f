/** What actions and invokes ask of the world, as effects. */
import type { AnyStateMachine, ExecutableActionObject } from 'xstate';
import { EngineFault, type Effect, type Json } from './driver.js';
import { toJson } from './json.js';
import { declarationOf, field } from './machine.js';

/** The work of an invoke. */
export function job(machine: AnyStateMachine, { params }: ExecutableActionObject): Effect {
  const id = String(field(params, 'id'));
  const declaration = declarationOf(machine.implementations.actors[String(field(params, 'src'))]);
  if (!declaration) throw new EngineFault('NOT_DURABLE', `invoke ${id} is not declared with durable()`);
  const { compensate, ordered } = declaration.options;
  const input = toJson(field(params, 'input') ?? null, `input of ${id}`);
  return { kind: 'job', id, type: declaration.effect, input, ...given({ compensate, ordered }) };
}

/** The work that an action asks for, and that nobody waits for unless it is one of several that are answered. */
export function commands({ type, params, exec }: ExecutableActionObject): Effect[] {
  const declaration = declarationOf(exec);
  if (!declaration) throw new EngineFault('UNSUPPORTED', `action ${type} is not declared with effect()`);
  const { effect, options, isSeveral } = declaration;
  const { compensate, ordered, as } = options;
  const how = given({ compensate, ordered });
  const json = toJson(params ?? null, `params of ${type}`);
  if (!isSeveral) return [{ kind: 'command', type: effect, params: json, ...how }];
  return numbered(json, type).map(({ id, input }) =>
    as === undefined
      ? { kind: 'command', type: effect, params: input, ...how }
      : { kind: 'job', id: `${as}:${id}`, type: effect, input, ...how },
  );
}

function numbered(params: Json, type: string): { id: number; input: Json }[] {
  const work = field(params, 'work');
  if (!Array.isArray(work)) throw new EngineFault('UNSUPPORTED', `action ${type} is given no list of work`);
  return work.map((one) => ({ id: Number(field(one, 'id')), input: toJson(field(one, 'input'), `work of ${type}`) }));
}

const given = ({ compensate, ordered }: { compensate: string | undefined; ordered: boolean | undefined }) => ({
  ...(compensate === undefined ? {} : { compensate }),
  ...(ordered === undefined ? {} : { ordered }),
});
