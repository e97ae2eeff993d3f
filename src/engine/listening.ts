/** Domain events of one module, heard by another: an effect of its own for each, written down with the transition that tells of it. */
import type { Driver, Effect, Json, Step } from './core/driver.js';
import type { EffectHandler, EffectPolicy } from './host.js';

/** Who listens to what. */
export interface Listener {
  /** Lifecycles whose events are heard, by name. */
  lifecycles: readonly string[];
  /** The type of the effects; their input is `Heard`. */
  effect: string;
  handler: EffectHandler;
  policy?: Partial<EffectPolicy>;
}

/** An event that was heard. */
export interface Heard {
  lifecycle: string;
  event: { type: string; [field: string]: Json };
}

/** The driver, whose steps also tell the listeners. What they are told stands behind everything the machine wants, and changes no key of it. */
export function relaying(driver: Driver, lifecycle: string, listeners: readonly Listener[]): Driver {
  const told = (step: Step): Step => {
    const listening = listeners.filter(({ lifecycles }) => lifecycles.includes(lifecycle));
    if (listening.length === 0) return step;
    const news = step.effects.flatMap((effect) =>
      effect.kind === 'emit' ? listening.map((listener) => letterTo(listener, { lifecycle, event: effect.event })) : [],
    );
    return news.length === 0 ? step : { ...step, effects: [...step.effects, ...news] };
  };
  return {
    ...driver,
    start: async (input) => told(await driver.start(input)),
    step: async (snapshot, event) => told(await driver.step(snapshot, event)),
    force: async (snapshot, target, event, options) => told(await driver.force(snapshot, target, event, options)),
  };
}

const letterTo = ({ effect }: Listener, { lifecycle, event }: Heard): Effect => ({
  kind: 'command',
  type: effect,
  params: { lifecycle, event },
});
