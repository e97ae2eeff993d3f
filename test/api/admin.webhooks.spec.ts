import { InboxIntake } from '../../src/engine/inbox.intake.js';
import { InboxWorker } from '../../src/engine/workers/inbox.worker.js';
import type { Json } from '../../src/engine/core/driver.js';
import { engineApi, REASON } from './engine.app.js';
import type { Answer } from './http.app.js';

const running = engineApi();
const data = ({ json }: Answer) => json['data'] as Record<string, unknown>[];
const list = (query = '', as = 'operator') => running().get(as, `/admin/webhooks${query}`);
const replay = (id: string, as = 'operator', reason = REASON) =>
  running().post(as, `/admin/webhooks/carrier/${id}/replay`, { reason });

/** The carrier tells something of an instance, and the worker looks at it once. */
async function tell(id: string, instanceId: string, event: { type: string; payload: Json }): Promise<void> {
  const intake = running().api.app.get(InboxIntake);
  intake.translate('carrier', (body) => JSON.parse(body) as { instanceId: string; event: typeof event });
  const body = JSON.stringify({ instanceId, event, note: 'pi_1_secret_abcdef' });
  const headers = { 'carrier-signature': 't=1,v1=abcdef', 'carrier-region': 'eu' };
  await intake.accept('carrier', { providerEventId: id, type: event.type, body, headers });
  await running().api.app.get(InboxWorker).turn();
}

const parcel = { type: 'deliver', payload: {} };

describe('GET /admin/webhooks', () => {
  it('tells what came in and what became of it, without body and signatures (R000-85)', async () => {
    const id = await running().order();
    await tell('evt_a', id, { type: 'cancel', payload: {} });
    const answer = await list();
    expect(answer.status).toBe(200);
    expect(data(answer)).toEqual([
      {
        provider: 'carrier',
        provider_event_id: 'evt_a',
        type: 'cancel',
        status: 'quarantined',
        reason: 'WF005',
        instance_id: id,
        headers: { 'carrier-region': 'eu' },
        bytes: expect.any(Number),
        attempts: 1,
        received_at: expect.stringMatching(/^\d{4}-.*Z$/),
        next_attempt_at: expect.any(String),
        finished_at: expect.any(String),
      },
    ]);
    expect(answer.text).not.toMatch(/secret|v1=/);
  });

  it('filters by status and provider, and turns pages without losing a message', async () => {
    for (let n = 0; n < 5; n++) await tell(`evt_page_${n}`, await running().order(), { type: 'cancel', payload: {} });
    await tell('evt_early', await running().order(), parcel);
    expect(data(await list('?status=received')).map((row) => row['provider_event_id'])).toEqual(['evt_early']);
    expect(data(await list('?provider=stripe'))).toEqual([]);
    const seen: unknown[] = [];
    for (let cursor: unknown = ''; cursor !== null;) {
      const page = await list(`?status=quarantined&limit=2${cursor === '' ? '' : `&cursor=${String(cursor)}`}`);
      seen.push(...data(page).map((row) => row['provider_event_id']));
      cursor = page.json['nextCursor'];
    }
    expect(seen).toEqual(['evt_page_4', 'evt_page_3', 'evt_page_2', 'evt_page_1', 'evt_page_0', 'evt_a']);
  });

  it('shows nobody what another tenant was told; what names no instance is only counted', async () => {
    expect(data(await list('', 'stranger'))).toEqual([]);
    expect(await list()).toMatchObject({ json: { unaddressed: 0 } });
    await tell('evt_nobody', 'wf_nobody', parcel);
    for (const as of ['operator', 'stranger']) expect(await list('', as)).toMatchObject({ json: { unaddressed: 1 } });
    expect((await list('?limit=200')).text).not.toContain('evt_nobody');
  });

  it.each(['buyer_1', 'legal', 'viewer'])('is not for %s', async (as) => {
    expect(await list('', as)).toMatchObject({ status: 403 });
    expect(await replay('evt_a', as)).toMatchObject({ status: 403 });
  });

  it.each(['?status=lost', '?provider=Carrier!', '?cursor=abc'])('refuses %s', async (query) => {
    expect(await list(query)).toMatchObject({ status: 400, json: { code: 'WF006' } });
  });
});

describe('POST /admin/webhooks/:provider/:id/replay', () => {
  it('applies an ignored message once the instance waits for it, and audits who asked and why', async () => {
    const id = await running().order();
    await tell('evt_again', id, parcel);
    await running().owner.query(
      `update engine.inbox set status = 'ignored', finished_at = now() where provider_event_id = 'evt_again'`,
    );
    await running().post('admin', `/admin/workflows/${id}/force-transition`, {
      fromState: 'PLACED',
      toState: 'SHIPPED',
      reason: REASON,
    });
    expect(await replay('evt_again')).toMatchObject({ status: 200, json: { success: true } });
    await running().api.app.get(InboxWorker).turn();
    expect((await running().get('admin', `/api/instances/${id}`)).json).toMatchObject({ state: 'DELIVERED' });
    expect(data(await running().get('admin', '/admin/audit?limit=1'))).toMatchObject([
      {
        action: 'webhook.replay',
        target: id,
        reason: REASON,
        details: { provider: 'carrier', id: 'evt_again', type: 'deliver', was: 'ignored' },
      },
    ]);
  });

  it('never applies again what was applied (R000-85)', async () => {
    expect(await replay('evt_again')).toMatchObject({ status: 409, json: { code: 'WF002' } });
    expect(await replay('evt_early')).toMatchObject({ status: 409, json: { code: 'WF002' } });
  });

  it('knows neither the messages of others nor those of nobody', async () => {
    expect(await replay('evt_a', 'stranger')).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
    expect(await replay('evt_nobody')).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
  });

  it('asks for a reason', async () => {
    expect(await replay('evt_a', 'operator', 'because')).toMatchObject({ status: 400, json: { code: 'WF006' } });
  });
});

describe('GET /api/instances/:id/effects', () => {
  it('shows overseers a receipt for each attempt, and the parties how far it is', async () => {
    const id = await running().order();
    await running().send('buyer_1', id, 'pay');
    await running().work();
    const path = `/api/instances/${id}/effects`;
    expect(data(await running().get('operator', path))[0]).toMatchObject({
      type: 'shop.charge',
      params: { amount: 50 },
      attempts: [
        {
          attempt: 1,
          outcome: 'done',
          provider: null,
          providerId: null,
          responseCode: null,
          detail: null,
          durationMs: expect.any(Number),
          at: expect.any(String),
          requestHash: expect.stringMatching(/^[\da-f]{64}$/),
        },
      ],
    });
    const [seen = {}] = data(await running().get('buyer_1', path));
    expect(Object.keys(seen).sort()).toEqual([
      'created_at',
      'finished_at',
      'id',
      'instance_id',
      'kind',
      'next_attempt_at',
      'seq',
      'status',
      'type',
    ]);
  });
});
