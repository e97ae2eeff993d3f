/**
 * Model-based tests: the machine generates the paths and is the oracle; what is tested is the live service, over HTTP, on
 * Postgres, with the real workers, the sandbox's providers and a clock that can be moved.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cover, refusals } from '../../src/engine/core/cover.js';
import type { Json, MachineEvent } from '../../src/engine/core/driver.js';
import type { Exploration, Expectation, Path } from '../../src/engine/core/explore.js';
import type { Lifecycle } from '../../src/engine/core/lifecycle.js';
import { AFTER, DONE_ACTOR, ERROR_ACTOR } from '../../src/engine/core/machine.js';
import type { InstanceView } from '../../src/engine/reading.js';
import { liveService, type LiveService } from './live.js';

/** How the model's events become real ones. What is left out is sent as it stands. */
export interface Realisation {
  /** Prepares a path (parties, records) and starts an instance; answers its id. */
  start(service: LiveService): Promise<string>;
  /** Turns the model's payload into one that fits the live instance: real ids where the model made some up. */
  payload?: Readonly<Record<string, (fields: Record<string, unknown>, instance: InstanceView) => object>>;
  /** Who sends an event when the first permitted sender is not the one: sender name of the lifecycle. */
  sender?: (event: MachineEvent) => string | undefined;
  /** How a refusal is told when the lifecycle has words of its own. */
  refusal?: (event: MachineEvent, instance: InstanceView) => { status: number; code: string };
  /** Makes the world such that a fact comes out as the model says. */
  arrange?: Readonly<Record<string, (value: unknown, instance: InstanceView, service: LiveService) => Promise<void>>>;
  /** Makes a job succeed or fail the way the model says; answers how to undo that. */
  outcome?: Readonly<
    Record<
      string,
      (event: MachineEvent, instance: InstanceView, service: LiveService) => Promise<(() => Promise<void>) | void>
    >
  >;
}

/** One test for each generated path; together they take every transition of the machine through the live service. */
export function coverEveryTransition(
  lifecycle: Lifecycle,
  walks: readonly { exploration: Exploration; realisation: Realisation }[],
): void {
  describe(`${lifecycle.name}: every transition, through the live service`, () => {
    const covers = walks.map(({ exploration, realisation }) => ({ ...cover(lifecycle, exploration), realisation }));
    const transitions = covers[0]?.transitions ?? 0;
    const taken = new Map<string, number>();
    const service = liveService();

    // What an earlier walk has taken need not be walked again.
    const planned = new Set<string>();
    const paths = covers.flatMap(({ paths: found, realisation }) =>
      found.filter((path) => news(path, planned)).map((path) => [titleOf(path), path, realisation] as const),
    );

    it.each(paths)('walks %s', async (_, path, realisation) => {
      const ids = new Set(await walkLive(await service(), lifecycle, path, realisation));
      for (const id of ids) taken.set(id, (taken.get(id) ?? 0) + 1);
    });

    it(`has taken all ${transitions} transitions`, () => {
      const share = ((taken.size / transitions) * 100).toFixed(1);
      process.stdout.write(
        `${lifecycle.name}: ${taken.size} of ${transitions} transitions taken over HTTP (${share} %) in ${paths.length} paths\n`,
      );
      writeDown(lifecycle, taken);
      expect(
        covers.map(({ uncovered }) => uncovered).reduce((left, right) => left.filter((id) => right.includes(id))),
      ).toEqual([]);
      expect(taken.size).toBe(transitions);
    });
  });
}

