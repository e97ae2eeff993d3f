/** Walks a driver through events, storing and restoring in between as the engine does. */
import type { EngineFault, Driver, Json, MachineEvent, Step } from '../../src/engine/core/driver.js';
import { DAY } from './toy.js';

/** What the toy starts with. */
export const ORDER = { instanceId: 'wf_1', tenant: 'acme', at: 0, amount: 50, dueMs: DAY };

/** A stamped event. */
export const event = (type: string, fields: object = {}): MachineEvent => ({
  at: 0,
  caller: { id: 'usr_1', roles: [] },
  facts: {},
  ...fields,
  type,
});

/** The toy's events on its way to being packed. */
export const pay = event('pay', { facts: { stock: 1, open: [], blocked: false } });
export const charged = event('xstate.done.actor.charge', { output: { paymentId: 'pay_1' } });

/** The last step of a walk. */
export async function after(driver: Driver, ...events: MachineEvent[]): Promise<Step> {
  let step = await driver.start(ORDER);
  for (const next of events) step = await driver.step(stored(step.snapshot), next);
  return step;
}

/** A snapshot as it comes back from the database. */
export const stored = (snapshot: Json): Json => JSON.parse(JSON.stringify(snapshot)) as Json;

/** Matches an EngineFault by its code. */
export const fault = (code: EngineFault['code']): unknown => expect.objectContaining({ name: 'EngineFault', code });
