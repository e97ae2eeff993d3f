import type { DeliveryPage, NotificationPage } from '../../src/notifications/notifications.dto.js';
import { dealsService } from '../support/deals.js';

describe('what users are told', () => {
  const deals = dealsService();
  const inbox = async (query = '') =>
    (await deals.call<NotificationPage>('creator', 'GET', `/api/notifications${query}`)).body;

  it('is in the app, newest first, each message once over all pages', async () => {
    for (let n = 0; n < 3; n++) {
      await deals.begin();
      await deals.begun();
    }
    const { data } = await inbox();
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: NotificationPage = await inbox(`?limit=1${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(data.map(({ id }) => id));
    expect(data).toContainEqual(
      expect.objectContaining({ type: 'investment_interest', priority: 'high', read: false }),
    );
  });

  it('is marked as read and as unread again by its reader only (R000-86)', async () => {
    await deals.begun();
    const [message] = (await inbox('?read=false')).data;
    const path = `/api/notifications/${message?.id}`;
    expect(await deals.call('investor', 'PUT', path, { read: true })).toMatchObject({ status: 404 });
    expect(await deals.call('creator', 'PUT', path, { read: true })).toMatchObject({
      status: 200,
      body: { read: true },
    });
    expect((await inbox('?read=true')).data).toContainEqual(expect.objectContaining({ id: message?.id }));
    await deals.call('creator', 'PUT', path, { read: false });
    expect((await inbox('?read=true')).data).not.toContainEqual(expect.objectContaining({ id: message?.id }));
  });

  it('is logged for operators by channel, page by page', async () => {
    await deals.begun();
    const path = '/admin/notifications/deliveries?recipientId=creator_789';
    const { body } = await deals.call<DeliveryPage>('operator', 'GET', path);
    expect(body.data.map(({ channel, status }) => [channel, status])).toContainEqual(['email', 'delivered']);
    const paged: object[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { body: DeliveryPage } = await deals.call(
        'operator',
        'GET',
        `${path}&limit=1${cursor && `&cursor=${cursor}`}`,
      );
      paged.push(...page.body.data);
      cursor = page.body.nextCursor;
    }
    expect(paged).toEqual(body.data);
    const inApp = await deals.call<DeliveryPage>('operator', 'GET', `${path}&channel=in_app&status=delivered`);
    expect(new Set(inApp.body.data.map(({ channel }) => channel))).toEqual(new Set(['in_app']));
    expect((await deals.call<DeliveryPage>('operator', 'GET', `${path}&status=failed`)).body.data).toEqual([]);
    expect(await deals.call('creator', 'GET', path)).toMatchObject({ status: 403 });
  });

  it.each([
    ['phone', '555 1234'],
    ['pushToken', 'two words'],
    ['locale', 'German'],
    ['colour', 'blue'],
  ])('goes nowhere by a malformed %s', async (field, value) => {
    expect(await deals.call('investor', 'PUT', '/api/notifications/contact', { [field]: value })).toMatchObject({
      status: 400,
      body: { code: 'WF006' },
    });
  });

  it('goes to the contact its reader has named last', async () => {
    const path = '/api/notifications/contact';
    expect((await deals.call('legal', 'GET', path)).body).toEqual({ phone: null, pushToken: null, locale: null });
    await deals.call('legal', 'PUT', path, { phone: '+431234567', locale: 'de-AT' });
    await deals.call('legal', 'PUT', path, { locale: 'de-AT' });
    expect((await deals.call('legal', 'GET', path)).body).toEqual({ phone: null, pushToken: null, locale: 'de-AT' });
  });
});
