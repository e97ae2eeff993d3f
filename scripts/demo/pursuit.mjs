/** A pursuit from its signal to won: each gate says what is missing, and opens once that is done. */
import { arrived } from './books.mjs';
import { follow, say } from './follow.mjs';

/** Tells the story; true when it ended well. */
export async function pursuit({ as, admin, sandbox }) {
  const sales = as('sales');
  const id = await promote(sales);
  const { workflow_instance_id } = await sales('GET', `/api/pursuits/${id}`);
  const move = (to) => sales('POST', `/api/pursuits/${id}/stage`, { to });
  const moveThroughGate = async (to) => {
    const { code, gate_type, missing_items } = await move(to);
    if (code !== 'GATE_BLOCKED') return;
    say(`     the gate ${gate_type} is closed, missing: ${missing_items.join(', ')}`);
    const { data } = await sales('GET', `/api/pursuits/${id}/checklist`);
    for (const { item_id } of data.filter(({ gate }) => gate === gate_type))
      await sales('PATCH', `/api/pursuits/${id}/checklist/${item_id}`, { is_done: true, note: 'Seen to' });
    await move(to);
  };
  const deal = await follow(admin, workflow_instance_id, {
    qual: () => move('pink'),
    pink: () => moveThroughGate('red'),
    red: () => moveThroughGate('submit'),
    submit: () => moveThroughGate('won'),
  });
  return arrived(deal, 'won', {}, sandbox);
}

/** A signal comes in, becomes a candidate, and is promoted; answers the number of the pursuit. */
async function promote(sales) {
  const { signal_id } = await sales('POST', '/api/signals', {
    source_type: 'email',
    contact_email: 'ann@example.com',
    problem_phrase: 'Our website is slow',
  });
  const { candidate_id } = await sales('POST', '/api/candidates', {
    title: 'A faster website',
    one_liner_scope: 'Move the shop to a faster platform',
    owner_user_id: 'sales_1',
    signal_ids: [signal_id],
  });
  say(`signal ${signal_id} becomes candidate ${candidate_id}: A faster website`);
  await sales('POST', `/api/candidates/${candidate_id}/status`, { to: 'triaged', note: 'Has a budget' });
  const { pursuit_id } = await sales('POST', `/api/candidates/${candidate_id}/promote`);
  return pursuit_id;
}
