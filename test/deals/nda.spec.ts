/** An NDA from the request to its end: what is refused, who decides, what is written down, what everybody is told. */
import { ndaService } from '../support/ndas.js';

const ndas = ndaService();

describe('a request for an NDA', () => {
  it('is answered in exactly these words (R000-16)', async () => {
    const { status, body } = await ndas.ask(await ndas.request());
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        success: true,
        instanceId: expect.stringMatching(/^wf_\w+$/),
        message: 'NDA workflow started',
        estimatedProcessingTime: 'Immediate for standard NDAs',
        seq: 1,
        revision: 1,
        state: 'DRAFT',
        phase: null,
        status: 'active',
        allowedEvents: [],
      },
    });
    expect(await ndas.row(body.instanceId)).toMatchObject({ status: 'DRAFT', template_id: 'standard' });
  });

  it('is told how long it takes when somebody has to read it (R000-16)', async () => {
    for (const change of [{ templateId: 'custom' }, { customTerms: { audit: 'yearly' } }]) {
      const { body } = await ndas.ask(await ndas.request(change));
      expect(body).toMatchObject({
        estimatedProcessingTime: 'Immediate for standard NDAs, 24-48 hours for custom terms',
      });
    }
  });

  it('needs no more than who, for what, of whom, and where to (R000-16)', async () => {
    const requesterId = await ndas.requester();
    const { body } = await ndas.ask({
      requesterId,
      requesterEmail: `${requesterId}@example.com`,
      creatorId: 'creator_789',
      pitchId: ndas.pitchId,
    });
    expect(await ndas.row(body.instanceId)).toMatchObject({
      requester_type: 'investor',
      requester_name: 'Rita Quest',
      template_id: 'standard',
      duration_months: 24,
      custom_terms: {},
      territorial_restrictions: [],
    });
  });

  it.each(['requesterId', 'requesterEmail', 'creatorId', 'pitchId'])(
    'without %s is refused (R000-16)',
    async (field) => {
      const { status, body } = await ndas.ask(await ndas.request({ [field]: undefined }));
      expect({ status, code: body.code, errors: body.errors }).toEqual({
        status: 400,
        code: 'WF006',
        errors: [{ field, message: 'Missing required fields' }],
      });
    },
  );

  it.each(['nobody', 'a@b', 'a b@c.de', 'a@@b.de', '@b.de', 'a@b.', 7])(
    'that is to be sent to %j is refused (R000-16, R000-17)',
    async (requesterEmail) => {
      const { status, body } = await ndas.ask(await ndas.request({ requesterEmail }));
      expect({ status, errors: body.errors }).toEqual({
        status: 400,
        errors: [{ field: 'requesterEmail', message: 'Invalid email format' }],
      });
    },
  );

  it.each([
    { durationMonths: 0 },
    { durationMonths: 1.5 },
    { durationMonths: '24' },
    { durationMonths: 1_201 },
    { requesterType: 'press' },
    { customTerms: 'none' },
    { customTerms: [] },
    { customTerms: { penalty: { amount: 1 } } },
    { customTerms: { penalty: 'x'.repeat(2_001) } },
    { customTerms: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`t${n}`, 1])) },
    { territorialRestrictions: ['USA'] },
    { territorialRestrictions: ['US', 'US'] },
    { territorialRestrictions: 'US' },
    { riskScore: 0 },
  ])('with %j is refused, and nothing is stored', async (change) => {
    const count = async () => (await ndas.rows<{ n: number }>('select count(*)::int as n from deals.ndas'))[0]?.n;
    const before = await count();
    const body = await ndas.request(change);
    expect(await ndas.ask(body)).toMatchObject({ status: 400, body: { code: 'WF006' } });
    expect(await count()).toBe(before);
  });

  it('is made for oneself, by somebody known, to the creator of the pitch (R000-71, R000-78)', async () => {
    const body = await ndas.request();
    expect(await ndas.ask(body, 'investor')).toMatchObject({ status: 403, body: { code: 'WF005' } });
    expect(await ndas.ask({ ...body, requesterId: 'creator_789' })).toMatchObject({ status: 400 });
    expect(await ndas.ask({ ...body, requesterId: 'nobody' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'requesterId', message: 'There is no such requester' }] },
    });
    expect(await ndas.ask({ ...body, creatorId: 'creator_other' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'creatorId', message: 'creatorId must be the creator of the pitch' }] },
    });
    const own = { ...body, requesterId: 'inv_123', pitchId: 'pitch_unknown' };
    expect(await ndas.ask(own, 'investor')).toMatchObject({ status: 400 });
    expect(await ndas.ask({ ...own, pitchId: ndas.pitchId }, 'investor')).toMatchObject({ status: 200 });
  });

  it('is refused while another of the same pitch is live, however many come at once (R000-78, R000-100)', async () => {
    const body = await ndas.request();
    const answers = await Promise.all(Array.from({ length: 6 }, () => ndas.ask(body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    for (const { status, body: refused } of answers) if (status === 409) expect(refused.code).toBe('WF007');
    const { instanceId } = answers.find(({ status }) => status === 200)?.body ?? { instanceId: '' };
    for (const state of ['AUTO_APPROVED', 'ACTIVE']) {
      await ndas.deal(instanceId).work();
      expect(await ndas.place(instanceId)).toContain(state);
      expect(await ndas.ask(body)).toMatchObject({ status: 409, body: { code: 'WF007' } });
      if (state === 'AUTO_APPROVED') await ndas.atDocusign(instanceId, 'sign', { role: 'requester' });
    }
    await ndas.advance(instanceId, '732d');
    expect(await ndas.place(instanceId)).toBe('EXPIRED');
    expect(await ndas.ask(body)).toMatchObject({ status: 200 });
  });

  it('is made at most ten times in 24 hours by the same requester, also at once (R000-78)', async () => {
    const requesterId = await ndas.requester();
    const ask = async (n: number) => {
      await ndas.call('admin', 'PUT', `/admin/pitches/pitch_daily_${n}`, { title: 'Daily', creatorId: 'creator_789' });
      return ndas.ask(await ndas.request({ pitchId: `pitch_daily_${n}` }, requesterId));
    };
    const answers = await Promise.all(Array.from({ length: 14 }, (_, n) => ask(n)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status !== 200);
    for (const { status, body } of refused)
      expect({ status, code: body.code }).toEqual({ status: 429, code: 'RATE_LIMITED' });
    await ndas.call('admin', 'POST', '/admin/clock', { advance: '24h' });
    expect((await ask(99)).status).toBe(200);
  });

  it('may be allowed more often by the tenant (R000-78)', async () => {
    await ndas.call('admin', 'PUT', '/admin/settings/nda', { maxRequestsPerDay: 1 });
    const requesterId = await ndas.requester();
    expect((await ndas.ask(await ndas.request({}, requesterId))).status).toBe(200);
    await ndas.begin();
    const { status } = await ndas.ask(await ndas.request({}, requesterId));
    await ndas.call('admin', 'PUT', '/admin/settings/nda', { maxRequestsPerDay: null });
    expect(status).toBe(429);
    expect((await ndas.ask(await ndas.request({}, requesterId))).status).toBe(200);
  });
});

describe('an NDA of low risk', () => {
  it('is approved by nobody, signed, and in force; everybody is told (R000-65, R000-74, R000-75)', async () => {
    const id = await ndas.asked();
    expect(await ndas.place(id)).toBe('AUTO_APPROVED.awaitingSignature');
    const status = await ndas.call('admin', 'GET', `/api/workflows/nda/${id}/status`);
    expect(status.body).toMatchObject({ status: 'running', output: { currentState: 'AUTO_APPROVED' }, error: null });
    await ndas.atDocusign(id, 'sign', { role: 'requester' });
    await ndas.deal(id).work();
    expect(await ndas.place(id)).toBe('ACTIVE.inForce');
    const row = await ndas.row(id);
    expect(row).toMatchObject({
      status: 'ACTIVE',
      risk_score: 0,
      risk_level: 'low',
      risk_route: 'AUTO_APPROVED',
      approved_by: 'policy',
      envelope_id: await ndas.envelopeOf(id),
      reason_code: null,
    });
    const [effective, expires] = [row['effective_date'] as Date, row['expiration_date'] as Date];
    expect([expires.getUTCFullYear() - effective.getUTCFullYear(), expires.getUTCMonth()]).toEqual([
      2,
      effective.getUTCMonth(),
    ]);
    expect(await ndas.accessOf(row['requester_id'])).toMatchObject([
      {
        access_type: 'nda_protected',
        granted_via: 'nda',
        granted_via_id: row['id'],
        expires_at: expires,
        revoked_at: null,
      },
    ]);
    // That he has opened the document may be heard after his signature; he is not reminded then.
    const told = (await ndas.told(id, 'requester')).filter((template) => template !== 'nda_reminder');
    expect(told).toEqual(['nda_signature_requested', 'nda_executed']);
    expect(await ndas.told(id, 'creator')).toEqual(['nda_sent_for_signature', 'nda_executed', 'nda_signed']);
    const subjects = (await ndas.mails(id)).map(({ subject }) => subject);
    expect(subjects).toContain('NDA Signed - Access Granted');
    // By the channels of R000-88: what the creator is told by in-app message is not mailed.
    expect(subjects).not.toContain('The NDA for The Last Reel was sent for signature');
  });

  it('is kept as data and on paper, the parties and the approval in it (R000-74)', async () => {
    const id = await ndas.asked({ customTerms: { penalty: '$10,000' } });
    const list = await ndas.call<{ data: { name: string; key: string }[] }>(
      'admin',
      'GET',
      `/api/workflows/nda/${id}/documents`,
    );
    const { id: ndaId, requester_id: requesterId } = await ndas.row(id);
    expect(list.body.data.map(({ key }) => key).sort()).toEqual([
      `ndas/${String(ndaId)}/agreement.json`,
      `ndas/${String(ndaId)}/agreement.pdf`,
    ]);
    const agreement = await ndas.call('admin', 'GET', `/api/workflows/nda/${id}/documents/agreement.json`);
    expect(agreement.body).toMatchObject({
      ndaId,
      parties: { requester: { id: requesterId, name: 'Rita Quest' }, creator: { id: 'creator_789' } },
      terms: { durationMonths: 24, customTerms: { penalty: '$10,000' }, approvedBy: 'policy', riskScore: 15 },
    });
  });

  it('shows the parties nothing of what is known of the requester', async () => {
    const requesterId = 'inv_123';
    const { body } = await ndas.ask(await ndas.request({}, requesterId));
    await ndas.deal(body.instanceId).work();
    for (const role of ['investor', 'creator'] as const) {
      const { body: seen } = await ndas.call(role, 'GET', `/api/workflows/nda/${body.instanceId}/status`);
      expect(JSON.stringify(seen)).not.toMatch(/risk|scorecard/);
      const papers = await ndas.call<{ data: { name: string }[] }>(
        role,
        'GET',
        `/api/workflows/nda/${body.instanceId}/documents`,
      );
      expect(papers.body.data.map(({ name }) => name)).toEqual(['agreement.pdf']);
      const inner = `/api/workflows/nda/${body.instanceId}/documents/agreement.json`;
      expect(await ndas.call(role, 'GET', inner)).toMatchObject({ status: 404 });
      const history = await ndas.call(role, 'GET', `/api/instances/${body.instanceId}/history`);
      expect(JSON.stringify(history.body)).toContain('durationMonths');
      expect(JSON.stringify(history.body)).not.toMatch(/restrictedCountries|emailVerified/);
    }
    expect(await ndas.call('production', 'GET', `/api/workflows/nda/${body.instanceId}/status`)).toMatchObject({
      status: 404,
    });
  });
});

describe('an NDA of medium risk', () => {
  it('waits for the creator, who sees the score and the factors (R000-73)', async () => {
    const id = await ndas.inCreatorReview();
    expect(await ndas.place(id)).toBe('CREATOR_REVIEW.awaitingDecision');
    expect(await ndas.row(id)).toMatchObject({ risk_score: 30, risk_level: 'medium', approved_by: null });
    const [notice] = await ndas.rows<{ data: Record<string, unknown> }>(
      `select params -> 'data' as data from engine.outbox where instance_id = $1 and params ->> 'template' = 'nda_creator_review_required'`,
      id,
    );
    expect(notice?.data).toMatchObject({
      riskScore: 30,
      riskFactors: expect.arrayContaining([expect.stringContaining('(20)')]),
    });
    expect(await ndas.event('investor', id, 'creator-nda-review', { decision: 'approve' })).toMatchObject({
      status: 404,
    });
    expect(await ndas.event('legal', id, 'creator-nda-review', { decision: 'approve' })).toMatchObject({ status: 403 });
    expect(await ndas.event('creator', id, 'creator-nda-review', { decision: 'approve' })).toMatchObject({
      status: 200,
      body: { state: 'CREATOR_REVIEW' },
    });
    expect(await ndas.place(id)).toBe('CREATOR_REVIEW.awaitingSignature');
    expect(await ndas.row(id)).toMatchObject({ status: 'CREATOR_REVIEW', approved_by: 'creator_789' });
  });

  it('is rejected by the creator, or by nobody deciding in 72 hours (R000-73)', async () => {
    const [refused, late] = [await ndas.inCreatorReview(), await ndas.inCreatorReview()];
    await ndas.event('creator', refused, 'creator-nda-review', { decision: 'reject', message: 'No competitors' });
    expect(await ndas.row(refused)).toMatchObject({ status: 'REJECTED', reason_code: 'rejected_by_creator' });
    await ndas.advance(late, '71h');
    expect(await ndas.place(late)).toBe('CREATOR_REVIEW.awaitingDecision');
    await ndas.advance(late, '1h');
    expect(await ndas.row(late)).toMatchObject({ status: 'REJECTED', reason_code: 'review_timeout' });
    for (const id of [refused, late]) expect(await ndas.told(id, 'requester')).toEqual(['nda_rejected']);
    const status = await ndas.call('admin', 'GET', `/api/workflows/nda/${refused}/status`);
    expect(status.body).toMatchObject({ status: 'completed', output: { currentState: 'REJECTED' } });
  });
});

describe('an NDA of high risk', () => {
  it('waits for legal, who may put other terms in, which are then signed (R000-73)', async () => {
    const id = await ndas.inLegalReview({ penalty: 'none' });
    expect(await ndas.place(id)).toBe('LEGAL_REVIEW.awaitingDecision');
    expect(await ndas.told(id, 'legal-team')).toEqual(['nda_legal_review_required']);
    expect(await ndas.event('legal', id, 'legal-review', { decision: 'modify' })).toMatchObject({ status: 400 });
    const someone = { decision: 'approve', reviewerId: 'somebody_else' };
    expect(await ndas.event('legal', id, 'legal-review', someone)).toMatchObject({ status: 409 });
    await ndas.event('legal', id, 'legal-review', { decision: 'modify', modifiedTerms: { penalty: '$50,000' } });
    expect(await ndas.place(id)).toBe('LEGAL_REVIEW.awaitingSignature');
    expect((await ndas.row(id))['custom_terms']).toMatchObject({ penalty: '$50,000', 'term 1': 'as agreed' });
    const agreement = await ndas.call('admin', 'GET', `/api/workflows/nda/${id}/documents/agreement.json`);
    expect(agreement.body).toMatchObject({ terms: { customTerms: { penalty: '$50,000' } } });
  });

  it('is rejected by legal, or by nobody deciding in 48 hours (R000-73)', async () => {
    const [refused, late] = [await ndas.inLegalReview(), await ndas.inLegalReview()];
    await ndas.event('legal', refused, 'legal-review', { decision: 'reject', notes: 'Sanctions' });
    expect(await ndas.row(refused)).toMatchObject({ status: 'REJECTED', reason_code: 'rejected_by_legal' });
    await ndas.advance(late, '48h');
    expect(await ndas.row(late)).toMatchObject({ status: 'REJECTED', reason_code: 'review_timeout' });
  });

  it('is one as well when an earlier breach is known, by the score alone or by the tenant’s wish (R000-70, R000-71)', async () => {
    const score = async () => (await ndas.row(await ndas.asked({}, { breaches: 1 })))['risk_route'];
    expect(await score()).toBe('AUTO_APPROVED');
    await ndas.call('admin', 'PUT', '/admin/settings/nda-scorecard', { forceLegalReview: ['prior_breach'] });
    expect(await score()).toBe('LEGAL_REVIEW');
    await ndas.call('admin', 'PUT', '/admin/settings/nda-scorecard', {});
    expect(await score()).toBe('AUTO_APPROVED');
  });
});

describe('what is known of the requester', () => {
  it('counts for the address that the NDA goes to (R000-69)', async () => {
    const requesterId = await ndas.requester();
    const { body } = await ndas.ask(await ndas.request({ requesterEmail: 'other@example.com' }, requesterId));
    await ndas.deal(body.instanceId).work();
    expect(await ndas.row(body.instanceId)).toMatchObject({ risk_score: 10 });
  });

  it('gets better with NDAs that came into force, and with those only (R000-70)', async () => {
    const requesterId = await ndas.requester({ emailVerified: false });
    const ask = async () => {
      await ndas.begin();
      const { body } = await ndas.ask(await ndas.request({}, requesterId));
      await ndas.deal(body.instanceId).work();
      return body.instanceId;
    };
    const first = await ask();
    expect(await ndas.row(await ask())).toMatchObject({ risk_score: 10 });
    await ndas.atDocusign(first, 'sign', { role: 'requester' });
    await ndas.deal(first).work();
    expect(await ndas.row(await ask())).toMatchObject({ risk_score: 0 });
  });
});

describe('the scorecard of a tenant', () => {
  const path = '/admin/settings/nda-scorecard';

  it('is kept by version, and an NDA is assessed by the one it began with (R000-71)', async () => {
    const before = await ndas.call<{ version: number }>('admin', 'GET', path);
    const body = await ndas.request();
    const { body: begun } = await ndas.ask(body);
    const set = await ndas.call<{ version: number }>('admin', 'PUT', path, {
      weights: { durationRisk: { standard: 12 } },
      creatorReviewFrom: 12,
    });
    expect(set.body).toMatchObject({
      version: before.body.version + 1,
      creatorReviewFrom: 12,
      legalReviewFrom: 70,
      weights: { durationRisk: { standard: 12, short: 5 }, priorHistory: { good_standing: -10 } },
    });
    await ndas.deal(begun.instanceId).work();
    expect(await ndas.row(begun.instanceId)).toMatchObject({ risk_score: 0, scorecard_version: before.body.version });
    const later = await ndas.asked();
    expect(await ndas.row(later)).toMatchObject({
      status: 'CREATOR_REVIEW',
      risk_score: 12,
      scorecard_version: set.body.version,
    });
    const versions = await ndas.call<{ data: { card: { version: number }; createdBy: string | null }[] }>(
      'admin',
      'GET',
      `${path}/versions`,
    );
    expect(versions.body.data[0]).toMatchObject({ card: { version: set.body.version }, createdBy: expect.any(String) });
    expect(versions.body.data.at(-1)).toMatchObject({ card: { version: 1 }, createdBy: null });
    await ndas.call('admin', 'PUT', path, {});
  });

  it.each([
    { weights: { durationRisk: { standard: 16 } } },
    { weights: { priorHistory: { good_standing: -11 } } },
    { weights: { luck: { bad: 1 } } },
    { creatorReviewFrom: 50, legalReviewFrom: 49 },
    { restrictedCountries: ['XX'] },
    { homeCountry: 'us' },
    { forceLegalReview: ['whim'] },
    { version: 9 },
  ])('is refused with %j (R000-68)', async (body) =>
    expect(await ndas.call('admin', 'PUT', path, body)).toMatchObject({ status: 400, body: { code: 'WF006' } }),
  );

  it('is set by administrators, and read by legal as well', async () => {
    expect(await ndas.call('legal', 'GET', path)).toMatchObject({ status: 200 });
    expect(await ndas.call('legal', 'PUT', path, {})).toMatchObject({ status: 403 });
    expect(await ndas.call('creator', 'GET', path)).toMatchObject({ status: 403 });
  });
});

describe('an NDA in force', () => {
  /** Lets time pass until so many days are left. */
  async function untilLeft(id: string, days: number): Promise<void> {
    const [row] = await ndas.rows<{ left: number }>(
      `select floor(extract(epoch from expiration_date - engine.now()) * 1000)::float8 as left from deals.ndas
        where workflow_instance_id = $1`,
      id,
    );
    await ndas.advance(id, `${Math.ceil(((row?.left ?? 0) - days * 86_400_000) / 1_000)}s`);
  }

  /** How many days before the end each reminder was meant for, as it was sent. */
  const reminders = async (id: string): Promise<number[]> =>
    (
      await ndas.rows<{ days: number }>(
        `select (params -> 'data' ->> 'daysBeforeEnd')::int as days from engine.outbox
          where instance_id = $1 and params ->> 'template' = 'nda_expiring_soon' and status = 'done' order by id`,
        id,
      )
    ).map(({ days }) => days);

  it('says 90, 60, 30 and 7 days before its end that it ends, and takes access back when it does (R000-76)', async () => {
    const id = await ndas.active();
    const { requester_id: requesterId } = await ndas.row(id);
    await untilLeft(id, 91);
    expect(await ndas.place(id)).toBe('ACTIVE.inForce');
    const sent: number[] = [];
    for (const days of [90, 60, 30, 7]) {
      await untilLeft(id, days + 1);
      expect(await reminders(id)).toEqual(sent);
      sent.push(days);
      await untilLeft(id, days);
      expect(await reminders(id)).toEqual(sent);
      expect(await ndas.place(id)).toBe('ACTIVE.expiringSoon');
    }
    expect((await ndas.told(id, 'requester')).at(-1)).toBe('nda_expiring_soon');
    expect(await ndas.accessOf(requesterId)).toMatchObject([{ revoked_at: null }]);
    await ndas.advance(id, '8d');
    expect(await ndas.row(id)).toMatchObject({ status: 'EXPIRED', reason_code: null });
    expect(await ndas.accessOf(requesterId)).toMatchObject([{ revoked_at: expect.any(Date) }]);
    for (const to of ['requester', 'creator']) expect((await ndas.told(id, to)).at(-1)).toBe('nda_expired');
    const status = await ndas.call('admin', 'GET', `/api/workflows/nda/${id}/status`);
    expect(status.body).toMatchObject({ status: 'completed', error: null });
  });

  it.each([
    ['over some of its reminders', 20, [90, 60, 30], 'ACTIVE.expiringSoon'],
    ['over its end', -400, [90, 60, 30, 7], 'EXPIRED'],
  ])('sends each reminder once, in order, when time jumps %s (R000-76)', async (_, left, sent, place) => {
    const id = await ndas.active();
    await untilLeft(id, left);
    expect(await reminders(id)).toEqual(sent);
    expect(await ndas.place(id)).toBe(place);
    await ndas.advance(id, '1h');
    expect(await reminders(id)).toEqual(sent);
    await untilLeft(id, -1_000);
    expect(await reminders(id)).toEqual([90, 60, 30, 7]);
    expect((await ndas.told(id, 'requester')).at(-1)).toBe('nda_expired');
  });

  it('reminds on the days its tenant has set (R000-76, R000-101)', async () => {
    for (const wrong of [[0], [7, 7], [1.5], 'often', Array.from({ length: 11 }, (_, n) => n + 1)])
      expect(await ndas.call('admin', 'PUT', '/admin/settings/nda', { expiryReminderDays: wrong })).toMatchObject({
        status: 400,
      });
    await ndas.call('admin', 'PUT', '/admin/settings/nda', { expiryReminderDays: [5, 14] });
    const id = await ndas.active();
    await ndas.call('admin', 'PUT', '/admin/settings/nda', { expiryReminderDays: null });
    await untilLeft(id, 1);
    expect(await reminders(id)).toEqual([14, 5]);
  });

  it('leaves wider access to the pitch alone, both when it begins and when it ends (R000-93)', async () => {
    const requesterId = await ndas.requester();
    await ndas.owner.query(
      `insert into deals.pitch_access (tenant, id, user_id, pitch_id, access_type, granted_via, granted_via_id, granted_at)
       values ('demo', 'access_' || $1, $1, $2, 'investor', 'investment', 'deal_1', engine.now())`,
      [requesterId, ndas.pitchId],
    );
    const { body } = await ndas.ask(await ndas.request({}, requesterId));
    await ndas.deal(body.instanceId).work();
    await ndas.atDocusign(body.instanceId, 'sign', { role: 'requester' });
    await ndas.deal(body.instanceId).work();
    const wide = [{ access_type: 'investor', granted_via_id: 'deal_1', expires_at: null, revoked_at: null }];
    expect(await ndas.place(body.instanceId)).toBe('ACTIVE.inForce');
    expect(await ndas.accessOf(requesterId)).toMatchObject(wide);
    await ndas.advance(body.instanceId, '732d');
    expect(await ndas.place(body.instanceId)).toBe('EXPIRED');
    expect(await ndas.accessOf(requesterId)).toMatchObject(wide);
  });

  it('is ended by an administrator with everything that belongs to the end (R000-22)', async () => {
    const id = await ndas.active();
    const { requester_id: requesterId } = await ndas.row(id);
    const force = { fromState: 'ACTIVE', toState: 'REJECTED', reason: 'The requester has published the script.' };
    expect(await ndas.call('admin', 'POST', `/admin/workflows/${id}/force-transition`, force)).toMatchObject({
      status: 200,
    });
    await ndas.deal(id).work();
    expect(await ndas.row(id)).toMatchObject({ status: 'REJECTED' });
    expect(await ndas.accessOf(requesterId)).toMatchObject([{ revoked_at: expect.any(Date) }]);
  });

  it('is forced by the names of the diagram (R000-22, R000-64)', async () => {
    const id = await ndas.awaitingSignature();
    const force = { fromState: 'AUTO_APPROVED', toState: 'LEGAL_REVIEW', reason: 'Legal wants to see this one.' };
    expect(await ndas.call('admin', 'POST', `/admin/workflows/${id}/force-transition`, force)).toMatchObject({
      status: 200,
      body: { state: 'LEGAL_REVIEW', phase: 'awaitingDecision' },
    });
    expect(await ndas.row(id)).toMatchObject({ status: 'LEGAL_REVIEW' });
  });
});
