/** How long deals take: on average, against what is usual, and when that should worry somebody. */
import type { Dashboard } from '../../src/deals/deals.dashboard.dto.js';
import { ndaService } from '../support/ndas.js';
import { PitchWorld } from '../support/production.world.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ndas = ndaService();
const read = async (): Promise<Dashboard> =>
  (await ndas.call<Dashboard>('admin', 'GET', '/admin/deals/dashboard')).body;

/** Lets the creator review an NDA after so long, and the requester sign it at once. */
async function reviewedAfter(hours: number): Promise<void> {
  const id = await ndas.inCreatorReview();
  await ndas.advance(id, `${hours}h`);
  await ndas.event('creator', id, 'creator-nda-review', { decision: 'approve' });
  await ndas.atDocusign(id, 'sign', { role: 'requester' });
  await ndas.deal(id).work();
  expect(await ndas.place(id)).toBe('ACTIVE.inForce');
}

it('the dashboard says how long deals take on average, and what is usual (R000-3)', async () => {
  await ndas.active();
  await reviewedAfter(30);
  const { durations, alerts } = await read();
  expect(durations.map(({ type, way, usualFromMs, usualToMs }) => [type, way, usualFromMs, usualToMs])).toEqual([
    ['investment', null, 7 * DAY, 14 * DAY],
    ['nda', 'automatic', 0, HOUR],
    ['nda', 'reviewed', 24 * HOUR, 48 * HOUR],
    ['production', null, 14 * DAY, 30 * DAY],
  ]);
  const [investment, automatic, reviewed] = durations;
  expect(investment).toMatchObject({ count: 0, averageMs: null });
  expect(automatic?.count).toBe(1);
  expect(automatic?.averageMs).toBeLessThan(HOUR);
  expect(reviewed?.count).toBe(1);
  expect(reviewed?.averageMs).toBeGreaterThanOrEqual(30 * HOUR);
  expect(reviewed?.averageMs).toBeLessThan(31 * HOUR);
  // One of two took longer than 24 hours.
  expect(alerts).toMatchObject([{ metric: 'p95', type: 'nda', level: 'warning', limit: 24 * HOUR }]);
}, 600_000);

it('the dashboard raises an alert for each kind of deal that is too slow: 7 days, 30 days, 24 hours; twice that is critical (R000-3, R000-96)', async () => {
  const world = await PitchWorld.begin(ndas.live);
  const bidder = await world.bidder('slow');
  await world.advance('4d');
  await world.asCreator(bidder, 'creator-interest-response', { decision: 'interested' });
  await world.advance('6d');
  await world.asCompany(bidder, 'meeting-outcome', { outcome: 'proceed' });
  await world.advance('13d');
  const terms = { budget: 1_000_000, timeline: 'a year', rightsStructure: 'worldwide' };
  await world.asCompany(bidder, 'proposal-submitted', { proposalDocumentKey: 'p.pdf', terms });
  await world.advance('6d');
  await world.asCreator(bidder, 'proposal-response', { decision: 'accept' });
  await world.advance('2d');
  await world.asCompany(bidder, 'terms-agreed');
  await world.work();
  for (const approver of ['company', 'creator'] as const) await world.approve(bidder, approver);
  await world.work();
  for (const role of ['company', 'creator']) await world.sign(bidder, role);
  expect(await world.place(bidder)).toBe('PRODUCTION.underWay');

  const id = await ndas.begun();
  await ndas.advance(id, '6d');
  await ndas.send('creator', id, 'creator-decision', { decision: 'approve' });
  await ndas.advance(id, '2d');
  await ndas.deal(id).signBoth();
  await ndas.tick('creator', id, 'dd_documents_provided');
  await ndas.tick('legal', id, 'dd_review_complete');
  await ndas.send('legal', id, 'due-diligence-complete');
  await ndas.send('investor', id, 'commitment-confirmed', { confirmed: true });
  await ndas.deal(id).pay();
  await ndas.deal(id).signBoth();
  expect(await ndas.place(id)).toBe('COMPLETED');

  await reviewedAfter(60);
  const { alerts, timeToGoal } = await read();
  expect(alerts.filter(({ metric }) => metric === 'p95')).toMatchObject([
    { type: 'investment', level: 'warning', limit: 7 * DAY },
    { type: 'nda', level: 'critical', limit: 48 * HOUR },
    { type: 'production', level: 'warning', limit: 30 * DAY },
  ]);
  expect(timeToGoal.map(({ type, slowAfterMs }) => [type, slowAfterMs])).toEqual([
    ['investment', 7 * DAY],
    ['nda', 24 * HOUR],
    ['production', 30 * DAY],
  ]);
}, 600_000);
