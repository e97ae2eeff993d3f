import { workstream } from '../support/workstream.js';

const service = workstream();
const add = (kind: string, body: object) => service.ask('POST', `/api/workstream/${kind}`, body, 'operator');

describe('the catalogues of problems and solutions (R001-13)', () => {
  it('are written by operators, read by the team, and paged', async () => {
    const first = await add('problems', { name: 'Slow website', category: 'web' });
    expect(first).toMatchObject({
      status: 201,
      body: { name: 'Slow website', category: 'web', description: null, is_active: true, created_by: 'operator_1' },
    });
    const { problem_id } = first.body;
    expect(await add('problems', { name: 'slow WEBSITE' })).toMatchObject({ status: 409, body: { code: 'IN_USE' } });
    expect(await add('problems', { name: ' ' })).toMatchObject({ status: 400 });
    expect((await service.ask('POST', '/api/workstream/problems', { name: 'Another' })).status).toBe(403);
    expect(await add('solutions', { name: 'New shop', problem_id })).toMatchObject({
      status: 201,
      body: { problem_id },
    });
    expect(await add('solutions', { name: 'For nothing', problem_id: 999_999 })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'problem_id' }] },
    });
    await add('problems', { name: 'No leads' });
    const page = await service.done<{ nextCursor: string }>('GET', '/api/workstream/problems?limit=1');
    expect(page).toMatchObject({ data: [{ problem_id }], pagination: { total: 2 } });
    expect(await service.done('GET', `/api/workstream/problems?limit=1&cursor=${page.nextCursor}`)).toMatchObject({
      data: [{ name: 'No leads' }],
      pagination: { total: 2 },
      nextCursor: null,
    });
  });

  it('say what a candidate can be about; what somebody has chosen stays', async () => {
    const { body } = await add('problems', { name: 'No budget' });
    const candidate = await service.candidate({ problem_id: body['problem_id'] });
    const path = `/api/workstream/problems/${String(body['problem_id'])}`;
    expect(await service.ask('DELETE', path, undefined, 'operator')).toMatchObject({
      status: 409,
      body: { code: 'IN_USE' },
    });
    await service.done('PUT', path, { is_active: false }, 'operator');
    expect(await service.done('GET', '/api/workstream/problems?active=false')).toMatchObject({
      data: [{ name: 'No budget' }],
    });
    // It is chosen no more, and the candidate keeps it.
    const late = { title: 'Late', problem_id: body['problem_id'] };
    expect(await service.ask('POST', '/api/candidates', late)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'problem_id' }] },
    });
    expect(await service.ask('PUT', `/api/candidates/${candidate}`, { solution_id: 999_999 })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'solution_id' }] },
    });
    expect(await service.done('PUT', `/api/candidates/${candidate}`, { title: 'Renamed' })).toMatchObject({
      problem_id: body['problem_id'],
    });
    await service.done('PUT', `/api/candidates/${candidate}`, { problem_id: null });
    expect(await service.ask('DELETE', path, undefined, 'operator')).toEqual({ status: 200, body: { deleted: 1 } });
    expect((await service.ask('GET', path)).status).toBe(404);
  });

  it('are there for psql under the names of the original service', async () => {
    for (const view of ['problem_taxonomy', 'solution_catalog'])
      expect(
        await service.rows(`select org_id, name from app.${view} where name in ('Slow website', 'New shop')`),
      ).toEqual([expect.objectContaining({ org_id: 1 })]);
  });
});

it('tells why a pursuit can be lost (R001-13)', async () => {
  const { data } = await service.done<{ data: object[] }>('GET', '/api/workstream/lost-reasons');
  expect(data).toEqual([
    { reason_code: 'budget', category: 'prospect' },
    { reason_code: 'competition', category: 'market' },
    { reason_code: 'fit', category: 'product' },
    { reason_code: 'other', category: 'other' },
    { reason_code: 'timing', category: 'prospect' },
  ]);
});
