/**
 * `npm run demo`: drives an investment from INTEREST to COMPLETED over HTTP, against the running service or, when none runs, one of
 * its own. Prints each transition as it happens. Exits 0 only if the deal arrived and each effect took place exactly once.
 * A demo that was interrupted is taken up where it stopped.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const API = process.env.STATEWRIGHT_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`;
const SECRETS = join(process.env.STATEWRIGHT_DATA_DIR ?? '.statewright', 'secrets.json');
const LOOK_EVERY_MS = 150;
/** A deed whose effect comes back by webhook gets this long before it is done again. */
const PATIENCE_MS = 5_000;
const LONGEST_MS = 180_000;
const PITCH = 'pitch_456';
/** What must be in the providers' books at the end, and how often. */
const EXPECTED = {
  'payment_intent.create': 1,
  'payment_intent.confirm': 1,
  'payment_intent.capture': 1,
  'transfer.create': 1,
  'envelope.create': 2,
};

const own = (await isReady()) ? undefined : await startService();
try {
  await run();
} finally {
  if (own) {
    own.kill('SIGTERM');
    await once(own, 'exit');
  }
}

async function run() {
  const { apiKeys } = JSON.parse(readFileSync(SECRETS, 'utf8'));
  const as = (role) => (method, path, body) => call(apiKeys[role], method, path, body);
  const [investor, creator, legal, admin] = ['investor', 'creator', 'legal', 'admin'].map(as);
  const id = await openDeal(investor);
  const sandbox = async (path, body = {}) => {
    const { url } = await admin('GET', '/admin/sandbox');
    const response = await fetch(
      `${url}/_sandbox/${path}`,
      body === null ? {} : { method: 'POST', body: JSON.stringify(body) },
    );
    return response.json();
  };
  const event = (who, type, payload) => who('POST', `/api/workflows/investment/${id}/event`, { type, payload });
  const signWhoHasNot = async ({ phase, context: { envelopeId } }) => {
    for (const role of ['investor', 'creator']) {
      if (phase.includes(`${role}.open`)) await sandbox(`docusign/envelopes/${envelopeId}/sign`, { role });
    }
  };

  /** What somebody does when the deal waits for him; by state and the beginning of the phase. */
  const deeds = {
    'NEGOTIATION.awaitingCreator': ({ context: { counterOffers } }) =>
      event(
        creator,
        'creator-decision',
        counterOffers.length === 0 ? { decision: 'counter', counterAmount: 60_000 } : { decision: 'approve' },
      ),
    'NEGOTIATION.awaitingInvestor': () => event(investor, 'investor-counter-response', { accepted: true }),
    'TERM_SHEET.signing': signWhoHasNot,
    'DUE_DILIGENCE.reviewing': async () => {
      for (const item of ['dd_documents_provided', 'dd_review_complete']) {
        await legal('PUT', `/api/workflows/investment/${id}/checklist/${item}`, { done: true });
      }
      await event(legal, 'due-diligence-complete', {});
    },
    COMMITMENT: () => event(investor, 'commitment-confirmed', { confirmed: true }),
    'ESCROW.awaitingPayment': ({ context: { transactionId } }) =>
      sandbox(`stripe/payment_intents/${transactionId}/confirm`),
    'CLOSING.documents.signing': signWhoHasNot,
  };

  const until = Date.now() + LONGEST_MS;
  const printed = { seq: 0 };
  let did = { revision: 0, at: 0 };
  for (;;) {
    const deal = await admin('GET', `/api/instances/${id}`);
    await printNews(admin, id, printed);
    if (deal.status !== 'active' && (await isQuiet(admin, id))) return finish(deal, (path) => sandbox(path, null));
    if (Date.now() > until) throw new Error(`the deal did not arrive; it is in ${deal.state}.${deal.phase}`);
    const where = [deal.state, deal.phase].filter(Boolean).join('.');
    const deed = Object.entries(deeds).find(([place]) => where.startsWith(place))?.[1];
    if (deed && (did.revision !== deal.revision || Date.now() - did.at > PATIENCE_MS)) {
      did = { revision: deal.revision, at: Date.now() };
      await deed(deal);
    } else await pause(LOOK_EVERY_MS);
  }
}

