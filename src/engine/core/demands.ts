/** What a machine names and its host must bring: effect handlers and fact loaders. */
import type { EffectOptions } from '../authoring.js';
import type { Lifecycle } from './lifecycle.js';

type Declared = { effect?: string; options?: EffectOptions; needs?: readonly string[]; guards?: readonly unknown[] };

/** Names of all effects (with their compensations) and all facts the lifecycle declares, each once. */
export function demands({ machine }: Lifecycle): { effects: string[]; facts: string[] } {
  const declared = (table: object) => Object.values(table) as Declared[];
  const doing = [...declared(machine.implementations.actions), ...declared(machine.implementations.actors)];
  return {
    effects: unique(doing.flatMap(({ effect, options }) => [effect, options?.compensate])),
    facts: unique(declared(machine.implementations.guards).flatMap(({ needs }) => [...(needs ?? [])])),
  };
}

const unique = (names: readonly (string | undefined)[]): string[] => [
  ...new Set(names.filter((name): name is string => name !== undefined)),
];
