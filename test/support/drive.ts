/** Drives a deal by where it is: whoever it waits for does what the deal needs, whatever the providers do meanwhile. */
import { Reconciliation } from '../../src/integrations/reconcile/reconciliation.js';
import type { Journey } from './journey.js';
import type { LiveService } from './live.js';

/** More steps than the longest deal has. */
const MOST_STEPS = 30;

/**
 * Lets everybody do his part until the deal has ended or is at `goal` (the beginning of `STATE.phase`).
 * When everybody has done his part and the deal still waits, messages were lost, and the providers are asked for them.
 */
export async function drive(live: LiveService, journey: Journey, goal?: string): Promise<void> {
  const done = new Set<string>();
  const once = async (deed: string, act: () => Promise<void>) => {
    if (done.has(deed)) return;
    done.add(deed);
    await act();
  };
  for (let step = 0; step < MOST_STEPS; step++) {
    const [{ status }, place] = [await journey.read(), await journey.place()];
    if (status !== 'active' || (goal !== undefined && place.startsWith(goal))) return;
    const before = done.size;
    await act(live, journey, place, once);
    await journey.work();
    if (done.size === before) await recover(live, journey);
  }
  throw new Error(`the deal does not get beyond ${await journey.place()}`);
}

/** Asks the providers what they told us and we have not heard. */
export async function recover(live: LiveService, journey: Journey): Promise<void> {
  await live.owner.query(`update engine.reconciled set asked_at = '-infinity'`);
  await live.app.get(Reconciliation).turn();
  await journey.work();
}

type Once = (deed: string, act: () => Promise<void>) => Promise<void>;

async function act(live: LiveService, journey: Journey, place: string, once: Once): Promise<void> {
  const [state = ''] = place.split('.');
  switch (state) {
    case 'NEGOTIATION':
      return once(place, () => journey.send('creator_789', 'creator', 'creator-decision', { decision: 'approve' }));
    case 'TERM_SHEET':
    case 'CLOSING':
      for (const role of ['investor', 'creator'] as const) {
        if (place.includes(`${role}.open`)) await once(`${state}:${role}`, () => journey.sign(role));
      }
      return;
    case 'DUE_DILIGENCE':
      return once(place, async () => {
        const legal = await live.tokenFor('legal_1', ['legal']);
        for (const item of ['dd_documents_provided', 'dd_review_complete'])
          await live.call('PUT', `/api/workflows/investment/${journey.id}/checklist/${item}`, { done: true }, legal);
        await journey.send('legal_1', 'legal', 'due-diligence-complete');
      });
    case 'COMMITMENT':
      return once(place, () => journey.send('inv_123', 'investor', 'commitment-confirmed', { confirmed: true }));
    case 'ESCROW':
      return once(place, () => journey.pay());
  }
}
