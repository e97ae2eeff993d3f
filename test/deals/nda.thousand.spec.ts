/** A thousand requests for NDAs over HTTP: routed as the formula says, and counted by the analytics. */
import { assess, HOUSE_SCORECARD, type Route } from '../../machines/nda.risk.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import type { Analytics } from '../../src/deals/deals.analytics.dto.js';
import { customTerms } from '../support/nda.js';
import { ndaService } from '../support/ndas.js';

const ndas = ndaService();
const REQUESTS = 1_000;
const AT_ONCE = 16;

/** The mix the product is made for: of twenty, sixteen want the standard NDA, three something else, one everything else (R000-2). */
const TERMS = [
  { templateId: 'standard', durationMonths: 24, customTerms: {}, territorialRestrictions: ['US'] },
  { templateId: 'custom', durationMonths: 12, customTerms: customTerms(2), territorialRestrictions: ['US', 'FR'] },
  { templateId: 'theirs', durationMonths: 48, customTerms: customTerms(9), territorialRestrictions: ['US', 'KP'] },
] as const;
const SHARES = { AUTO_APPROVED: 800, CREATOR_REVIEW: 150, LEGAL_REVIEW: 50 };

const requests = Array.from({ length: REQUESTS }, (_, n) => ({
  id: `thousand_${n}`,
  record: {
    name: `Requester ${n}`,
    emailVerified: n % 6 !== 0,
    suspicious: n % 40 === 3,
    trustScore: n % 25 === 9 ? 30 : null,
    breaches: n % 50 === 17 ? 1 : 0,
  },
  terms: TERMS[n % 20 < 16 ? 0 : n % 20 < 19 ? 1 : 2],
}));

const expectedOf = ({ record, terms }: (typeof requests)[number]) =>
  assess(
    HOUSE_SCORECARD,
    {
      templateId: terms.templateId,
      durationMonths: terms.durationMonths,
      customTerms: terms.customTerms,
      territories: [...terms.territorialRestrictions],
    },
    {
      emailVerified: record.emailVerified,
      accountSince: null,
      isSuspicious: record.suspicious,
      trustScore: record.trustScore,
      breaches: record.breaches,
      honouredNdas: 0,
    },
    0,
  );

it('a thousand NDAs are assessed one and all, and the share of automatic approvals is told (R000-2, R000-65, R000-67)', async () => {
  const records = requests.map(({ id, record }) => ({ id, email: `${id}@example.com`, ...record }));
  expect((await ndas.call<object>('admin', 'POST', '/admin/import/requesters', { records })).body).toMatchObject({
    stored: REQUESTS,
    failed: 0,
  });
  const began = performance.now();
  const instances = new Map<string, string>();
  const queue = [...requests];
  const ask = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const { status, body } = await ndas.ask(await ndas.request(next.terms, next.id));
      expect(status).toBe(200);
      instances.set(next.id, body.instanceId);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  // What comes after the assessment is another matter: nothing is sent.
  const worker = ndas.live.app.get(OutboxWorker);
  const hold = `update engine.outbox set next_attempt_at = 'infinity' where status = 'pending' and type not in ('nda.draft', 'nda.lookUp')`;
  do await ndas.owner.query(hold);
  while (await worker.turn());
  process.stdout.write(`${REQUESTS} NDAs asked for and assessed in ${Math.round(performance.now() - began)} ms\n`);

  const rows = await ndas.rows<{ requester_id: string; status: string; risk_score: number; risk_level: string }>(
    `select requester_id, status, risk_score, risk_level from deals.ndas where requester_id like 'thousand_%'`,
  );
  const found = new Map(rows.map((row) => [row.requester_id, row]));
  const counts: Record<Route, number> = { AUTO_APPROVED: 0, CREATOR_REVIEW: 0, LEGAL_REVIEW: 0 };
  for (const request of requests) {
    const { score, level, route } = expectedOf(request);
    counts[route] += 1;
    expect(found.get(request.id)).toMatchObject({ status: route, risk_score: score, risk_level: level });
  }
  expect(rows).toHaveLength(REQUESTS);
  expect(counts).toEqual(SHARES);

  const { body } = await ndas.call<Analytics>('admin', 'GET', `/api/workflows/analytics?pitchId=${ndas.pitchId}`);
  const scores = requests.map((request) => expectedOf(request).score);
  const average = Math.round((scores.reduce((sum, score) => sum + score, 0) / REQUESTS) * 100) / 100;
  expect(body.analytics.pitch?.ndaStats).toEqual({
    total: REQUESTS,
    active: 0,
    avg_risk_score: average,
    automatic_share: '80.00%',
    routes: Object.entries(counts).map(([route, count]) => ({ route, count })),
    risk_levels: [
      { risk_level: 'low', count: counts.AUTO_APPROVED },
      { risk_level: 'medium', count: counts.CREATOR_REVIEW },
      { risk_level: 'high', count: counts.LEGAL_REVIEW },
    ],
  });
  process.stdout.write(`${JSON.stringify(counts)}, automatic ${body.analytics.pitch?.ndaStats.automatic_share}\n`);
});
