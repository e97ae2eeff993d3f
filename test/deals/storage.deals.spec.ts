/** The rows of production deals and NDAs, as people with psql find them. */
import { ndaService } from '../support/ndas.js';
import { PitchWorld } from '../support/production.world.js';

const ndas = ndaService();

const indexesOf = async (table: string): Promise<string> =>
  (
    await ndas.rows<{ definition: string }>(
      `select lower(indexdef) as definition from pg_indexes where schemaname = 'deals' and tablename = $1`,
      table,
    )
  )
    .map(({ definition }) => definition)
    .join('\n');

it('the row of a production deal says who wants what, and since when and until when the pitch is its own (R000-90)', async () => {
  const world = await PitchWorld.begin(ndas.live);
  const bidder = await world.holder('a');
  const rowOf = async (id: string) =>
    (
      await ndas.rows<Record<string, unknown>>(
        'select * from statewright.sw_production_deals where workflow_instance_id = $1',
        id,
      )
    )[0];
  const { keys } = await world.read(bidder);
  const row = await rowOf(bidder.id);
  expect(row).toMatchObject({
    id: keys['dealId'],
    workflow_instance_id: bidder.id,
    production_company_id: bidder.companyId,
    production_company_user_id: bidder.userId,
    creator_id: world.creatorId,
    pitch_id: world.pitchId,
    interest_type: 'option',
    status: 'NEGOTIATION',
    reason_code: null,
    waitlisted_at: null,
    created_at: expect.any(Date),
    updated_at: expect.any(Date),
  });
  const [granted, expires] = [row?.['exclusivity_granted_at'] as Date, row?.['exclusivity_expires_at'] as Date];
  expect(expires.getTime() - granted.getTime()).toBe(30 * 86_400_000);
  const second = await world.bidder('b');
  expect(await rowOf(second.id)).toMatchObject({ status: 'WAITLISTED', waitlisted_at: expect.any(Date), position: 1 });
  await world.asCompany(bidder, 'terms-rejected');
  expect(await rowOf(bidder.id)).toMatchObject({ status: 'REJECTED', reason_code: 'terms_rejected' });
});

it('the row of an NDA says who may see what for how long, and how risky that is (R000-90)', async () => {
  const id = await ndas.active({ customTerms: { audit: 'yearly' }, territorialRestrictions: ['US'] });
  const { keys, context } = await ndas.read(id);
  const { risk, envelopeId } = context as { risk: { score: number; level: string }; envelopeId: string };
  const [row] = await ndas.rows<Record<string, unknown>>(
    'select * from statewright.sw_ndas where workflow_instance_id = $1',
    id,
  );
  expect(row).toMatchObject({
    id: keys['ndaId'],
    workflow_instance_id: id,
    requester_id: expect.any(String),
    requester_type: 'investor',
    creator_id: 'creator_789',
    pitch_id: ndas.pitchId,
    template_id: 'standard',
    envelope_id: envelopeId,
    status: 'ACTIVE',
    risk_level: risk.level,
    risk_score: risk.score,
    duration_months: 24,
    custom_terms: { audit: 'yearly' },
    territorial_restrictions: ['US'],
    reason_code: null,
    signed_at: expect.any(Date),
    effective_date: expect.any(Date),
    expiration_date: expect.any(Date),
    created_at: expect.any(Date),
    updated_at: expect.any(Date),
  });
});

it.each(['production_deals', 'ndas'])(
  'each of %s is one per instance, and found by status, pitch and instance through an index (R000-90)',
  async (table) => {
    const definitions = await indexesOf(table);
    expect(definitions).toMatch(/unique index \w+ on .*\(tenant, workflow_instance_id\)/);
    for (const columns of ['status', 'pitch_id, created_at desc', 'workflow_instance_id, status'])
      expect(definitions).toContain(`(tenant, ${columns})`);
  },
);
