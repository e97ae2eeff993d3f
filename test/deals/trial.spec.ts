/** What would have become of NDAs by another scorecard, told before it is set. */
import { ndaService } from '../support/ndas.js';

const ndas = ndaService();
type Report = Record<string, unknown> & { id: string };
const ask = (body: object, name = 'nda', role: 'admin' | 'operator' | 'viewer' = 'admin') =>
  ndas.call<Report>(role, 'POST', `/admin/lifecycles/${name}/replay`, body);
const read = async (path: string) => (await ndas.call<Report>('admin', 'GET', path)).body;

/** Everything that is stored of an instance. */
const stored = (ids: readonly string[]) =>
  ndas.live.owner.query(
    'select i.snapshot::text, i.revision, (select count(*) from engine.outbox o where o.instance_id = i.id) from engine.instances i where id = any ($1) order by id',
    [ids],
  );

describe('a scorecard that is tried on recorded NDAs', () => {
  it('tells how many would have been routed elsewhere, where they part, and changes none of them (R000-71)', async () => {
    const low = [await ndas.asked(), await ndas.asked()];
    const medium = await ndas.inCreatorReview();
    const before = (await stored([...low, medium])).rows;
    const { status, body } = await ask({ input: { scorecard: { creatorReviewFrom: -100, legalReviewFrom: 1_000 } } });
    expect({ status, body }).toMatchObject({ status: 202, body: { state: 'telling', counts: { total: 3, told: 0 } } });
    await ndas.deal(body.id).work();
    expect(await read(`/admin/replays/${body.id}`)).toMatchObject({
      state: 'told',
      says: '2 of 3 would have ended elsewhere.',
      counts: { total: 3, told: 3, same: 1, detour: 0, elsewhere: 2, unknown: 0 },
      groups: [{ verdict: 'elsewhere', instead: 'CREATOR_REVIEW.awaitingDecision', count: 2, partedIn: 'PENDING' }],
    });
    const items = (await read(`/admin/replays/${body.id}/items?verdict=elsewhere&limit=1`)) as unknown as {
      data: { instance_id: string; candidate_to: string }[];
      nextCursor: string;
    };
    expect(items.data).toMatchObject([{ instance_id: low[1], candidate_to: 'CREATOR_REVIEW.awaitingDecision' }]);
    const rest = await read(`/admin/replays/${body.id}/items?verdict=elsewhere&cursor=${items.nextCursor}`);
    expect(rest['data']).toMatchObject([{ instance_id: low[0] }]);
    expect((await stored([...low, medium])).rows).toEqual(before);
  });

  it('says of the scorecard that they had that nothing would have been otherwise, and is stopped while it works', async () => {
    const { body } = await ask({ instances: 2 }, 'nda', 'operator');
    await ndas.deal(body.id).work();
    expect(await read(`/admin/replays/${body.id}`)).toMatchObject({ counts: { total: 2, same: 2 }, groups: [] });
    const { body: other } = await ask({ instances: 2 });
    expect(await ndas.call('admin', 'POST', `/admin/replays/${other.id}/cancel`)).toMatchObject({
      status: 200,
      body: { state: 'cancelled', counts: { told: 0 } },
    });
  });

  it.each([
    ['nothing', {}, 404],
    ['nda', { version: 99 }, 404],
    ['nda', { version: 1.5 }, 400],
    ['nda', { input: 'scorecard' }, 400],
    ['nda', { input: { long: 'x'.repeat(70_000) } }, 400],
    ['nda', { instances: 5_001 }, 400],
    ['nda', { since: 'yesterday' }, 400],
    ['nda', { settings: {} }, 400],
    ['NDA', {}, 400],
  ])('refuses for %s %j', async (name, body: object, status) => {
    expect((await ask(body, name)).status).toBe(status);
  });

  it('is for administrators and operators', async () => {
    expect((await ask({}, 'nda', 'viewer')).status).toBe(403);
  });
});

describe('what is tested and lived of a lifecycle', () => {
  it('is told for each transition, and drawn', async () => {
    await ndas.asked();
    const { tested, transitions } = (await read('/api/lifecycles/nda/coverage')) as unknown as {
      tested: Record<string, number>;
      transitions: { taken: number; tested: number }[];
    };
    expect(tested).toMatchObject({ lived: 0, neither: 0 });
    expect(tested['both']).toBe(transitions.filter((one) => one.taken > 0 && one.tested > 0).length);
    expect(tested['both']).toBeGreaterThan(0);
    expect(tested['tested']).toBe(transitions.length - Number(tested['both']));
    const { url } = ndas.live;
    const token = await ndas.live.tokenFor('operator_of_test', ['operator']);
    const picture = await fetch(`${url}/api/lifecycles/nda/diagram.svg?overlay=coverage`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const svg = await picture.text();
    expect(svg).toContain(`tested and lived ${tested['both']}`);
    expect(svg).toContain('is-both');
    expect(svg).toContain('is-tested');
  });
});
