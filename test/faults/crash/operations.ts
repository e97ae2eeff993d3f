/** Every operation of the engine: what has to be there before it, and the operation itself. */
import { Checkpointing } from '../../../src/engine/checkpointing.js';
import { OutboxWorker } from '../../../src/engine/workers/outbox.worker.js';
import {
  compensating,
  deadLetter,
  forcingTo,
  pausing,
  resuming,
  retrying,
  sending,
  starting,
} from '../../support/promises/asking.js';
import { readStored } from '../../support/promises/stored.js';
import { DAY } from '../../support/toy.js';
import type { Stage } from './stage.js';

export interface Operation {
  name: string;
  /** Answers what the act needs to know: usually the id of an order. */
  prepare: (stage: Stage) => Promise<string>;
  act: (stage: Stage, id: string) => Promise<unknown>;
  /** Several requests at once: which message comes first differs from run to run. */
  isConcurrent?: boolean;
}

const AMOUNT = 5_000;
/** Less than the provider takes. */
const TOO_LITTLE = 1;

const nothing = async (): Promise<string> => '';
const placed = (stage: Stage, amount = AMOUNT): Promise<string> => stage.ask(starting('start', amount));

async function paying(stage: Stage, amount = AMOUNT): Promise<string> {
  const id = await placed(stage, amount);
  await stage.ask(sending('pay', id, 'pay'));
  return id;
}

async function packing(stage: Stage): Promise<string> {
  const id = await paying(stage);
  await stage.process.get(OutboxWorker).turn();
  return id;
}

/** The charge has run out of tries. */
async function dead(stage: Stage): Promise<string> {
  const id = await paying(stage);
  await stage.fault('stripe.payment_intents.create', 3);
  for (let attempt = 0; attempt < 3; attempt++) {
    await stage.work();
    await stage.pass(10);
  }
  return id;
}

async function shipped(stage: Stage): Promise<string> {
  const id = await placed(stage);
  await stage.ask(
    forcingTo('so that it can be delivered', id, { fromState: 'PLACED', toState: 'SHIPPED', runEntryEffects: false }),
  );
  return id;
}

const deadEffect = async (stage: Stage): Promise<number> =>
  (await readStored(stage.owner)).outbox.find(({ status }) => status === 'dead')?.id ?? 0;

