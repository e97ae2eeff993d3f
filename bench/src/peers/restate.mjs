/**
 * The service that Restate calls: the same machine as ours, run by Restate's own XState package. Telling the customer does nothing here,
 * where it is a row of the outbox everywhere else.
 */
import { createServer } from 'node:http2';
import { createEndpointHandler } from '@restatedev/restate-sdk';
import { xstate } from '@restatedev/xstate';
import { orderMachine } from '../product/order.mjs';
import { answer } from '../rpc.mjs';

// The SDK was written for Node 22; this is all it misses in Node 20.
Promise.withResolvers ??= () => {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};

const order = xstate('order', orderMachine.provide({ actions: { tell: () => undefined } }));
const server = createServer(createEndpointHandler({ services: [order], logger: () => undefined }));

answer({
  listen: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`));
    }),
});
