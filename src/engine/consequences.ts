/** What would follow from a step, told to people before it happens. */
import type { Effect, Json, Step } from './core/driver.js';

/** What a force would do: shown by the dry run, done by the force. */
export interface ForcePreview {
  dryRun: true;
  from: string;
  to: string;
  status: Step['status'];
  effects: { kind: 'job' | 'command'; type: string; params: Json }[];
  timersArmed: { id: string; delayMs: number }[];
  timersCancelled: string[];
  jobsCancelled: string[];
}

/** What effects amount to, sorted for people. */
export function consequences(
  effects: readonly Effect[],
): Pick<ForcePreview, 'effects' | 'timersArmed' | 'timersCancelled' | 'jobsCancelled'> {
  const result: ReturnType<typeof consequences> = {
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
