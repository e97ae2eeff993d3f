/** What the engine needs besides the machines: payload shapes and effect handlers. */
import { createRequire } from 'node:module';
import { deadline } from './lifecycles.mjs';
import { order } from './order.mjs';

// The product's own copy: rules are looked up where they were put down.
const { IsString, MaxLength } = createRequire(new URL('../../../package.json', import.meta.url))('class-validator');

class Advance {}
IsString()(Advance.prototype, 'note');
MaxLength(200)(Advance.prototype, 'note');
class Nothing {}

/** @param {(key: string) => void} onTold hears of each handler that starts, with the key of its effect */
export const hostOrder = (onTold) => ({
  lifecycle: order,
  payloads: { advance: Advance, cancel: Nothing },
  facts: {},
  effects: {
    'bench.tell': async (_, { key }) => {
      onTold(key);
      return { kind: 'done' };
    },
  },
});

export const hostDeadline = () => ({ lifecycle: deadline, payloads: { close: Nothing }, facts: {}, effects: {} });
