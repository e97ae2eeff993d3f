import type { Stripe } from 'stripe';
import type { Json } from '../../engine/core/driver.js';
import type { Translation } from '../../engine/inbox.intake.js';

/** The events of Stripe that mean something to us. */
export const STRIPE_EVENTS = [
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
  'transfer.created',
  'transfer.reversed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
] as const satisfies readonly Stripe.Event['type'][];

/** Says what an event of Stripe means (R000-80). Amounts stay in minor units; the guards compare them. */
export function translateStripe(body: string): Translation {
  const event = JSON.parse(body) as Stripe.Event;
  switch (event.type) {
    case 'payment_intent.amount_capturable_updated': {
      const { id: transactionId, amount_capturable: amountMinor, currency, metadata } = event.data.object;
      const confirmedAt = new Date(event.created * 1000).toISOString();
      return to(metadata, 'escrow-confirmed', { transactionId, amountMinor, currency, confirmedAt });
    }
    case 'payment_intent.succeeded': {
      const { id: transactionId, capture_method, amount_received: amountMinor, currency, metadata } = event.data.object;
      // What was never held is confirmed by being here.
      return capture_method === 'automatic'
        ? to(metadata, 'escrow-confirmed', { transactionId, amountMinor, currency, captured: true })
        : to(metadata, 'funds-captured', { transactionId });
    }
    case 'payment_intent.payment_failed': {
      const { id: transactionId, last_payment_error: error, metadata } = event.data.object;
      return to(metadata, 'payment-failed', {
        transactionId,
        ...(error?.message !== undefined && { reason: error.message }),
      });
    }
    case 'payment_intent.canceled':
      return to(event.data.object.metadata, 'escrow-canceled', { transactionId: event.data.object.id });
    case 'transfer.created': {
      const { id: transferId, amount: amountMinor, currency, metadata } = event.data.object;
      return to(metadata, 'transfer-complete', { transferId, amountMinor, currency });
    }
    case 'transfer.reversed':
      return to(event.data.object.metadata, 'transfer-failed', {
        transferId: event.data.object.id,
        reason: 'reversed',
      });
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
      return disputed(event.data.object, event.type === 'charge.dispute.closed');
    default:
      return { ignore: `${event.type} changes nothing` };
  }
}

function to(metadata: Stripe.Metadata | null, type: string, payload: Json): Translation {
  const { workflowInstanceId: instanceId, tenant } = metadata ?? {};
  return instanceId === undefined
    ? { ignore: 'the object is not ours: its metadata names no instance' }
    : { tenant, instanceId, event: { type, payload } };
}

/** The matter of a dispute, and what is known of it. */
export const DISPUTE = 'dispute';
export type Dispute = {
  disputeId: string;
  /** The payment in question; null where Stripe names only the charge. */
  transactionId: string | null;
  status: string;
  reason: string;
  amountMinor: number;
  currency: string;
  isClosed: boolean;
};

/** A dispute names its payment, not the instance; and it moves none, because it comes when the deal is long done. */
function disputed(dispute: Stripe.Dispute, isClosed: boolean): Translation {
  const { id: disputeId, status, reason, amount: amountMinor, currency, payment_intent: payment } = dispute;
  const transactionId = typeof payment === 'string' ? payment : (payment?.id ?? null);
  const about: Dispute = { disputeId, transactionId, status, reason, amountMinor, currency, isClosed };
  return { matter: DISPUTE, about };
}
