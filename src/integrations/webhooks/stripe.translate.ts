import type { Stripe } from 'stripe';
import type { Json } from '../../engine/core/driver.js';
import type { Translation } from '../../engine/inbox.intake.js';

/** Says what an event of Stripe means (R000-80). Amounts stay in minor units; the guards compare them. */
export function translateStripe(body: string): Translation {
  const event = JSON.parse(body) as Stripe.Event;
  switch (event.type) {
    case 'payment_intent.amount_capturable_updated': {
      const { id: transactionId, amount_capturable: amountMinor, currency, metadata } = event.data.object;
      const confirmedAt = new Date(event.created * 1000).toISOString();
      return to(metadata, 'escrow-confirmed', { transactionId, amountMinor, currency, confirmedAt });
    }
    case 'payment_intent.succeeded':
      return to(event.data.object.metadata, 'funds-captured', { transactionId: event.data.object.id });
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
      return disputed(event.data.object);
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

/** A dispute has metadata of its own, so mostly a person has to say which deal it is about. */
function disputed({
  id: disputeId,
  status,
  reason,
  amount: amountMinor,
  currency,
  payment_intent,
  metadata,
}: Stripe.Dispute): Translation {
  const transactionId = typeof payment_intent === 'string' ? payment_intent : (payment_intent?.id ?? null);
  const translation = to(metadata, 'dispute', { disputeId, transactionId, status, reason, amountMinor, currency });
  return 'ignore' in translation
    ? { quarantine: `dispute ${disputeId} of payment ${transactionId} (${status})` }
    : translation;
}
