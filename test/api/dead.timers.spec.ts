import { DAY, order } from '../support/toy.js';
import { engineApi, engineOnly, REASON } from './engine.app.js';

/** Nobody is reminded in an order without a note. */
const strict: typeof order = {
  ...order,
  invariants: [
    {
      name: 'remindersAreNoted',
      says: 'reminders are noted',
      holds: ({ context: { reminders, notes } }) => reminders === 0 || notes.length > 0 || { code: 'NOT_NOTED' },
    },
  ],
};
const MOST_FAILURES = 12;
const REMINDER = 'xstate.after.REMINDER.order.PLACED.waiting';

const running = engineApi(engineOnly, strict);
const get = async (path: string, as = 'operator') => (await running().get(as, path)).json;
const decide = (id: unknown, what: string, as = 'operator', headers = {}) =>
  running().post(as, `/admin/dead-timers/${String(id)}/${what}`, { reason: REASON }, headers);
const deadOf = async (id: string) =>
  ((await get('/admin/dead-timers?limit=200'))['data'] as { id: number; instance_id: string }[]).filter(
    ({ instance_id }) => instance_id === id,
  );
const timersOf = async (id: string) => (await get(`/api/instances/${id}/timers`))['data'] as Record<string, unknown>[];

/** Lets the pauses between the tries be over. */
async function tryAgain(times: number): Promise<void> {
  for (let each = 0; each < times; each++) {
    await running().owner.query('update engine.timers set retry_at = null where fired_at is null and dead_at is null');
    await running().fireTimers();
  }
}

/** An order whose reminder was given up. */
async function given(): Promise<{ id: string; timer: number }> {
  const id = await running().order();
  await running().post('admin', '/admin/clock', { advance: '1d' });
  await tryAgain(MOST_FAILURES);
  const [timer] = await deadOf(id);
  return { id, timer: timer?.id ?? 0 };
}

describe('a timer whose step cannot be', () => {
  it('is tried so often, with pauses, and then given up: with its reason, among what is stuck', async () => {
    const id = await running().order();
    await running().post('admin', '/admin/clock', { advance: '1d' });
    await running().fireTimers();
    await running().fireTimers();
    const [pausing] = await running().rows<{ failures: number; waits: boolean }>(
      `select failures, retry_at > clock_timestamp() as waits from engine.timers where instance_id = $1 and timer_id = $2`,
      [id, REMINDER],
    );
    expect(pausing).toEqual({ failures: 1, waits: true });
    await tryAgain(MOST_FAILURES - 1);
    const message = 'This would no longer be true: reminders are noted';
    expect(await deadOf(id)).toMatchObject([
      { timer_id: REMINDER, failures: MOST_FAILURES, last_error: { name: 'EngineFault', message } },
    ]);
    await tryAgain(2);
    expect(await deadOf(id)).toMatchObject([{ failures: MOST_FAILURES }]);
    expect((await get('/admin/stuck?seconds=3600', 'admin'))['data']).toContainEqual(
      expect.objectContaining({ instance_id: id, what: 'timer', name: REMINDER, last_error: expect.anything() }),
    );
    expect(await get('/admin/overview', 'admin')).toMatchObject({ timers: { dead: expect.any(Number) } });
    expect(await timersOf(id)).toContainEqual(
      expect.objectContaining({ timer_id: REMINDER, dead_at: expect.any(String) }),
    );
    // Everything else of the instance goes on.
    expect(await running().send('buyer_1', id, 'cancel')).toMatchObject({ status: 200, json: { state: 'CANCELLED' } });
    expect(await deadOf(id)).toEqual([]);
  });

  it('fires when an operator has mended what stood in its way and retries it, once for each key', async () => {
    const { id, timer } = await given();
    await running().send('buyer_1', id, 'note', { text: 'remind me' });
    const key = { 'idempotency-key': '"retry-once"' };
    const answers = [await decide(timer, 'retry', 'operator', key), await decide(timer, 'retry', 'operator', key)];
    expect(answers).toMatchObject([{ status: 200 }, { status: 200, json: { success: true } }]);
    await running().fireTimers();
    expect(await get(`/api/instances/${id}`)).toMatchObject({ context: { reminders: 1 } });
    expect(await deadOf(id)).toEqual([]);
    expect(await decide(timer, 'retry')).toMatchObject({ status: 404 });
  });

  it('is given up for good when an operator discards it, which is audited', async () => {
    const { id, timer } = await given();
    expect(await decide(timer, 'discard', 'buyer_1')).toMatchObject({ status: 403 });
    expect(await decide(timer, 'discard', 'stranger')).toMatchObject({ status: 404 });
    expect(await decide(timer, 'discard')).toMatchObject({ status: 200 });
    expect((await timersOf(id)).map(({ timer_id }) => timer_id)).not.toContain(REMINDER);
    expect((await get('/admin/audit?limit=10', 'admin'))['data']).toContainEqual(
      expect.objectContaining({ action: 'dead-timer.discard', target: id, reason: REASON }),
    );
    await running().post('admin', '/admin/clock', { advance: `${(10 * DAY) / 1000}s` });
    await running().fireTimers();
    expect(await get(`/api/instances/${id}`)).toMatchObject({ state: 'CANCELLED', context: { reminders: 0 } });
  });
});
