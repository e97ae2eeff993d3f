/** Domain events of one module, heard by another: an effect of its own for each, written down with the transition that tells of it. */
import type { Driver, Effect, Json, Step } from './core/driver.js';
import type { EffectHandler, EffectPolicy } from './host.js';

/** Who listens to what. */
export interface Listener {
  /** Lifecycles whose events are heard, by name. */
  lifecycles: readonly string[];
  /** Events that are heard, by name; all of them when left out. */
  events?: readonly string[];
  /** End states that are heard too: `Ended`. */
  ends?: readonly string[];
  /** The type of the effects; their input is `Heard` or `Ended`. */
  effect: string;
  handler: EffectHandler;
  policy?: Partial<EffectPolicy>;
}

/** An event that was heard. */
export interface Heard {
  lifecycle: string;
  event: { type: string; [field: string]: Json };
}

/** An instance that came to its end. */
export interface Ended {
  lifecycle: string;
  ended: string;
  output: Json;
}

/** The driver, whose steps also tell the listeners. What they are told stands behind everything the machine wants, and changes no key of it. */
export function relaying(driver: Driver, lifecycle: string, listeners: readonly Listener[]): Driver {
  const told = (step: Step): Step => {
    const listening = listeners.filter(({ lifecycles }) => lifecycles.includes(lifecycle));
    if (listening.length === 0) return step;
    const news = [
      ...step.effects.flatMap((effect) =>
        effect.kind === 'emit'
          ? listening
              .filter(({ events }) => events?.includes(effect.event.type) ?? true)
              .map((listener) => letterTo(listener, { lifecycle, event: effect.event }))
          : [],
      ),
      ...listening.flatMap((listener) => endOf(listener, lifecycle, step)),
    ];
    return news.length === 0 ? step : { ...step, effects: [...step.effects, ...news] };
  };
  return {
    ...driver,
    start: async (input, how) => told(await driver.start(input, how)),
    step: async (snapshot, event, how) => told(await driver.step(snapshot, event, how)),
    force: async (snapshot, target, event, options) => told(await driver.force(snapshot, target, event, options)),
  };
}

const letterTo = ({ effect }: Listener, { lifecycle, event }: Heard): Effect => ({
  kind: 'command',
  type: effect,
  params: { lifecycle, event },
});

/** What is done takes no more steps, so that an end is told once, and once more when an administrator forces it. */
const endOf = ({ effect, ends = [] }: Listener, lifecycle: string, { status, state, output }: Step): Effect[] =>
  status === 'done' && ends.includes(state)
    ? [{ kind: 'command', type: effect, params: { lifecycle, ended: state, output: output ?? null } }]
    : [];
