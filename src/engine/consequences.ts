/** What would follow from a step, told to people before it happens. */
import type { Effect, Json } from './core/driver.js';

/** What a step has done in the world, and which deadlines it arms and ends. */
export interface Consequences {
  effects: { kind: 'job' | 'command'; type: string; params: Json }[];
  timersArmed: { id: string; delayMs: number }[];
  timersCancelled: string[];
  jobsCancelled: string[];
}

/** What effects amount to, sorted for people. */
export function consequences(effects: readonly Effect[]): Consequences {
  const result: Consequences = {
    effects: [],
    timersArmed: [],
    timersCancelled: [],
    jobsCancelled: [],
  };
  for (const effect of effects) {
    switch (effect.kind) {
      case 'job':
        result.effects.push({ kind: 'job', type: effect.type, params: effect.input });
        break;
      case 'command':
        result.effects.push({ kind: 'command', type: effect.type, params: effect.params });
        break;
      case 'emit':
        result.effects.push({ kind: 'command', type: `emit:${effect.event.type}`, params: effect.event });
        break;
      case 'timer':
        result.timersArmed.push({ id: effect.id, delayMs: effect.delayMs });
        break;
      case 'cancelTimer':
        result.timersCancelled.push(effect.id);
        break;
      case 'cancelJob':
        result.jobsCancelled.push(effect.id);
    }
  }
  return result;
}
