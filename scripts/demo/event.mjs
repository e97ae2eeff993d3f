/** An event that is delivered, one that is none, and one that fails and is retried. */
import { setTimeout as pause } from 'node:timers/promises';
import { follow, say } from './follow.mjs';

const LOOK_EVERY_MS = 150;
const LONGEST_MS = 120_000;

/** Tells the story; true when it ended well. */
export async function event({ as, admin }) {
  const service = as('service');
  const { data } = await service('POST', '/api/events', {
    payload: { kind: 'order.placed', order: 17 },
    metadata: { tags: ['demo'], priority: 'high' },
  });
  say(`event ${data.event_id} is accepted`);
  const delivered = await settled(service, data.event_id, () => true);
  const run = await follow(admin, delivered.instance_id, {});

  const batch = await service('POST', '/api/events/batch', { events: [{ payload: ['no', 'object'] }] });
  const [{ event_id: wrong }] = batch.data.events;
  const refused = await settled(service, wrong, ({ status }) => status === 'failed');
  const letters = await admin('GET', `/admin/dlq?event_id=${wrong}`);
  say(`event ${wrong} is ${refused.status}: ${letters.data[0].error.message}`);

  const doomed = (await service('POST', '/api/events?debug=dlq_routing', { payload: { retried: true } })).data.event_id;
  await settled(service, doomed, ({ status }) => status === 'failed');
  const again = await retried(service, doomed);
  say(`event ${doomed} failed, and is ${again.status} after ${again.retry_count} retries`);

  const { total_events, pending, failed, dlq_count } = await service('GET', '/api/events/metrics');
  say(
    `of ${total_events} events ${failed} failed, ${pending} are under way; ${dlq_count} dead letters wait for somebody`,
  );
  return run.status !== 'active' && letters.data[0].reason === 'validation' && again.status === 'delivered';
}

/** The event, once it is no longer pending and as it should be. A run that lost its service for longer than it may take is retried. */
async function settled(service, id, isRight) {
  for (let waited = 0; waited < LONGEST_MS; waited += LOOK_EVERY_MS) {
    const found = await service('GET', `/api/inbox/${id}`);
    if (found.event_id && found.status !== 'pending' && isRight(found)) return found;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`the event ${id} did not arrive`);
}

/** Retries until the event is delivered, three times at most. */
async function retried(service, id) {
  for (let tries = 0; ; tries++) {
    await service('POST', `/api/inbox/${id}/retry`);
    const found = await settled(service, id, () => true);
    if (found.status === 'delivered' || tries === 2) return found;
  }
}
