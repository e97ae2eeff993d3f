/** The records that deals are about, many at a time; and who may see which pitch. */
import { Config } from '../../src/platform/config.js';
import { ndaService } from '../support/ndas.js';

const ndas = ndaService();

interface Report {
  dryRun: boolean;
  total: number;
  stored: number;
  failed: number;
  errors: { row: number; id: string | null; errors: { field: string; message: string }[] }[];
  code: string;
  detail: string;
}

/** Sends a table, or anything else, as it stands. */
async function send(kind: string, body: string, contentType = 'text/csv', query = '') {
  const key = ndas.live.app.get(Config).sandboxKeys['admin'] ?? '';
  const response = await fetch(`${ndas.live.url}/admin/import/${kind}${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': contentType },
    body,
  });
  return { status: response.status, body: (await response.json()) as Report };
}
const importRecords = (kind: string, records: unknown, query = '') =>
  ndas.call<Report>('admin', 'POST', `/admin/import/${kind}${query}`, { records });

describe('an import', () => {
  const csv = `id,name,email,emailVerified,trustScore,breaches,accountSince
req_csv_1,"Quest, Rita",rita@example.com,true,80,0,2024-05-01
req_csv_2,Ben Äçük,ben@example.com,false,,2,
req_csv_3,No Mail,nowhere,true,,,
req_csv_4,Odd,odd@example.com,maybe,101,,2024-02-31
`;

  it('of a table stores what is right, and names what is wrong by row and field', async () => {
    const { status, body } = await send('requesters', csv);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { dryRun: false, total: 4, stored: 2, failed: 2 },
    });
    expect(body.errors.map(({ row, id, errors }) => [row, id, errors.map(({ field }) => field).sort()])).toEqual([
      [3, 'req_csv_3', ['email']],
      [4, 'req_csv_4', ['accountSince', 'emailVerified', 'trustScore']],
    ]);
    expect((await ndas.call('admin', 'GET', '/admin/requesters/req_csv_1')).body).toMatchObject({
      name: 'Quest, Rita',
      emailVerified: true,
      trustScore: 80,
      breaches: 0,
      accountSince: '2024-05-01T00:00:00.000Z',
    });
    expect((await ndas.call('admin', 'GET', '/admin/requesters/req_csv_2')).body).toMatchObject({
      name: 'Ben Äçük',
      trustScore: null,
      breaches: 2,
      accountSince: null,
    });
    expect(await ndas.call('admin', 'GET', '/admin/requesters/req_csv_3')).toMatchObject({ status: 404 });
  });

  it('done again changes nothing', async () => {
    const rows = () => ndas.rows(`select * from deals.requesters where id like 'req_again_%' order by id`);
    const table = 'id,name,email,emailVerified\nreq_again_1,Ann,ann@example.com,true\n';
    await send('requesters', table);
    const before = (await rows()).map((row) => ({ ...row, updated_at: null }));
    expect((await send('requesters', table)).body).toMatchObject({ stored: 1, failed: 0 });
    expect((await rows()).map((row) => ({ ...row, updated_at: null }))).toEqual(before);
  });

  it('that is only tried stores nothing', async () => {
    const { body } = await send(
      'requesters',
      'id,name,email,emailVerified\nreq_dry,A,a@example.com,true\n',
      'text/csv',
      '?dryRun=true',
    );
    expect(body).toMatchObject({ dryRun: true, total: 1, stored: 1, failed: 0 });
    expect(await ndas.call('admin', 'GET', '/admin/requesters/req_dry')).toMatchObject({ status: 404 });
  });

  it.each([
    ['investors', { name: 'Ivy', email: 'ivy@example.com', accreditationStatus: 'verified', investmentLimit: 5_000.5 }],
    ['creators', { name: 'Cy', email: 'cy@example.com', stripeAccountId: null }],
    ['pitches', { title: 'Night Train', creatorId: 'creator_789' }],
    [
      'companies',
      { name: 'Films', email: 'films@example.com', verificationStatus: 'verified', activeProjectsCount: 3 },
    ],
    ['requesters', { name: 'Rob', email: 'rob@example.com', emailVerified: true }],
  ])('of %s as data stores them as the single route does', async (kind, record) => {
    const records = [
      { id: `${kind}_1`, ...record },
      { id: `${kind}_2`, ...record },
      { id: `${kind}_1`, ...record },
    ];
    const { body } = await importRecords(kind, records);
    expect(body).toMatchObject({ total: 3, stored: 2, failed: 1 });
    expect(body.errors).toEqual([
      { row: 3, id: `${kind}_1`, errors: [{ field: 'id', message: `${kind}_1 is in row 1 already` }] },
    ]);
    expect((await ndas.call('admin', 'GET', `/admin/${kind}/${kind}_2`)).body).toMatchObject({
      id: `${kind}_2`,
      ...record,
    });
  });

  it.each([
    ['something that is no record', ['x', null, 7, []]],
    ['fields nobody knows', [{ id: 'p', title: 'T', creatorId: 'c', totalFunded: 1e6 }]],
    [
      'an id that is none',
      [
        { id: '../p', title: 'T', creatorId: 'c' },
        { title: 'T', creatorId: 'c' },
      ],
    ],
  ])('takes no %s', async (_, records) => {
    const { status, body } = await importRecords('pitches', records);
    expect({ status, stored: body.stored, failed: body.failed }).toEqual({
      status: 200,
      stored: 0,
      failed: records.length,
    });
  });

  it.each([
    ['no header', 'a,b\n1,2\n'],
    ['a column nobody knows', 'id,title,creatorId,tea\np,T,c,1\n'],
    ['a column twice', 'id,title,title\np,T,T\n'],
    ['a quote that does not end', 'id,title,creatorId\np,"T,c\n'],
    ['a row that is too long', 'id,title,creatorId\np,T,c,d\n'],
    ['nothing', '\n'],
  ])('is refused whole when the table has %s', async (_, table) =>
    expect(await send('pitches', table)).toMatchObject({ status: 400, body: { code: 'WF006' } }),
  );

  it('is refused when it is too large, of another kind, or for somebody else', async () => {
    expect(await send('pitches', `id,title,creatorId\n${'x'.repeat(1_100_000)}`)).toMatchObject({ status: 413 });
    const many = `id,title,creatorId\n${Array.from({ length: 10_001 }, (_, n) => `many_${n},T,c`).join('\n')}\n`;
    expect(await send('pitches', many)).toMatchObject({ status: 400 });
    expect(await send('deals', csv)).toMatchObject({ status: 404 });
    expect(await send('pitches', '<xml/>', 'application/xml')).toMatchObject({ status: 415 });
    expect(await importRecords('pitches', 'T')).toMatchObject({ status: 400 });
    expect(await ndas.call('admin', 'POST', '/admin/import/pitches', {})).toMatchObject({ status: 400 });
    expect(await ndas.call('creator', 'POST', '/admin/import/pitches', { records: [] })).toMatchObject({ status: 403 });
  });

  it('takes a table at no other address', async () => {
    const key = ndas.live.app.get(Config).sandboxKeys['admin'] ?? '';
    const { status } = await fetch(`${ndas.live.url}/api/workflows/nda/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' },
      body: 'id\n1\n',
    });
    expect(status).toBe(415);
  });

  it('of five thousand records is done in seconds, and in the books of what administrators did', async () => {
    const table = `id,title,creatorId\n${Array.from({ length: 5_000 }, (_, n) => `bulk_${n},Reel ${n},creator_789`).join('\n')}\n`;
    const began = performance.now();
    expect((await send('pitches', table)).body).toMatchObject({ total: 5_000, stored: 5_000, failed: 0 });
    process.stdout.write(`5,000 pitches imported in ${Math.round(performance.now() - began)} ms\n`);
    const [entry] = await ndas.rows<{ n: number }>(
      `select sum((details ->> 'stored')::int)::int as n from engine.audit where action = 'import' and target = 'pitches'`,
    );
    expect(entry?.n).toBeGreaterThanOrEqual(5_000);
  });
});