/** A new deal, or the one that an interrupted demo has left open. */
async function openDeal(investor) {
  const offer = {
    investorId: 'inv_123',
    pitchId: PITCH,
    creatorId: 'creator_789',
    proposedAmount: 50_000,
    investmentType: 'equity',
    ndaAccepted: true,
  };
  const { workflows } = await investor('GET', `/api/workflows/list?pitchId=${PITCH}&type=investment`);
  const ended = ['COMPLETED', 'WITHDRAWN', 'REJECTED', 'EXPIRED', 'FAILED'];
  const open = workflows.find(({ status }) => !ended.includes(status));
  if (open) {
    say(`taking up the open deal ${open.workflow_instance_id}`);
    return open.workflow_instance_id;
  }
  const { instanceId } = await investor('POST', '/api/workflows/investment/create', offer);
  say(`${instanceId}: inv_123 offers $50,000.00 for ${PITCH}`);
  return instanceId;
}

/** Nothing is left to be done for the deal. */
async function isQuiet(admin, id) {
  const { data } = await admin('GET', `/api/instances/${id}/effects`);
  return data.every(({ status }) => status !== 'pending' && status !== 'claimed');
}

async function printNews(admin, id, printed) {
  const { data } = await admin('GET', `/api/instances/${id}/history?after=${printed.seq}`);
  for (const row of data) {
    printed.seq = row.seq;
    const to = [row.to_state, row.phase].filter(Boolean).join('.');
    say(
      `${String(row.seq).padStart(3)}  ${(row.from_state ?? '·').padEnd(14)} → ${to.padEnd(58)} ${row.type}  (${row.actor})`,
    );
  }
}

/** Holds the providers' books against what should have happened. @param books asks the stand-ins */
async function finish({ id, state }, books) {
  const ledger = await books(`ledger?instanceId=${id}`);
  const mails = (await books('messages')).filter(({ instanceId }) => instanceId === id);
  const isOurs = ({ customFields }) => customFields.textCustomFields.some(({ value }) => value === id);
  const envelopes = (await books('envelopes')).filter(isOurs);
  say(`\nthe deal is ${state}; what the providers did for it:`);
  for (const { kind, objectId, amountMinor } of ledger.filter((entry) => entry.kind !== 'mail')) {
    say(`  ${kind.padEnd(24)} ${amountMinor === undefined ? '' : `$${(amountMinor / 100).toFixed(2)} `}${objectId}`);
  }
  const signatures = envelopes.flatMap(({ emailSubject, recipients }) =>
    recipients.signers
      .filter(({ status }) => status === 'completed')
      .map(({ roleName }) => `${emailSubject}, by the ${roleName}`),
  );
  for (const signature of signatures) say(`  ${'signature'.padEnd(24)} ${signature}`);
  for (const { to, subject } of mails) say(`  ${'mail'.padEnd(24)} to ${to.join(', ')}: ${subject}`);
  const counts = { signature: signatures.length, mail: mails.length };
  const wrong = Object.entries({
    ...EXPECTED,
    signature: 4,
    mail: new Set(mails.map(({ messageId }) => messageId)).size,
  })
    .map(([kind, times]) => ({
      kind,
      times,
      found: counts[kind] ?? ledger.filter((entry) => entry.kind === kind).length,
    }))
    .filter(({ times, found }) => times !== found);
  for (const { kind, times, found } of wrong) say(`  ${kind}: ${found} times instead of ${times}`);
  const arrived = state === 'COMPLETED' && wrong.length === 0 && mails.length > 0;
  say(arrived ? '\nEverything arrived, everything exactly once.' : '\nThe demo did not arrive.');
  process.exitCode = arrived ? 0 : 1;
}

/** Asks the service; while it is away (somebody may be restarting it) the same request is tried again under the same key. */
async function call(key, method, path, body) {
  const headers = {
    authorization: `Bearer ${key}`,
    'idempotency-key': randomUUID(),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  for (let waited = 0; ; waited += 500) {
    try {
      const response = await fetch(`${API}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = await response.json();
      // The state may have moved on between looking and acting; look again.
      if (response.ok || response.status === 409) return answer;
      if (response.status < 500)
        throw Object.assign(new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`), {
          final: true,
        });
    } catch (error) {
      if (error.final || waited > 60_000) throw error;
    }
    await pause(500);
  }
}

async function isReady() {
  try {
    return (await fetch(`${API}/health/ready`)).ok;
  } catch {
    return false;
  }
}

async function startService() {
  say('no service is running: starting one');
  if (!existsSync('dist/src/main.js')) await import('./build-if-stale.mjs');
  const { port } = new URL(API);
  const service = spawn(process.execPath, ['dist/src/main.js'], {
    env: { ...process.env, PORT: port, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let waited = 0; waited < 60_000; waited += 250) {
    if (service.exitCode !== null) process.exit(service.exitCode);
    if (await isReady()) return service;
    await pause(250);
  }
  throw new Error('the service did not get ready');
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
