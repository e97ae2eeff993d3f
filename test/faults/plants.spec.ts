import { jest } from '@jest/globals';
import { InboxWorker } from '../../src/engine/workers/inbox.worker.js';
import { OutboxWorker } from '../../src/engine/workers/outbox.worker.js';
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import { forcingTo, sending, starting } from '../support/promises/asking.js';
import type { Plant } from '../support/plants.js';
import { DAY } from '../support/toy.js';
import { brokenAt, cleanly, cutsAt } from './crash/cutting.js';
import { OPERATIONS, type Operation } from './crash/operations.js';
import { Stage } from './crash/stage.js';

/** Longer than every lease. */
const LEASES_MS = 11_000;

beforeAll(() => void jest.spyOn(Math, 'random').mockReturnValue(0.5));

/** Does something on a stage of its own; answers the promises that were broken. */
async function broken(plant: Plant, act: (stage: Stage) => Promise<void>): Promise<string[]> {
  const stage = await Stage.open(plant);
  try {
    await act(stage);
    await stage.settle();
    return await stage.broken(true);
  } finally {
    await stage.close();
  }
}

const order = (stage: Stage): Promise<string> => stage.ask(starting('start', 5_000, 10 * DAY));

/** A worker takes a timer and stalls; when its lease has run out another one takes and fires it. Then the first goes on. */
async function oneTimerTwice(stage: Stage): Promise<void> {
  await order(stage);
  await stage.pass(DAY);
  const slow = await stage.another(/engine\.look/);
  const turn = slow.process.get(TimerWorker).turn();
  await slow.stopped;
  await stage.pass(LEASES_MS);
  await stage.fire();
  slow.goOn();
  await turn;
  await slow.close();
}

/** The same with a message, which the instance would take a second time, because it was put back meanwhile. */
async function oneMessageTwice(stage: Stage): Promise<void> {
  const id = await order(stage);
  await stage.ask(sending('pay', id, 'pay'));
  await stage.process.get(OutboxWorker).turn();
  await stage.tell('evt_1', id, 'picked');
  const slow = await stage.another(/update engine\.inbox m set tenant/);
  const turn = slow.process.get(InboxWorker).turn();
  await slow.stopped;
  await stage.pass(LEASES_MS);
  await stage.deliver();
  await stage.ask(
    forcingTo('so that it is picked again', id, { fromState: 'PACKING', toState: 'PACKING', runEntryEffects: false }),
  );
  slow.goOn();
  await turn;
  await slow.close();
}

/** A worker stalls before it writes down how an effect ended; another holds it by then, and has not written down anything either. */
async function oneEffectTwice(stage: Stage): Promise<void> {
  const id = await order(stage);
  await stage.ask(sending('pay', id, 'pay'));
  const workers = [await stage.another(/engine\.look/), await stage.another(/engine\.look/)];
  const turns: Promise<unknown>[] = [];
  for (const { process, stopped } of workers) {
    turns.push(process.get(OutboxWorker).turn());
    await stopped;
    await stage.pass(LEASES_MS);
  }
  for (const [index, { goOn }] of workers.entries()) {
    goOn();
    await turns[index];
  }
  for (const { close } of workers) await close();
}

const SOUND: Plant = { name: 'nothing' };

const BY_TWO_WORKERS: [plant: Plant, scenario: (stage: Stage) => Promise<void>, said: RegExp][] = [
  [
    {
      name: 'a timer is consumed a second time',
      functions: [['advance', 'and t.fired_at is null and t.due_at <= now_', 'and t.due_at <= now_']],
      statements: [['and fired_at is null and due_at <= engine.now()', 'and due_at <= engine.now()']],
    },
    oneTimerTwice,
    /fired a second time/,
  ],
  [
    {
      name: 'a message is applied a second time',
      statements: [
        [
          "claimed_until = null, finished_at = clock_timestamp()\n      where provider = $1 and provider_event_id = $2 and status = 'received'",
          'claimed_until = null, finished_at = clock_timestamp()\n      where provider = $1 and provider_event_id = $2',
        ],
      ],
    },
    oneMessageTwice,
    /evt_1 is applied and was applied 2 times/,
  ],
  [
    {
      name: 'the fence is not checked when an effect ends',
      functions: [['advance', ' and o.fence = e.fence', '']],
      statements: [['and id = $1 and fence = $2 and status', 'and id = $1 and $2 > 0 and status']],
    },
    oneEffectTwice,
    /was ended by fence 1, though 2 held it/,
  ],
];

/** When the second is on its way, the first has been confirmed. */
const TWO_ORDERS: Operation = {
  name: 'two orders',
  prepare: async () => '',
  act: async (stage) => {
    for (const key of ['first', 'second']) await stage.ask(starting(key, 5_000));
  },
};

function named(name: string): Operation {
  const found = OPERATIONS.find((operation) => operation.name === name);
  if (!found) throw new Error(`no operation ${name}`);
  return found;
}

const BY_CUTS: [plant: Plant, operation: Operation, said: RegExp][] = [
  [
    { name: 'the answer is given before the commit', isHasty: true },
    TWO_ORDERS,
    /start first: was confirmed and is in no history/,
  ],
  [
    { name: 'effects are written after the commit', later: ['outbox'] },
    named('send with facts'),
    /\(shop\.charge\) was lost/,
  ],
  [
    { name: 'the answer to a key is kept after the commit', later: ['idempotency'] },
    named('start'),
    /is in the history 2 times/,
  ],
];

describe('two workers that hold the same row', () => {
  it.each(BY_TWO_WORKERS.map(([, scenario]) => [scenario.name, scenario] as const))(
    'do once what is to be done once: %s (P8, P10, P12)',
    async (_, scenario) => expect(await broken(SOUND, scenario)).toEqual([]),
    600_000,
  );

  it.each(BY_TWO_WORKERS.map((row) => [row[0].name, ...row] as const))(
    'are caught when %s',
    async (_, plant, scenario, said) =>
      expect(await broken(plant, scenario)).toContainEqual(expect.stringMatching(said)),
    600_000,
  );
});

/** What is found when the operation is cut at each of its places. */
async function cutEverywhere(stage: Stage, operation: Operation): Promise<string[]> {
  const clean = await cleanly(stage, operation);
  const problems: string[] = [];
  for (const [index, place] of clean.places.entries())
    for (const cut of cutsAt(place)) problems.push(...(await brokenAt(stage, index + 1, cut, operation, clean)));
  return problems;
}

describe('cuts at every message', () => {
  it.each(BY_CUTS.map((row) => [row[0].name, ...row] as const))(
    'show it when %s',
    async (_, plant, operation, said) => {
      const stage = await Stage.open(plant);
      try {
        expect(await cutEverywhere(stage, operation)).toContainEqual(expect.stringMatching(said));
      } finally {
        await stage.close();
      }
    },
    120_000,
  );
});