export const OPERATIONS: readonly Operation[] = [
  { name: 'start', prepare: nothing, act: (stage) => placed(stage) },
  { name: 'send with facts', prepare: placed, act: (stage, id) => stage.ask(sending('pay', id, 'pay')) },
  {
    name: 'send without facts',
    prepare: placed,
    act: (stage, id) => stage.ask(sending('note', id, 'note', { text: 'hello' })),
  },
  {
    name: 'send at an expected revision',
    prepare: placed,
    act: (stage, id) => stage.ask(sending('note', id, 'note', { text: 'hello' }, 1)),
  },
  {
    name: 'sends to three instances at once',
    isConcurrent: true,
    prepare: async (stage) => {
      const ids = [];
      for (const key of ['start 1', 'start 2', 'start 3']) ids.push(await stage.ask(starting(key, AMOUNT)));
      return ids.join();
    },
    act: (stage, ids) =>
      Promise.all(
        ids.split(',').map((id, index) => stage.ask(sending(`note ${index}`, id, 'note', { text: 'hello' }))),
      ),
  },
  {
    name: 'sends to one instance at once',
    isConcurrent: true,
    prepare: placed,
    act: (stage, id) => Promise.all(['a', 'b'].map((text) => stage.ask(sending(`note ${text}`, id, 'note', { text })))),
  },
  {
    name: 'a request and its twin',
    isConcurrent: true,
    prepare: placed,
    act: async (stage, id) => {
      const pay = sending('pay', id, 'pay');
      await Promise.all([stage.ask(pay), stage.again(pay)]);
    },
  },
  {
    name: 'idempotent replay',
    prepare: async (stage) => {
      const id = await placed(stage);
      await stage.ask(sending('note', id, 'note', { text: 'hello' }));
      return id;
    },
    act: (stage) => stage.askAllAgain(),
  },
  { name: 'refusal by the state', prepare: placed, act: (stage, id) => stage.ask(sending('picked', id, 'picked')) },
  {
    name: 'refusal by the revision',
    prepare: placed,
    act: (stage, id) => stage.ask(sending('note', id, 'note', { text: 'late' }, 7)),
  },
  { name: 'effect done, job answered', prepare: paying, act: (stage) => stage.process.get(OutboxWorker).turn() },
  {
    name: 'effect refused for good',
    prepare: (stage) => paying(stage, TOO_LITTLE),
    act: (stage) => stage.process.get(OutboxWorker).turn(),
  },
  {
    name: 'effect to be tried again',
    prepare: async (stage) => {
      const id = await paying(stage);
      await stage.fault('stripe.payment_intents.create', 1);
      return id;
    },
    act: (stage) => stage.process.get(OutboxWorker).turn(),
  },
  {
    name: 'effect given up after its last try',
    prepare: async (stage) => {
      const id = await paying(stage);
      await stage.fault('stripe.payment_intents.create', 1_000);
      for (let attempt = 0; attempt < 2; attempt++) {
        await stage.work();
        await stage.pass(10);
      }
      return id;
    },
    act: (stage) => stage.process.get(OutboxWorker).turn(),
  },
  {
    name: 'effect nobody waits for',
    prepare: async (stage) => {
      const id = await placed(stage);
      await stage.ask(sending('cancel', id, 'cancel'));
      return id;
    },
    act: (stage) => stage.process.get(OutboxWorker).turn(),
  },
  {
    name: 'an end that has to be undone',
    prepare: packing,
    act: (stage, id) => stage.ask(sending('cancel', id, 'cancel')),
  },
  {
    name: 'compensation',
    prepare: async (stage) => {
      const id = await packing(stage);
      const end = { fromState: 'PACKING', toState: 'CANCELLED', runEntryEffects: false };
      await stage.ask(forcingTo('nobody needs to be told', id, end));
      return id;
    },
    act: (stage) => stage.work(),
  },
  {
    name: 'several effects at once',
    isConcurrent: true,
    prepare: async (stage) => {
      const id = await packing(stage);
      await stage.ask(sending('cancel', id, 'cancel'));
      return id;
    },
    act: (stage) => stage.work(),
  },
  {
    name: 'claim of what a crashed worker held, heartbeat and release',
    prepare: async (stage) => {
      const id = await paying(stage);
      await stage.claimAndCrash();
      await stage.pass(6_000);
      return id;
    },
    act: async ({ process }) => {
      const worker = process.get(OutboxWorker);
      await worker.turn();
      await worker.heartbeat();
      await worker.release();
    },
  },
  {
    name: 'timer that leaves the state',
    prepare: async (stage) => {
      const id = await stage.ask(starting('start', AMOUNT, DAY / 2));
      await stage.pass(DAY / 2);
      return id;
    },
    act: (stage) => stage.fire(),
  },
  {
    name: 'timer that arms itself anew',
    prepare: async (stage) => {
      const id = await placed(stage);
      await stage.pass(DAY);
      return id;
    },
    act: (stage) => stage.fire(),
  },
  {
    name: 'two overdue timers',
    prepare: async (stage) => {
      const id = await placed(stage);
      await stage.pass(10 * DAY);
      return id;
    },
    act: (stage) => stage.fire(),
  },
  {
    name: 'message kept',
    prepare: shipped,
    act: (stage, id) => stage.tell('evt_1', id, 'deliver'),
  },
  {
    name: 'message applied',
    prepare: async (stage) => {
      const id = await shipped(stage);
      await stage.tell('evt_1', id, 'deliver');
      await stage.tell('evt_1', id, 'deliver');
      return id;
    },
    act: (stage) => stage.deliver(),
  },
  {
    name: 'message that comes too early',
    prepare: async (stage) => {
      const id = await placed(stage);
      await stage.tell('evt_1', id, 'deliver');
      return id;
    },
    act: (stage) => stage.deliver(),
  },
  {
    name: 'force',
    prepare: packing,
    act: (stage, id) =>
      stage.ask(
        forcingTo('the buyer is bankrupt', id, { fromState: 'PACKING', toState: 'CANCELLED', runEntryEffects: true }),
      ),
  },
  { name: 'pause', prepare: paying, act: (stage, id) => stage.ask(pausing('to have a look', id)) },
  {
    name: 'resume',
    prepare: async (stage) => {
      const id = await paying(stage);
      await stage.ask(pausing('to have a look', id));
      return id;
    },
    act: (stage, id) => stage.ask(resuming('all is well', id)),
  },
  {
    name: 'retry of everything dead',
    prepare: dead,
    act: (stage, id) => stage.ask(retrying('the provider is back', id)),
  },
  {
    name: 'replay of a dead letter',
    prepare: dead,
    act: async (stage, id) => stage.ask(deadLetter('replay', 'the provider is back', id, await deadEffect(stage))),
  },
  {
    name: 'discard of a dead letter',
    prepare: dead,
    act: async (stage, id) => stage.ask(deadLetter('discard', 'not worth it', id, await deadEffect(stage))),
  },
  {
    name: 'compensation asked for',
    prepare: async (stage) => {
      const id = await packing(stage);
      await stage.ask(sending('cancel', id, 'cancel'));
      await stage.work();
      return id;
    },
    act: (stage, id) => stage.ask(compensating('the refund seems to be missing', id)),
  },
  {
    name: 'checkpoint',
    prepare: placed,
    act: (stage) => stage.process.get(Checkpointing).take(0),
  },
];
