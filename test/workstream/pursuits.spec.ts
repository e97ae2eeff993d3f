import { workstream } from '../support/workstream.js';

const service = workstream();

const names = async (type: string, id: number) => (await service.events(type, id)).map(({ name }) => name);

describe('promotion', () => {
  it('makes the pursuit, its first proposal and its checklist at once, and tells of both (R001-37)', async () => {
    const id = await service.candidate();
    await service.done('POST', `/api/candidates/${id}/status`, { to: 'triaged', note: 'looks good' });
    const first = await service.ask('POST', `/api/candidates/${id}/promote`);
    expect(first).toEqual({ status: 201, body: { pursuit_id: id } });
    expect(await service.ask('POST', `/api/candidates/${id}/promote`)).toEqual({
      status: 200,
      body: { pursuit_id: id },
    });

    expect(await service.done('GET', `/api/candidates/${id}`)).toMatchObject({
      status: 'promoted',
      promoted_at: expect.any(String),
      last_touch_at: expect.any(String),
    });
    expect(await service.done('GET', `/api/pursuits/${id}`)).toMatchObject({
      pursuit_stage: 'qual',
      candidate_id: id,
      capture_lead_id: 'sally',
      org_id: 1,
    });
    expect(await service.done('GET', `/api/pursuits/${id}/proposals`)).toMatchObject({
      data: [{ version: 1, status: 'draft', sent_at: null }],
    });
    const { data, gates } = await service.done<{ data: object[]; gates: object[] }>(
      'GET',
      `/api/pursuits/${id}/checklist`,
    );
    expect(data).toHaveLength(10);
    expect(gates).toContainEqual(
      expect.objectContaining({ gate: 'pink_to_red', total: 4, done: 0, completion_percentage: 0 }),
    );
    expect(await names('candidate', id)).toEqual([
      'candidate.created',
      'candidate.status.triaged',
      'candidate.promoted',
      'candidate.status.promoted',
    ]);
    expect((await service.events('candidate', id)).find(({ name }) => name === 'candidate.promoted')?.payload).toEqual({
      pursuit_id: id,
    });
    expect(await names('pursuit', id)).toEqual(['pursuit.created']);
  });

  it('happens as a whole or not at all', async () => {
    const id = await service.candidate();
    await service.done('POST', `/api/candidates/${id}/status`, { to: 'triaged' });
    await service.live.owner.query('alter table workstream.checklist_items rename to away');
    try {
      expect((await service.ask('POST', `/api/candidates/${id}/promote`)).status).toBe(500);
    } finally {
      await service.live.owner.query('alter table workstream.away rename to checklist_items');
    }
    expect(await service.done('GET', `/api/candidates/${id}`)).toMatchObject({ status: 'triaged', promoted_at: null });
    expect((await service.ask('GET', `/api/pursuits/${id}`)).status).toBe(404);
    expect((await service.ask('POST', `/api/candidates/${id}/promote`)).status).toBe(201);
  });

  it('is refused to a candidate that was not triaged, and says what is possible (R001-27)', async () => {
    const id = await service.candidate();
    expect(await service.ask('POST', `/api/candidates/${id}/promote`)).toMatchObject({
      status: 422,
      body: {
        code: 'INVALID_TRANSITION',
        current_state: 'new',
        attempted_state: 'promoted',
        allowed_transitions: ['triaged'],
        state_machine: 'candidate',
      },
    });
  });

  it('makes one pursuit when many promote at once (R001-7, R001-33)', async () => {
    const id = await service.candidate();
    await service.done('POST', `/api/candidates/${id}/status`, { to: 'triaged' });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => service.ask('POST', `/api/candidates/${id}/promote`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(answers.map(({ body }) => body)).toEqual(answers.map(() => ({ pursuit_id: id })));
  });
});

describe('the gates', () => {
  it('keep a pursuit until its list is done, and name what is missing (R001-28, R001-29)', async () => {
    const id = await service.pursuit();
    await service.advance(id, 'pink');
    await service.clear(id, 'pink_to_red', ['budget_confirmed']);
    expect(await service.ask('POST', `/api/pursuits/${id}/stage`, { to: 'red' })).toMatchObject({
      status: 409,
      body: {
        code: 'GATE_BLOCKED',
        gate_type: 'pink_to_red',
        missing_items: ['technical_scope_defined', 'decision_makers_identified', 'timeline_agreed'],
        required_items: [
          'budget_confirmed',
          'technical_scope_defined',
          'decision_makers_identified',
          'timeline_agreed',
        ],
      },
    });
    expect(await service.stage(id)).toBe('pink');
    await service.clear(id, 'pink_to_red');
    expect(await service.ask('POST', `/api/pursuits/${id}/stage`, { to: 'red' })).toEqual({
      status: 200,
      body: { ok: true, stage: 'red' },
    });
    expect(await service.ask('POST', `/api/pursuits/${id}/submit`)).toMatchObject({
      status: 409,
      body: {
        code: 'GATE_BLOCKED',
        gate_type: 'red_to_submit',
        missing_items: expect.arrayContaining(['pricing_approved']),
      },
    });
  });

  it('are the same through every door (R001-28)', async () => {
    const id = await service.pursuit();
    await service.advance(id, 'red');
    const { workflow_instance_id } = await service.done<{ workflow_instance_id: string }>('GET', `/api/pursuits/${id}`);
    const closed = { code: 'GATE_BLOCKED', gate_type: 'red_to_submit' };
    const events = `/api/instances/${workflow_instance_id}/events`;
    expect(await service.ask('POST', `/api/pursuits/${id}/submit`)).toMatchObject({ status: 409, body: closed });
    expect(await service.ask('POST', `/api/pursuits/${id}/stage`, { to: 'submit' })).toMatchObject({
      status: 409,
      body: closed,
    });
    for (const role of ['sales', 'service', 'admin'] as const)
      expect(await service.ask('POST', events, { type: 'submit' }, role)).toMatchObject({ status: 409, body: closed });
    const bulk = await service.done('POST', '/api/pursuits/bulk/stage', { ids: [id], to: 'submit' });
    expect(bulk).toMatchObject({
      done: 0,
      refused: 1,
      results: [{ id, ok: false, problem: { ...closed, status: 409 } }],
    });
    expect(await service.stage(id)).toBe('red');
  });

  it('let an administrator through by force, and keep what was passed over with the reason', async () => {
    const id = await service.pursuit();
    await service.advance(id, 'red');
    await service.clear(id, 'red_to_submit', ['proposal_reviewed']);
    const { workflow_instance_id } = await service.done<{ workflow_instance_id: string }>('GET', `/api/pursuits/${id}`);
    const reason = 'The customer has asked for the offer today.';
    const force = { fromState: 'red', toState: 'submit', reason, runEntryEffects: true };
    await service.done('POST', `/admin/workflows/${workflow_instance_id}/force-transition`, force, 'admin');
    expect(await service.stage(id)).toBe('submit');
    const audit = await service.rows(
      `select action, reason, details from engine.audit where target = $1 order by id`,
      workflow_instance_id,
    );
    expect(audit).toContainEqual(
      expect.objectContaining({
        action: 'gate-bypass',
        reason,
        details: expect.objectContaining({
          gate: 'red_to_submit',
          missing: ['pricing_approved', 'legal_terms_agreed', 'delivery_plan_finalized'],
        }),
      }),
    );
    // Forced or not, what is submitted has been sent.
    expect(await names('pursuit', id)).toEqual(expect.arrayContaining(['pursuit.submit', 'proposal.sent']));
    expect(await service.done('GET', `/api/pursuits/${id}/proposals`)).toMatchObject({ data: [{ status: 'sent' }] });
  });

  it('hold when a tick is taken back while the gate is passed (R001-33)', async () => {
    const id = await service.pursuit();
    await service.advance(id, 'pink');
    await service.clear(id, 'pink_to_red');
    const { data } = await service.done<{ data: { item_id: number }[] }>('GET', `/api/pursuits/${id}/checklist`);
    const item = `/api/pursuits/${id}/checklist/${data[0]?.item_id}`;
    const [moved] = await Promise.all([
      service.ask('POST', `/api/pursuits/${id}/stage`, { to: 'red' }),
      service.ask('PATCH', item, { is_done: false }),
    ]);
    const passed = moved.status === 200;
    expect(await service.stage(id)).toBe(passed ? 'red' : 'pink');
    // Whichever came first, the decision was made on what was true then.
    const [row] = await service.rows<{ facts: { checklist?: { is_open: boolean }[] } }>(
      `select h.facts from engine.history h join workstream.pursuits p on p.workflow_instance_id = h.instance_id
        where p.pursuit_id = $1 and h.type = 'start-red'`,
      id,
    );
    if (passed) expect(row?.facts.checklist?.slice(0, 4).every(({ is_open }) => !is_open)).toBe(true);
    else expect(moved.body).toMatchObject({ code: 'GATE_BLOCKED' });
  });

  it('do not stand in the way back (R001-29)', async () => {
    const id = await service.pursuit();
    await service.advance(id, 'red');
    for (const to of ['pink', 'qual'])
      expect(await service.ask('POST', `/api/pursuits/${id}/stage`, { to })).toMatchObject({
        status: 200,
        body: { stage: to },
      });
  });
});

describe('the end of a pursuit', () => {
  it('is won with everything done and a proposal sent (R001-32, R001-40)', async () => {
    const id = await service.pursuit();
    await service.advance(id, 'submit');
    expect(await service.ask('POST', `/api/pursuits/${id}/won`)).toMatchObject({
      status: 409,
      body: {
        code: 'GATE_BLOCKED',
        gate_type: 'submit_to_close',
        missing_items: ['outcome_recorded', 'final_review_done'],
      },
    });
    await service.clear(id, 'submit_to_close');
    expect(await service.ask('POST', `/api/pursuits/${id}/won`)).toEqual({ status: 200, body: { ok: true } });
    expect(await service.done('GET', `/api/pursuits/${id}`)).toMatchObject({
      pursuit_stage: 'won',
      closed_at: expect.any(String),
    });
    const events = await service.events('pursuit', id);
    expect(events.map(({ name }) => name)).toEqual([
      'pursuit.created',
      'pursuit.stage.pink',
      'pursuit.stage.red',
      'pursuit.stage.submit',
      'pursuit.submit',
      'proposal.sent',
      'pursuit.stage.won',
      'pursuit.won',
    ]);
    expect(events.at(-1)?.payload).toEqual({ proposal_id: id * 10_000 + 1 });
    expect(await service.ask('POST', `/api/pursuits/${id}/lost`, { reason: 'fit' })).toMatchObject({
      status: 422,
      body: { code: 'INVALID_TRANSITION', current_state: 'won', allowed_transitions: [] },
    });
  });

  it('is lost for a reason, and no other (R001-32, R001-40)', async () => {
    const id = await service.pursuit();
    await service.advance(id, 'submit');
    for (const body of [{}, { reason: 'bored' }])
      expect(await service.ask('POST', `/api/pursuits/${id}/lost`, body)).toMatchObject({
        status: 400,
        body: { code: 'WF006' },
      });
    expect(await service.ask('POST', `/api/pursuits/${id}/stage`, { to: 'lost' })).toMatchObject({ status: 400 });
    await service.clear(id, 'submit_to_close');
    expect(await service.ask('POST', `/api/pursuits/${id}/stage`, { to: 'lost', reason: 'budget' })).toEqual({
      status: 200,
      body: { ok: true, stage: 'lost' },
    });
    expect((await service.events('pursuit', id)).at(-1)).toEqual({
      name: 'pursuit.lost',
      payload: { reason: 'budget' },
    });
    expect(await service.done('GET', `/api/pursuits/${id}`)).toMatchObject({ reason_code: 'budget' });
  });

  it('asks nothing for a loss that only a win needs (R001-32)', async () => {
    await service.done(
      'POST',
      '/api/workstream/config',
      {
        config_type: 'gate_rule',
        config_key: 'submit_to_close',
        config_value: ['outcome_recorded', { key: 'contract_signed', label: 'The contract is signed', won_only: true }],
      },
      'admin',
    );
    const id = await service.pursuit();
    await service.advance(id, 'submit');
    await service.clear(id, 'submit_to_close', ['outcome_recorded']);
    expect(await service.ask('POST', `/api/pursuits/${id}/won`)).toMatchObject({
      status: 409,
      body: { missing_items: ['contract_signed'] },
    });
    expect(await service.ask('POST', `/api/pursuits/${id}/lost`, { reason: 'timing' })).toMatchObject({ status: 200 });
    await service.done(
      'POST',
      '/api/workstream/config',
      {
        config_type: 'gate_rule',
        config_key: 'submit_to_close',
        config_value: '["outcome_recorded","final_review_done"]',
      },
      'admin',
    );
  });
});

describe('proposals', () => {
  it('have versions, and each is sent once (R001-41)', async () => {
    const id = await service.pursuit();
    const second = await service.ask<{ proposal_id: number }>('POST', `/api/pursuits/${id}/proposals`, {});
    expect(second).toMatchObject({ status: 201, body: { pursuit_id: id, version: 2, status: 'draft' } });
    const send = `/api/pursuits/proposals/${second.body.proposal_id}/send`;
    expect(await service.ask('POST', send)).toMatchObject({
      status: 200,
      body: { status: 'sent', sent_at: expect.any(String) },
    });
    expect(await service.ask('POST', send)).toMatchObject({ status: 409 });
    await service.advance(id, 'red');
    await service.clear(id, 'red_to_submit');
    expect(await service.ask('POST', `/api/pursuits/${id}/submit`)).toMatchObject({
      status: 200,
      body: { ok: true, proposal_id: second.body.proposal_id },
    });
    const sent = (await service.events('pursuit', id)).filter(({ name }) => name === 'proposal.sent');
    expect(sent).toEqual([{ name: 'proposal.sent', payload: { proposal_id: second.body.proposal_id } }]);
    expect(await service.done('GET', `/api/pursuits/${id}/proposals`)).toMatchObject({
      data: [
        { version: 2, status: 'sent' },
        { version: 1, status: 'draft' },
      ],
    });
  });

  it('are signed, which is an answer, or void and followed by a draft (R001-9, R001-59)', async () => {
    const id = await service.pursuit();
    await service.advance(id, 'submit');
    const [first, second] = [id * 10_000 + 1, id * 10_000 + 2];
    const waiting = async () =>
      service.rows(
        `select state from workstream.sla_clocks where item_type = 'pursuit' and item_id = $1 and metric = 'response_sla' and ended_at is null`,
        id,
      );
    expect(await waiting()).toEqual([{ state: 'running' }]);
    const end = `/api/pursuits/proposals/${first}/void`;
    expect(await service.ask('POST', end, { reason: 'The price was wrong' })).toMatchObject({
      status: 200,
      body: { status: 'void', void_reason: 'The price was wrong', voided_at: expect.any(String) },
    });
    expect((await service.ask('POST', end)).status).toBe(409);
    // Nothing is out: nobody waits for an answer.
    expect(await waiting()).toEqual([]);
    await service.clear(id, 'submit_to_close');
    expect(await service.ask('POST', `/api/pursuits/${id}/won`)).toMatchObject({
      status: 409,
      body: { missing_items: ['sent_proposal'] },
    });
    const sign = `/api/pursuits/proposals/${second}/signed`;
    expect((await service.ask('POST', sign)).status).toBe(409);
    await service.done('POST', `/api/pursuits/proposals/${second}/send`);
    expect(await waiting()).toEqual([{ state: 'running' }]);
    expect(await service.ask('POST', sign)).toMatchObject({
      status: 200,
      body: { version: 2, status: 'signed', signed_at: expect.any(String) },
    });
    expect(await waiting()).toEqual([]);
    expect((await service.ask('POST', `/api/pursuits/proposals/${second}/void`)).status).toBe(409);
    expect(await service.ask('POST', `/api/pursuits/${id}/won`)).toMatchObject({ status: 200 });
    expect(await service.done('GET', `/api/pursuits/${id}/proposals`)).toMatchObject({
      data: [
        { version: 2, status: 'signed' },
        { version: 1, status: 'void', sent_at: expect.any(String) },
      ],
    });
    expect((await names('pursuit', id)).filter((name) => name.startsWith('proposal.'))).toEqual([
      'proposal.sent',
      'proposal.void',
      'proposal.drafted',
      'proposal.sent',
      'proposal.signed',
    ]);
  });

  it('that were drafted by a request are its answer again, whatever was drafted since (R001-41)', async () => {
    const id = await service.pursuit();
    const draft = (key: string) =>
      service.ask('POST', `/api/pursuits/${id}/proposals`, {}, 'sales', { 'idempotency-key': key });
    expect(await draft('a')).toMatchObject({ status: 201, body: { version: 2 } });
    await service.done('POST', `/api/pursuits/proposals/${id * 10_000 + 2}/void`);
    expect(await draft('b')).toMatchObject({ body: { version: 4 } });
    expect(await draft('a')).toMatchObject({ status: 201, body: { version: 2 } });
  });

  it('cannot be sent through another pursuit', async () => {
    const [one, other] = [await service.pursuit(), await service.pursuit()];
    const { workflow_instance_id } = await service.done<{ workflow_instance_id: string }>(
      'GET',
      `/api/pursuits/${one}`,
    );
    const event = { type: 'send-proposal', payload: { proposal_id: other * 10_000 + 1 } };
    expect(await service.ask('POST', `/api/instances/${workflow_instance_id}/events`, event)).toMatchObject({
      status: 409,
    });
  });
});

describe('what is known about a pursuit', () => {
  it('changes, but for its stage (R001-23), and keeps to one scale (R001-8)', async () => {
    const id = await service.pursuit();
    const put = (body: object) => service.ask('PUT', `/api/pursuits/${id}`, body);
    expect(await put({ compliance_score: 7.5, due_date: '2026-12-24', forecast_value_usd: 125_000 })).toMatchObject({
      status: 200,
      body: { compliance_score: 7.5, due_date: '2026-12-24', forecast_value_usd: 125_000 },
    });
    expect(await put({ pursuit_stage: 'won' })).toMatchObject({ status: 422, body: { code: 'STATE_READ_ONLY' } });
    for (const compliance_score of [10.1, -1, 7.55])
      expect(await put({ compliance_score })).toMatchObject({ status: 422, body: { code: 'OUT_OF_RANGE' } });
    expect(await put({})).toMatchObject({ status: 400, body: { detail: 'At least one field required' } });
    expect(await service.ask('POST', `/api/pursuits/${id}/stage`, {})).toMatchObject({
      status: 400,
      body: { detail: 'to stage required' },
    });
    expect(await service.ask('POST', '/api/pursuits/999999/stage', { to: 'pink' })).toMatchObject({ status: 404 });
    expect(await service.ask('GET', '/api/pursuits/0')).toMatchObject({
      status: 400,
      body: { detail: 'pursuit_id must be a positive integer' },
    });
  });

  it('includes what winning it costs, and what its work is expected to take (R001-10)', async () => {
    const id = await service.pursuit();
    const cost = await service.done<{ entry_id: number }>('POST', `/api/pursuits/${id}/cos`, {
      role: 'engineer',
      hours: 7.5,
      rate: 120,
    });
    expect(cost).toMatchObject({ amount: 900 });
    await service.done('POST', `/api/pursuits/${id}/cos`, { role: 'writer', hours: 2, rate: 80 });
    expect(await service.done('GET', `/api/pursuits/${id}/cos`)).toMatchObject({
      totals: { cos_hours: 9.5, cos_amount: 1060 },
    });
    await service.done('DELETE', `/api/pursuits/${id}/cos/${cost.entry_id}`);
    expect(await service.done('GET', `/api/pursuits/${id}`)).toMatchObject({ cos_hours: 2, cos_amount: 160 });

    const estimate = { optimistic_hours: 10, most_likely_hours: 20, pessimistic_hours: 60, confidence: 0.8 };
    expect(await service.done('PUT', `/api/pursuits/${id}/estimates/engineer`, estimate)).toMatchObject({
      expected_hours: 25,
    });
    expect(await service.done('GET', `/api/pursuits/${id}/estimates`)).toMatchObject({
      totals: { expected_hours: 25, deviation_hours: 8.3333 },
    });
    expect(
      await service.ask('PUT', `/api/pursuits/${id}/estimates/x`, { ...estimate, most_likely_hours: 70 }),
    ).toMatchObject({
      status: 400,
    });
  });

  it('goes with it when it is deleted, but for its history', async () => {
    const id = await service.pursuit();
    const { workflow_instance_id } = await service.done<{ workflow_instance_id: string }>('GET', `/api/pursuits/${id}`);
    expect(await service.ask('DELETE', `/api/candidates/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'IN_USE' },
    });
    expect(await service.ask('DELETE', `/api/pursuits/${id}`)).toEqual({ status: 200, body: { deleted: 1 } });
    expect((await service.ask('GET', `/api/pursuits/${id}`)).status).toBe(404);
    expect((await service.ask('GET', `/api/pursuits/${id}/checklist`)).status).toBe(404);
    expect(await service.live.read(workflow_instance_id)).toMatchObject({ state: 'deleted', status: 'done' });
    expect(await service.ask('DELETE', `/api/candidates/${id}`)).toEqual({ status: 200, body: { deleted: 1 } });
  });
});
