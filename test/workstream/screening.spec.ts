import { workstream } from '../support/workstream.js';

const service = workstream();

interface Spotlight {
  spotlight_id: number;
}
let domains = 0;
/** A spotlight of its own domain that looks for an industry and a source. */
async function spotlight(automatic: string, wanted: { problem_phrase: string; source_type?: string }): Promise<number> {
  const domain = `screening_${++domains}`;
  const field_values: Record<string, string> = {};
  for (const [field_name, value] of Object.entries(wanted)) {
    const { field_id } = await service.done<{ field_id: number }>('POST', '/api/spotlights/fields', {
      domain,
      field_name,
      field_type: 'text',
    });
    field_values[field_id] = value;
  }
  const body = { name: domain, domain, automatic, field_values };
  return (await service.done<Spotlight>('POST', '/api/spotlights', body)).spotlight_id;
}
let people = 0;
/** A signal of somebody of its own: the same words of the same person would be the same signal. */
const signalOf = (more: object) => service.signal({ contact_email: `p${++people}@example.com`, ...more });
const evaluations = (signal: number) =>
  service.rows<{ spotlight_id: number; recommendation: string; route: string | null }>(
    `select spotlight_id, recommendation, route from workstream.spotlight_evaluations
      where signal_id = $1 and evaluated_by = 'system:spotlight' order by evaluation_id`,
    signal,
  );
const statusOf = async (signal: number) =>
  (await service.done<{ status: string }>('GET', `/api/signals/${signal}`)).status;

describe('signals that come in (R001-73)', () => {
  it('are judged by nobody as long as no spotlight judges by itself', async () => {
    await spotlight('off', { problem_phrase: 'slow' });
    const signal = await signalOf({ problem_phrase: 'slow website' });
    await service.work();
    expect(await evaluations(signal)).toEqual([]);
    expect(await service.rows(`select from engine.outbox where type = 'workstream.screenSignal'`)).toEqual([]);
  });

  it('are held against the spotlights that do, and the best result of those that act is acted on', async () => {
    const watching = await spotlight('evaluate', { problem_phrase: 'slow' });
    const narrow = await spotlight('route', { problem_phrase: 'slow', source_type: 'call' });
    const wide = await spotlight('route', { problem_phrase: 'website' });
    const signal = await signalOf({ problem_phrase: 'slow website', owner_user_id: 'sally' });
    expect(await statusOf(signal)).toBe('touched');
    const open = `SELECT event_name, item_type, item_id::int FROM app.work_event WHERE processed_at IS NULL`;
    expect(await service.rows(open)).toEqual([{ event_name: 'signal.screen', item_type: 'signal', item_id: signal }]);
    await service.work();
    expect(await evaluations(signal)).toEqual([
      { spotlight_id: watching, recommendation: 'high_match', route: null },
      { spotlight_id: narrow, recommendation: 'low_match', route: null },
      { spotlight_id: wide, recommendation: 'high_match', route: 'candidate' },
    ]);
    expect(await statusOf(signal)).toBe('linked');
    const [candidate] = await service.rows<{ candidate_id: number }>(
      'select candidate_id from workstream.candidate_signals where signal_id = $1',
      signal,
    );
    expect(await service.done('GET', `/api/candidates/${candidate?.candidate_id}`)).toMatchObject({
      status: 'new',
      value_band: 'high',
      owner_user_id: 'sally',
    });
  });

  it('are judged once, also when their effect runs again', async () => {
    const signal = await signalOf({ problem_phrase: 'slow website' });
    await service.work();
    const before = await evaluations(signal);
    expect(before).not.toEqual([]);
    // The worker died between its commit and telling so.
    await service.live.owner.query(
      `update engine.outbox set status = 'pending', finished_at = null, next_attempt_at = engine.now()
        where type = 'workstream.screenSignal' and (params ->> 'signalId')::bigint = $1`,
      [signal],
    );
    await service.work();
    expect(await evaluations(signal)).toEqual(before);
    expect(await service.rows('select from workstream.candidate_signals where signal_id = $1', signal)).toHaveLength(1);
  });

  it('are put away when nothing matches, but never behind the back of whoever looks after them', async () => {
    const [nobodys, sallys] = [
      await signalOf({ problem_phrase: 'unrelated' }),
      await signalOf({ problem_phrase: 'unrelated too', owner_user_id: 'sally' }),
    ];
    await service.work();
    expect(await statusOf(nobodys)).toBe('archived');
    expect(await statusOf(sallys)).toBe('touched');
    expect((await evaluations(sallys)).map(({ recommendation }) => recommendation)).toEqual([
      'no_match',
      'no_match',
      'no_match',
    ]);
  });

  it('are left alone by a spotlight that has been taken out of use, and by one that is told to be silent', async () => {
    const { data } = await service.done<{ data: (Spotlight & { automatic: string })[] }>('GET', '/api/spotlights');
    for (const { spotlight_id, automatic } of data)
      await service.done(
        'PUT',
        `/api/spotlights/${spotlight_id}`,
        automatic === 'evaluate' ? { is_active: false } : { automatic: 'off' },
      );
    const signal = await signalOf({ problem_phrase: 'slow website' });
    await service.work();
    expect(await evaluations(signal)).toEqual([]);
    expect(await statusOf(signal)).toBe('new');
  });
});
