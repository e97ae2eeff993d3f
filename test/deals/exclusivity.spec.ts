import { PitchWorld, type Bidder } from '../support/production.world.js';
import { liveService } from '../support/live.js';

const service = liveService();
const begin = async () => PitchWorld.begin(await service());

/** A pitch that the first company has, one on its way to a proposal, and two in the line behind it. */
async function crowded() {
  const world = await begin();
  const proposer = await world.proposer('early');
  const waiting = [await world.bidder('b'), await world.bidder('c')] as const;
  const holder = await world.holder('a');
  return { world, holder, proposer, waiting };
}

const end = (world: PitchWorld, holder: Bidder) => world.asCompany(holder, 'terms-rejected', { reason: 'No' });

describe('exclusivity', () => {
  it('is granted for 30 days on entering NEGOTIATION (R000-55, R000-56)', async () => {
    const world = await begin();
    const holder = await world.holder('a');
    const { standing, exclusiveUntil } = await world.line(holder);
    expect(standing).toBe('exclusive');
    const { rows } = await world.live.owner.query<{ days: number; same: boolean }>(
      `select extract(epoch from exclusivity_expires_at - exclusivity_granted_at) / 86400 as days, exclusivity_expires_at = $2 as same
         from deals.production_deals where workflow_instance_id = $1`,
      [holder.id, exclusiveUntil],
    );
    expect({ ...rows[0], days: Number(rows[0]?.days) }).toEqual({ days: 30, same: true });
  });

  it('sends everybody else to the line, in the order in which they came (R000-57, R000-58)', async () => {
    const { world, holder, proposer, waiting } = await crowded();
    expect(await world.place(proposer)).toBe('PROPOSAL.reviewing');
    for (const bidder of waiting) expect(await world.place(bidder)).toBe('WAITLISTED.inLine');
    const { line = [] } = await world.line(holder);
    expect(line.map(({ position, instanceId }) => [position, instanceId])).toEqual(
      [proposer, ...waiting].map(({ id }, i) => [i + 1, id]),
    );
    const { rows } = await world.live.owner.query(
      `select data ->> 'position' as position from notifications.messages
        where type = 'production_waitlisted' and user_id = any($1) order by created_at, 1`,
      [[proposer, ...waiting].map(({ userId }) => userId)],
    );
    expect(rows.map(({ position }) => position as string).sort()).toEqual(['1', '2', '3']);
  });

  it('keeps a newcomer waiting behind the others, and tells the creator so, less urgently (R000-50)', async () => {
    const { world } = await crowded();
    const newcomer = await world.bidder('late');
    expect(await world.place(newcomer)).toBe('WAITLISTED.inLine');
    expect(await world.line(newcomer)).toMatchObject({ standing: 'waiting', position: 4, waiting: 4 });
    const { rows } = await world.live.owner.query(
      `select priority, data ->> 'isWaitlisted' as waitlisted, data ->> 'currentExclusiveCompany' as company
         from notifications.messages where type = 'production_interest' and data ->> 'workflowInstanceId' = $1`,
      [newcomer.id],
    );
    expect(rows).toEqual([{ priority: 'normal', waitlisted: 'true', company: 'Film & Co' }]);
  });

  it('does not let the creator accept another proposal, and says where that stands (R000-57)', async () => {
    const { world, proposer } = await crowded();
    expect(await world.asCreator(proposer, 'proposal-response', { decision: 'accept' })).toMatchObject({
      status: 409,
      body: {
        code: 'WF002',
        explanation: {
          failing: expect.arrayContaining([
            expect.objectContaining({
              name: 'isPitchFree',
              reason: expect.objectContaining({ code: 'EXCLUSIVITY_HELD', data: { position: 1 } }),
            }),
          ]),
        },
      },
    });
  });

  it('tells a company its own place only, and the creator all of them', async () => {
    const { world, waiting } = await crowded();
    const [bidder] = waiting;
    const see = async (userId: string) =>
      (
        await world.live.call(
          'GET',
          `/api/workflows/production/${bidder.id}/line`,
          undefined,
          await world.live.tokenFor(userId, ['production']),
        )
      ).body;
    expect(await see(bidder.userId)).toEqual({ standing: 'waiting', exclusiveUntil: null, position: 2, waiting: 3 });
    expect(await see(world.creatorId)).toHaveProperty('line');
    expect(await see('stranger')).toMatchObject({ code: 'WF001' });
  });

  it('goes to the first in the line when the holder leaves, and to nobody else (R000-58, R000-59)', async () => {
    const { world, holder, proposer, waiting } = await crowded();
    await world.asCreator(proposer, 'proposal-response', { decision: 'reject' });
    await end(world, holder);
    // Already now, before anybody has heard of it: the pitch is kept for the first.
    expect(await world.line(waiting[0])).toMatchObject({ standing: 'next', position: null, waiting: 1 });
    await world.work();
    expect(await world.place(waiting[0])).toBe('MEETING.awaitingOutcome');
    expect(await world.place(waiting[1])).toBe('WAITLISTED.inLine');
    expect(await world.line(waiting[1])).toMatchObject({ standing: 'waiting', position: 1 });
  });

  it('is kept for whoever is first, also on his way to it (R000-57, R000-59)', async () => {
    const { world, holder, proposer, waiting } = await crowded();
    await end(world, holder);
    await world.work();
    expect(await world.line(proposer)).toMatchObject({ standing: 'next' });
    expect(await world.place(waiting[0])).toBe('WAITLISTED.inLine');
    expect(await world.asCreator(proposer, 'proposal-response', { decision: 'accept' })).toMatchObject({ status: 200 });
    expect(await world.line(proposer)).toMatchObject({ standing: 'exclusive' });
  });

  it('passes over a company that no longer qualifies, which keeps its place (R000-59)', async () => {
    const { world, holder, proposer, waiting } = await crowded();
    await world.asCreator(proposer, 'proposal-response', { decision: 'reject' });
    await world.putCompany(waiting[0].companyId, { verificationStatus: 'rejected' });
    await end(world, holder);
    await world.work();
    expect(await world.place(waiting[0])).toBe('WAITLISTED.inLine');
    expect(await world.place(waiting[1])).toBe('MEETING.awaitingOutcome');
    expect(await world.line(waiting[0])).toMatchObject({ standing: 'waiting', position: 1 });
  });

  it('goes on to the next when a company loses its verification between the choice and its turn (R000-59)', async () => {
    const { world, holder, proposer, waiting } = await crowded();
    await world.asCreator(proposer, 'proposal-response', { decision: 'reject' });
    await end(world, holder);
    await world.putCompany(waiting[0].companyId, { activeProjectsCount: 10 });
    await world.work();
    expect(await world.place(waiting[0])).toBe('WAITLISTED.inLine');
    expect(await world.place(waiting[1])).toBe('MEETING.awaitingOutcome');
  });

  it('is offered again to a company that was passed over and qualifies now (R000-59)', async () => {
    const world = await begin();
    const late = await world.bidder('late');
    const holder = await world.holder('a');
    await world.putCompany(late.companyId, { verificationStatus: 'pending' });
    await end(world, holder);
    await world.work();
    expect(await world.line(late)).toMatchObject({ standing: 'waiting', position: 1 });
    await world.putCompany(late.companyId);
    await world.work();
    expect(await world.place(late)).toBe('MEETING.awaitingOutcome');
  });

  it('lapses after 30 days without a contract: the next is chosen, and the holder goes on behind it (R000-49, R000-58)', async () => {
    const world = await begin();
    const holder = await world.holder('a');
    const next = await world.bidder('b');
    await world.advance('31d');
    expect(await world.place(holder)).toBe('PROPOSAL.reviewing');
    expect(await world.place(next)).toBe('MEETING.awaitingOutcome');
    expect(await world.line(holder)).toMatchObject({ standing: 'waiting', position: 1 });
    expect(await world.asCreator(holder, 'proposal-response', { decision: 'accept' })).toMatchObject({ status: 409 });
    await world.asCompany(next, 'meeting-outcome', { outcome: 'pass' });
    await world.work();
    expect(await world.asCreator(holder, 'proposal-response', { decision: 'accept' })).toMatchObject({ status: 200 });
  });

  it('ends all other deals when the pitch goes into production, and lets no new one begin (R000-61)', async () => {
    const world = await begin();
    const others = [await world.bidder('b'), await world.proposer('c')];
    const parked = await world.bidder('d');
    await world.asCreator(parked, 'creator-interest-response', { decision: 'waitlist' });
    await world.producer('a');
    const late = await world.bidder('late');
    for (const bidder of [...others, parked, late])
      expect(await world.read(bidder)).toMatchObject({
        state: 'REJECTED',
        context: { reasonCode: 'pitch_in_production' },
      });
    expect(await world.line(late)).toMatchObject({ waiting: 0 });
  });

  it('cannot be given away twice, not even by force', async () => {
    const { world, holder, proposer } = await crowded();
    const force = { fromState: 'PROPOSAL', toState: 'NEGOTIATION', reason: 'The creator insists on both of them' };
    expect(await world.live.call('POST', `/admin/workflows/${proposer.id}/force-transition`, force)).toMatchObject({
      status: 409,
      body: { code: 'WF007' },
    });
    expect(await world.line(holder)).toMatchObject({ standing: 'exclusive' });
  });

  it('is passed on when the holder is forced out of it', async () => {
    const { world, holder, proposer } = await crowded();
    const force = { fromState: 'NEGOTIATION', toState: 'EXPIRED', reason: 'The company does not answer any more' };
    await world.live.call('POST', `/admin/workflows/${holder.id}/force-transition`, force);
    await world.work();
    expect(await world.line(proposer)).toMatchObject({ standing: 'next' });
  });

  it('is kept while whoever it is kept for is paused, and he hears of it afterwards', async () => {
    const world = await begin();
    const next = await world.bidder('b');
    const holder = await world.holder('a');
    const reason = { reason: 'Somebody has to look at it first' };
    await world.live.call('POST', `/admin/workflows/${next.id}/pause`, reason);
    await end(world, holder);
    await world.work();
    expect(await world.place(next)).toBe('WAITLISTED.inLine');
    expect(await world.line(next)).toMatchObject({ standing: 'next' });
    await world.live.call('POST', `/admin/workflows/${next.id}/resume`, reason);
    await world.work();
    expect(await world.place(next)).toBe('MEETING.awaitingOutcome');
  });

  it('stays with its tenant', async () => {
    const { world, holder } = await crowded();
    const { rows } = await world.live.owner.query(
      `select count(*)::int as n from deals.leases where tenant <> 'demo' or holder is null and key = 'pitch:' || $1`,
      [world.pitchId],
    );
    expect(rows).toEqual([{ n: 0 }]);
    expect(await world.line(holder)).toMatchObject({ standing: 'exclusive' });
  });
});
