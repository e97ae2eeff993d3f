/** The kinds of event that the product brings (R004-11). A tenant's own of the same name stand before them. */
import type { EventKind } from '../bus/bus.store.js';

export const PRODUCT_EVENTS: readonly EventKind[] = [
  { event_type: 'USER_SUBMITTED', description: 'Somebody has submitted something.', payload_schema: null },
  {
    event_type: 'INVOICE_SUBMITTED',
    description: 'An invoice waits for approval.',
    payload_schema: {
      type: 'object',
      properties: { invoiceId: { type: 'string', minLength: 1 }, amount: { type: 'number', minimum: 0 } },
      required: ['invoiceId', 'amount'],
    },
  },
  {
    event_type: 'ITEM_SUBMITTED',
    description: 'An item is to be worked off.',
    payload_schema: {
      type: 'object',
      properties: { itemId: { type: 'string', minLength: 1 } },
      required: ['itemId'],
    },
  },
];