describe('a list of records', () => {
  it('pages through all of them, and says how many there are', async () => {
    const records = Array.from({ length: 7 }, (_, n) => ({ id: `aaa_${n}`, name: 'A', email: 'a@example.com' }));
    await importRecords('creators', records);
    const seen: string[] = [];
    let total = 0;
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { data: { id: string }[]; nextCursor: string | null; total: number } = (
        await ndas.call<{ data: { id: string }[]; nextCursor: string | null; total: number }>(
          'admin',
          'GET',
          `/admin/creators?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
        )
      ).body;
      seen.push(...page.data.map(({ id }) => id));
      [total, cursor] = [page.total, page.nextCursor];
    }
    expect(seen).toEqual([...seen].sort());
    expect(new Set(seen).size).toBe(total);
    expect(seen).toEqual(expect.arrayContaining(records.map(({ id }) => id)));
  });

  it.each(['investors', 'creators', 'pitches', 'companies', 'requesters'])(
    'of %s is for administrators and services',
    async (kind) => {
      expect(await ndas.call('service', 'GET', `/admin/${kind}`)).toMatchObject({ status: 200 });
      expect(await ndas.call('creator', 'GET', `/admin/${kind}`)).toMatchObject({ status: 403 });
      expect(await ndas.call('admin', 'GET', `/admin/${kind}?cursor=x`)).toMatchObject({ status: 400 });
    },
  );
});

describe('access to a pitch', () => {
  interface Page {
    data: { id: string; user_id: string; granted_via: string; live: boolean }[];
    total: number;
  }
  const list = (role: 'admin' | 'creator' | 'investor' | 'production', query = '') =>
    ndas.call<Page>(role, 'GET', `/api/pitch-access?pitchId=${ndas.pitchId}${query}`);

  it('is listed for overseers, for those who have it, and for the creator (R000-93)', async () => {
    const id = await ndas.active();
    const { requester_id: requesterId } = await ndas.row(id);
    for (const role of ['admin', 'creator'] as const)
      expect((await list(role)).body).toMatchObject({
        total: 1,
        data: [
          {
            user_id: requesterId,
            pitch_id: ndas.pitchId,
            access_type: 'nda_protected',
            granted_via: 'nda',
            live: true,
          },
        ],
      });
    for (const role of ['investor', 'production'] as const)
      expect((await list(role)).body).toMatchObject({ total: 0, data: [] });
  });

  it('is given and taken back by administrators, who say why', async () => {
    const grant = {
      userId: 'inv_123',
      pitchId: ndas.pitchId,
      accessType: 'investor',
      reason: 'Signed on paper in 2019.',
    };
    const { status, body } = await ndas.call<{ id: string }>('admin', 'POST', '/admin/pitch-access', grant);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { user_id: 'inv_123', granted_via: 'admin', live: true },
    });
    expect((await list('investor')).body.data).toMatchObject([{ id: body.id }]);
    const revoke = `/admin/pitch-access/${body.id}/revoke`;
    for (const _ of [1, 2])
      expect(await ndas.call('admin', 'POST', revoke, { reason: 'It was a mistake.' })).toMatchObject({
        status: 200,
        body: { live: false, revoked_at: expect.any(String) },
      });
    expect((await list('admin', '&status=live')).body).toMatchObject({ total: 0 });
    expect((await list('admin', '&status=ended')).body).toMatchObject({ total: 1 });
    const audited = await ndas.rows<{ action: string }>(
      `select action from engine.audit where target = $1 order by at`,
      ndas.pitchId,
    );
    expect(audited.map(({ action }) => action)).toEqual(['grant-access', 'revoke-access', 'revoke-access']);
  });

  it('is not to be had otherwise', async () => {
    const grant = { userId: 'inv_123', pitchId: ndas.pitchId, accessType: 'investor', reason: 'Because.' };
    expect(await ndas.call('creator', 'POST', '/admin/pitch-access', grant)).toMatchObject({ status: 403 });
    expect(await ndas.call('admin', 'POST', '/admin/pitch-access', { ...grant, accessType: 'god' })).toMatchObject({
      status: 400,
    });
    expect(await ndas.call('admin', 'POST', '/admin/pitch-access', { ...grant, reason: '' })).toMatchObject({
      status: 400,
    });
    const nothing = await ndas.call('admin', 'POST', '/admin/pitch-access/access_none/revoke', { reason: 'Because.' });
    expect(nothing).toMatchObject({ status: 404 });
  });
});