/** Keeps what was taken where the service reads it (`GET /api/lifecycles/:name/coverage`); a difference is part of the change that made it. */
function writeDown({ name, version }: Lifecycle, taken: ReadonlyMap<string, number>): void {
  const file = `docs/tested/${name}.json`;
  const counts = Object.fromEntries([...taken].sort(([one], [other]) => (one < other ? -1 : 1)));
  const text = `${JSON.stringify({ lifecycle: name, version, taken: counts }, null, 2)}\n`;
  mkdirSync('docs/tested', { recursive: true });
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/** True when the path takes a transition that no path before it takes. */
function news({ start, steps }: Path, planned: Set<string>): boolean {
  const before = planned.size;
  for (const { transitionIds } of [start, ...steps]) for (const id of transitionIds) planned.add(id);
  return planned.size > before;
}

/** Every situation × every event it does not accept: 409 with an explanation, and nothing changed. */
export function refuseEverythingElse(lifecycle: Lifecycle, exploration: Exploration, realisation: Realisation): void {
  describe(`${lifecycle.name}: everything else is refused`, () => {
    const service = liveService();
    const matrix = onePerState(refusals(lifecycle, exploration));
    it.each(matrix.map((entry) => [whereOf(entry.path), entry] as const))('in %s', async (_, { path, refused }) => {
      const live = await service();
      const id = await realisation.start(live);
      await live.compare(id, path.start);
      for (const step of path.steps) await takeStep(live, lifecycle, id, step, realisation);
      for (const event of refused) await refuse(live, lifecycle, id, event, realisation);
    });
  });
}

async function walkLive(
  live: LiveService,
  lifecycle: Lifecycle,
  path: Path,
  realisation: Realisation,
): Promise<string[]> {
  const id = await realisation.start(live);
  await live.compare(id, path.start);
  for (const step of path.steps) await takeStep(live, lifecycle, id, step, realisation);
  await live.prove(id);
  return [path.start, ...path.steps].flatMap(({ transitionIds }) => transitionIds);
}

async function takeStep(
  live: LiveService,
  lifecycle: Lifecycle,
  id: string,
  step: Path['steps'][number],
  realisation: Realisation,
): Promise<void> {
  const before = await live.read(id);
  const { event } = step;
  await arrange(live, event, before, realisation);
  if (event.type.startsWith(AFTER)) await live.fire(id, event.type);
  else if (event.type.startsWith(DONE_ACTOR))
    await answer(live, id, event.type.slice(DONE_ACTOR.length), event, before, realisation);
  else if (event.type.startsWith(ERROR_ACTOR))
    await answer(live, id, event.type.slice(ERROR_ACTOR.length), event, before, realisation);
  else {
    const sent = await live.send(
      lifecycle,
      before,
      event.type,
      payloadOf(event, before, realisation),
      realisation.sender?.(event),
    );
    expect({ event: event.type, status: sent.status, body: sent.body }).toMatchObject({
      status: 200,
      body: { success: true },
    });
  }
  await live.compare(id, step, before.revision + 1, event.type);
}

async function answer(
  live: LiveService,
  id: string,
  jobId: string,
  event: MachineEvent,
  instance: InstanceView,
  { outcome }: Realisation,
): Promise<void> {
  const undo = await outcome?.[jobId]?.(event, instance, live);
  await live.run(id, jobId);
  await undo?.();
}

async function refuse(
  live: LiveService,
  lifecycle: Lifecycle,
  id: string,
  event: MachineEvent,
  realisation: Realisation,
): Promise<void> {
  const before = await live.fingerprint(id);
  const instance = await live.read(id);
  await arrange(live, event, instance, realisation);
  const { status, body } = await live.send(
    lifecycle,
    instance,
    event.type,
    payloadOf(event, instance, realisation),
    realisation.sender?.(event),
  );
  const told = realisation.refusal?.(event, instance) ?? { status: 409, code: 'WF002' };
  expect({ event, status, code: body['code'] }).toMatchObject(told);
  expect(body['explanation']).toMatchObject({ event: event.type, allowed: false });
  expect(await live.fingerprint(id)).toEqual(before);
}

async function arrange(
  live: LiveService,
  event: MachineEvent,
  instance: InstanceView,
  { arrange: arrangements }: Realisation,
): Promise<void> {
  for (const [fact, value] of Object.entries((event['facts'] ?? {}) as Record<string, Json>))
    await arrangements?.[fact]?.(value, instance, live);
}

function payloadOf(
  { type, facts: _facts, at: _at, caller: _caller, ...fields }: MachineEvent,
  instance: InstanceView,
  { payload }: Realisation,
): object {
  return payload?.[type]?.(fields, instance) ?? fields;
}

/** One situation for each state and phase: the refusals differ by state, seldom by what else is known. */
function onePerState<Entry extends { path: Path; refused: MachineEvent[] }>(entries: Entry[]): Entry[] {
  const first = new Map<string, Entry>();
  for (const entry of entries) if (!first.has(whereOf(entry.path))) first.set(whereOf(entry.path), entry);
  return [...first.values()];
}

const whereOf = ({ start, steps }: Path): string => nameOf(steps.at(-1) ?? start);
const nameOf = ({ state, phase }: Expectation): string => [state, phase].filter(Boolean).join('.');
const titleOf = ({ start, steps }: Path): string =>
  [start, ...steps]
    .map(nameOf)
    .filter((name, i, all) => name !== all[i - 1])
    .join(' → ');
