/** Clients and administrators of the toy: each asks until the answer is definite, under the same key, and remembers what it was told. */
import { AdminOutboxController } from '../../../src/admin/outbox.controller.js';
import type { Caller } from '../../../src/auth/caller.js';
import { EngineService, type Ack } from '../../../src/engine/engine.service.js';
import { Forcing, type ForceRequest } from '../../../src/engine/forcing.js';
import { InboxIntake } from '../../../src/engine/inbox.intake.js';
import { Reading } from '../../../src/engine/reading.js';
import { Refused } from '../../../src/platform/errors.js';
import { isOverload } from '../../../src/platform/overload.js';
import { BUYER, OPERATOR, SELLER } from '../engine.js';
import type { Process } from '../process.js';
import { DAY } from '../toy.js';
import type { Answer, Asked, Told } from './evidence.js';

/** A request and how to make it, again if need be. */
export interface Request extends Asked {
  make: (process: Process) => Promise<Ack | undefined>;
}

/** Who sends which event of the toy. */
const SENDERS: Readonly<Record<string, Caller>> = {
  pay: BUYER,
  cancel: BUYER,
  note: BUYER,
  picked: SELLER,
  hold: SELLER,
  resume: SELLER,
};

const request = (
  kind: Asked['kind'],
  key: string,
  instanceId: string | null,
  type: string,
  make: Request['make'],
): Request => ({
  kind,
  key,
  instanceId,
  type,
  tries: [],
  make,
});

export const starting = (key: string, amount: number, dueMs = 10 * DAY): Request =>
  request('start', key, null, 'start', (process) =>
    process.get(EngineService).start(BUYER, 'order', { idempotencyKey: key, request: { amount, dueMs } }, async () => ({
      parties: { buyer: BUYER.userId, seller: SELLER.userId },
      input: { amount, dueMs },
    })),
  );

export const sending = (
  key: string,
  id: string,
  type: string,
  payload: object = {},
  expectedRevision?: number,
): Request => {
  const sender = SENDERS[type] ?? BUYER;
  const options = { idempotencyKey: key, expectedRevision };
  return {
    ...request('send', key, id, type, (process) =>
      process.get(EngineService).send(sender, id, { type, payload }, options),
    ),
    expectedRevision,
  };
};

export const forcingTo = (
  key: string,
  id: string,
  move: Pick<ForceRequest, 'fromState' | 'toState' | 'runEntryEffects'>,
): Request =>
  request('force', key, id, 'admin.force_transition', (process) =>
    process.get(Forcing).force(OPERATOR, id, { ...move, reason: key }, key),
  );

export const pausing = (key: string, id: string): Request =>
  request('pause', key, id, 'admin.pause', (process) => process.get(Forcing).pause(OPERATOR, id, key, key));

export const resuming = (key: string, id: string): Request =>
  request('resume', key, id, 'admin.resume', (process) => process.get(Forcing).resume(OPERATOR, id, key, key));

export const retrying = (key: string, id: string): Request =>
  request('retry', key, id, '', async (process) => void (await process.get(Forcing).retry(OPERATOR, id, key, key)));

export const compensating = (key: string, id: string): Request =>
  request(
    'compensate',
    key,
    id,
    '',
    async (process) => void (await process.get(Forcing).compensate(OPERATOR, id, key, key)),
  );

export const deadLetter = (kind: 'replay' | 'discard', key: string, instanceId: string, effect: number): Request =>
  request(
    kind,
    key,
    instanceId,
    '',
    async (process) =>
      void (await process.get(AdminOutboxController)[kind](OPERATOR, { id: effect }, { reason: key }, key)),
  );

/** Makes a request once and notes the answer. @param now answers a larger number each time */
export async function ask(asked: Request, process: Process, now: () => number): Promise<Answer> {
  const attempt: Asked['tries'][number] = { began: now(), ended: null, answer: null };
  asked.tries.push(attempt);
  const answer = await asked.make(process).then(heard, refused);
  attempt.ended = now();
  attempt.answer = answer;
  return answer;
}

/** A provider tells the engine something, and keeps in mind whether it was confirmed. */
export async function tell(
  process: Process,
  told: Told[],
  id: string,
  instanceId: string,
  type: string,
): Promise<void> {
  const provider = type === 'deliver' ? 'carrier' : 'warehouse';
  const body = JSON.stringify({ instanceId, event: { type, payload: {} } });
  let message = told.find((known) => known.provider === provider && known.id === id);
  if (!message) told.push((message = { provider, id, isConfirmed: false }));
  await process.get(InboxIntake).accept(provider, { providerEventId: id, type, body, headers: {} });
  message.isConfirmed = true;
}

const heard = (ack: Ack | undefined): Answer => (ack ? { kind: 'ack', ack } : { kind: 'ok' });

function refused(error: unknown): Answer {
  if (error instanceof Refused) return { kind: 'refused', code: error.code };
  if (isOverload(error)) return { kind: 'unknown', because: error instanceof Error ? error.message : String(error) };
  return { kind: 'fault', error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export const isDefinite = ({ tries }: Asked): boolean =>
  tries.some(({ answer }) => answer !== null && answer.kind !== 'unknown');

/** Looks at an instance; what is seen counts as an answer at the revision it shows. */
export const reading = (key: string, id: string): Request =>
  request('read', key, id, '', async (process) => {
    const { revision, state, phase, status } = await process.get(Reading).read(OPERATOR, id);
    return {
      success: true,
      message: '',
      instanceId: id,
      seq: revision,
      revision,
      state,
      phase,
      status,
      allowedEvents: [],
    };
  });
