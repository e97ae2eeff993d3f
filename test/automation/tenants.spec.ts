import { AppModule } from '../../src/app.module.js';
import { engineApi } from '../api/engine.app.js';

const running = engineApi((config) => [AppModule.with(config)]);
const RULE = {
  name: 'Ours',
  trigger: { event_types: ['*'] },
  actions: [{ type: 'docs.render_template', params: { title: 'Ours', body: 'a word of ours' } }],
};

describe('rules of two tenants (R001-21)', () => {
  it('do not see each other, nor each other’s events, jobs, logs and documents', async () => {
    const made = await running().post('admin', '/api/automation/rules', RULE);
    const id = Number(made.json['rule_id']);
    const accepted = await running().post('admin', '/api/automation/events', {
      event_type: 'ours.alone',
      dedupe_key: 'same',
    });
    await running().work();
    const jobs = await running().get('admin', '/api/automation/jobs');
    const [job] = jobs.json['data'] as { job_id: number; status: string }[];
    expect(job?.status).toBe('succeeded');

    const path = `/api/automation/rules/${id}`;
    for (const [method, address, body] of [
      ['GET', path, undefined],
      ['PATCH', path, { name: 'Theirs' }],
      ['DELETE', path, undefined],
      ['POST', '/api/automation/test', { rule_id: id, event: { event_type: 'a.b' } }],
      ['GET', `/api/automation/jobs/${job?.job_id}/document`, undefined],
    ] as const)
      expect(await running().ask(method, address, { as: 'stranger', ...(body && { body }) })).toMatchObject({
        status: 404,
      });
    for (const list of ['rules', 'jobs', 'logs', `logs?event_id=${String(accepted.json['event_id'])}`])
      expect((await running().get('stranger', `/api/automation/${list}`)).json['data']).toEqual([]);

    // Their event of the same key is another one, and sets off nothing of ours.
    const theirs = await running().post('stranger', '/api/automation/events', {
      event_type: 'ours.alone',
      dedupe_key: 'same',
    });
    expect(theirs).toMatchObject({ status: 202, json: { duplicate: false, fired: [] } });
    expect((await running().get('admin', path)).json).toMatchObject({ name: 'Ours', revision: 1 });
    const [counted] = await running().rows<{ count: number }>(
      `select count(*)::int as count from automation.jobs where tenant = 'demo'`,
    );
    expect(counted?.count).toBe(1);
  });

  it('sign their webhooks with secrets of their own', async () => {
    const secrets = async (as: string) =>
      (await running().get(as, '/api/automation/webhook-secrets')).json['secrets'] as string[];
    const [ours, theirs] = [await secrets('admin'), await secrets('stranger')];
    expect(ours).toHaveLength(1);
    expect(ours).not.toEqual(theirs);
  });
});
