import type { Route } from '../http.js';
import type { Operation } from './contract.js';
import { missing } from './failure.js';
import { accountOf, newCustomer } from './objects.js';
import { cancelIntent, captureIntent, confirmIntent, createIntent, intentOf } from './payments.js';
import { page, search } from './reading.js';
import { createRefund, createReversal, createTransfer, transferOf } from './transfers.js';
import type { Call, StripeWorld } from './world.js';

/** An operation and what it does; it answers the object. */
export interface Endpoint {
  operation: Operation;
  act: (world: StripeWorld, call: Call) => object;
}

const on = (method: string, path: RegExp, operation: Operation, act: Endpoint['act']): Route<Endpoint> => ({
  method,
  path,
  handle: { operation, act },
});

/** Everything the stand-in for Stripe answers to. */
export const ROUTES: readonly Route<Endpoint>[] = [
  on('POST', /^\/v1\/customers$/, 'customers.create', createCustomer),
  on('GET', /^\/v1\/customers\/search$/, 'customers.search', (world, { values }) =>
    search(world.customers.all(), values, '/v1/customers/search'),
  ),
  on('POST', /^\/v1\/payment_intents$/, 'payment_intents.create', createIntent),
  on('GET', /^\/v1\/payment_intents$/, 'payment_intents.list', (world, { values }) => {
    const customer = values.text('customer');
    const intents = world.intents.all().filter((intent) => customer === undefined || intent.customer === customer);
    return page(intents, values, '/v1/payment_intents');
  }),
  on('GET', /^\/v1\/payment_intents\/([^/]+)$/, 'payment_intents.retrieve', (world, { id }) => intentOf(world, id)),
  on('POST', /^\/v1\/payment_intents\/([^/]+)\/confirm$/, 'payment_intents.confirm', confirmIntent),
  on('POST', /^\/v1\/payment_intents\/([^/]+)\/capture$/, 'payment_intents.capture', captureIntent),
  on('POST', /^\/v1\/payment_intents\/([^/]+)\/cancel$/, 'payment_intents.cancel', cancelIntent),
  on('GET', /^\/v1\/charges\/([^/]+)$/, 'charges.retrieve', (world, { id }) => {
    const charge = world.charges.get(id);
    if (!charge) throw missing('charge', id);
    return charge;
  }),
  on('POST', /^\/v1\/transfers$/, 'transfers.create', createTransfer),
  on('GET', /^\/v1\/transfers$/, 'transfers.list', (world, { values }) => {
    const [group, destination] = [values.text('transfer_group'), values.text('destination')];
    const transfers = world.transfers
      .all()
      .filter(
        (transfer) =>
          (group === undefined || transfer.transfer_group === group) &&
          (destination === undefined || transfer.destination === destination),
      );
    return page(transfers, values, '/v1/transfers');
  }),
  on('POST', /^\/v1\/transfers\/([^/]+)\/reversals$/, 'transfers.createReversal', createReversal),
  on('GET', /^\/v1\/transfers\/([^/]+)\/reversals$/, 'transfers.listReversals', (world, { id, values }) => {
    const transfer = transferOf(world, id);
    const reversals = world.reversals.all().filter((reversal) => reversal.transfer === id);
    return page(reversals, values, transfer.reversals.url);
  }),
  on('POST', /^\/v1\/refunds$/, 'refunds.create', createRefund),
  on('GET', /^\/v1\/refunds$/, 'refunds.list', (world, { values }) => {
    const [intent, charge] = [values.text('payment_intent'), values.text('charge')];
    const refunds = world.refunds
      .all()
      .filter(
        (refund) =>
          (intent === undefined || refund.payment_intent === intent) &&
          (charge === undefined || refund.charge === charge),
      );
    return page(refunds, values, '/v1/refunds');
  }),
  on('GET', /^\/v1\/events$/, 'events.list', (world, { values }) => {
    const types = values.texts('types');
    const from = Number(values.map('created')['gte'] ?? 0);
    const events = world.events
      .all()
      .filter(({ type, created }) => created >= from && (types === undefined || types.includes(type)));
    return page(events, values, '/v1/events');
  }),
  on('GET', /^\/v1\/accounts\/(acct_[^/]+)$/, 'accounts.retrieve', (_, { id }) => accountOf(id)),
];

function createCustomer(world: StripeWorld, { values, key }: Call): object {
  const customer = newCustomer({
    email: values.text('email') ?? null,
    description: values.text('description') ?? null,
    name: values.text('name') ?? null,
    metadata: values.map('metadata'),
  });
  world.customers.put(customer.id, customer);
  world.record('customer.create', customer, key);
  return customer;
}
