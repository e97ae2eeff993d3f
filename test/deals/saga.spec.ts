/** The closing of an investment as a saga: what a critical step that fails leaves behind is undone, step by step, whatever happens on the way. */
import { dealsService } from '../support/deals.js';

const deals = dealsService();

interface Step {
  id: number;
  type: string;
  status: string;
  attempts: number;
  last_error: { code: string; message: string } | null;
}

const undoing = (instanceId: string): Promise<Step[]> =>
  deals.rows<Step>(
    `select id, type, status, attempts, last_error from engine.outbox where instance_id = $1 and kind = 'compensation' order by id`,
    instanceId,
  );

/** A deal whose creator cannot be paid, though everything before that succeeded. */
async function unpayable(): Promise<string> {
  const id = await deals.inEscrow();
  await deals.deal(id).pay();
  await deals.deal(id).fault('stripe', 'error-before', 'transfers.create', 1_000);
  return id;
}

async function signClosing(id: string): Promise<void> {
  for (const party of ['investor', 'creator'] as const)
    await deals.send(party, id, 'closing-documents-signed', { party });
}

it('a closing whose money cannot be handed over undoes its steps in reverse, each once, with a log of each (R000-45, R000-46)', async () => {
  const id = await unpayable();
  await signClosing(id);
  expect(await deals.read(id)).toMatchObject({ state: 'FAILED', compensation: 'done' });
  const steps = await undoing(id);
  expect(steps.map(({ type, status, attempts }) => [type, status, attempts])).toEqual([
    ['stripe.refund', 'done', 1],
    ['docusign.void', 'done', 1],
    ['stripe.release', 'done', 1],
    ['docusign.void', 'done', 1],
  ]);
  // The transfer was tried as often as the step allows, and never made.
  const done = await deals.done(id);
  expect(done.filter(({ kind }) => kind === 'transfer.create')).toEqual([]);
  expect(done.filter(({ kind }) => kind === 'refund.create')).toHaveLength(1);
  const before = done.length;
  await deals.deal(id).work();
  expect(await deals.done(id)).toHaveLength(before);
  const log = await deals.rows<{ outcome: string; n: number }>(
    `select outcome, count(*)::int as n from engine.attempts where outbox_id = any($1) group by outcome`,
    steps.map((step) => step.id),
  );
  expect(log).toEqual([{ outcome: 'done', n: steps.length }]);
});

/** As often as an envelope is tried to be called back before that is given up. */
const VOID_ATTEMPTS = 5;

it('a step that cannot be undone holds up none of the others, and is undone once a human has seen to it (R000-45)', async () => {
  const id = await unpayable();
  await deals.deal(id).fault('docusign', 'error-before', 'envelopes.update', VOID_ATTEMPTS);
  await signClosing(id);
  expect(await deals.read(id)).toMatchObject({ state: 'FAILED', compensation: 'error' });
  const steps = await undoing(id);
  expect(steps.map(({ type, status }) => [type, status])).toEqual([
    ['stripe.refund', 'done'],
    ['docusign.void', 'dead'],
    ['stripe.release', 'done'],
    ['docusign.void', 'done'],
  ]);
  expect(steps[1]).toMatchObject({ attempts: VOID_ATTEMPTS, last_error: { code: 'ATTEMPTS_EXHAUSTED' } });
  const replay = await deals.call('admin', 'POST', `/admin/dead-letters/${steps[1]?.id}/replay`, {
    reason: 'The provider is back and answers',
  });
  expect(replay.status).toBe(200);
  await deals.deal(id).work();
  expect(await deals.read(id)).toMatchObject({ state: 'FAILED', compensation: 'done' });
  const done = await deals.done(id);
  expect(done.filter(({ kind }) => kind === 'refund.create')).toHaveLength(1);
  expect(done.filter(({ kind }) => kind === 'envelope.void')).toHaveLength(2);
});
