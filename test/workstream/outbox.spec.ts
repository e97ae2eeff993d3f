import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
interface Event {
  work_event_id: number;
  claimed_by: string | null;
  retry_count: number;
}
const waiting = () =>
  service.rows<Event>(
    'select work_event_id, claimed_by, retry_count from app.work_event where processed_at is null order by work_event_id',
  );
const messages = (type: string) =>
  service.rows<{ user_id: string }>('select user_id from notifications.messages where type = $1', type);

describe('the events of the pipeline', () => {
  it('are claimed once by workers that ask at the same moment (R001-61)', async () => {
    const pursuits: number[] = [];
    for (let n = 0; n < 6; n++) {
      const id = await service.pursuit({ owner_user_id: `lead_${n}`, contact_email: `p${n}@example.com` });
      await service.advance(id, 'submit');
      pursuits.push(id);
    }
    expect(await waiting()).toHaveLength(12);
    const worker = service.live.app.get(OutboxWorker);
    const turns = async () => {
      while (await worker.turn());
    };
    await Promise.all([turns(), turns(), turns()]);
    expect(await waiting()).toEqual([]);
    const attempts = await service.rows<{ attempts: string }>(
      `select count(*) as attempts from engine.attempts a join engine.outbox o on o.tenant = a.tenant and o.id = a.outbox_id
        where o.type = 'workstream.mailProposal' group by o.id`,
    );
    expect(attempts.map(({ attempts: count }) => Number(count))).toEqual(pursuits.map(() => 1));
    expect(await messages('proposal_sent')).toHaveLength(2 * pursuits.length);
  });

  it('come back from a worker that died when its claim is stale, and not before (R001-62)', async () => {
    const id = await service.pursuit({ contact_email: 'stale@example.com' });
    await service.advance(id, 'submit');
    const [mail] = await waiting();
    const claim = (until: string) =>
      service.live.owner.query(
        `update engine.outbox set status = 'claimed', claimed_by = 'dead-worker', claimed_until = clock_timestamp() + $2::interval, attempts = 1 where id = $1`,
        [mail?.work_event_id, until],
      );
    await claim('1 hour');
    await service.work();
    expect(await waiting()).toMatchObject([{ claimed_by: 'dead-worker' }, { claimed_by: null }]);
    await claim('-1 second');
    await service.work();
    expect(await waiting()).toEqual([]);
  });
});
