import { Injectable } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { fieldErrors } from '../platform/validation.js';
import { schemaOf, type RuleSchema } from '../platform/validation.schema.js';
import type { Description, Driver, Json } from './core/driver.js';
import { demands } from './core/demands.js';
import type { Lifecycle } from './core/lifecycle.js';
import { nodesOf, pathOf } from './core/machine.js';
import { xstateDriver } from './core/xstate.driver.js';
import type { EffectHandler, EffectPolicy, Host } from './host.js';
import { relaying, type Listener } from './listening.js';
import * as definitions from './store/definitions.js';
import { LETTER } from './store/letters.js';

/** A lifecycle version ready to run. */
export interface Hosted {
  lifecycle: Lifecycle;
  driver: Driver;
  description: Description;
  host: Host;
}

/** Patience of an effect unless its host says otherwise (X-4, R000-9). */
const DEFAULT_POLICY: EffectPolicy = { attempts: 5, backoffMs: 1_000, maxBackoffMs: 60_000, timeoutMs: 30_000 };

/** Which lifecycles this process runs, and everything they were hosted with. */
@Injectable()
export class Registry {
  private readonly versions = new Map<string, Map<number, Hosted>>();
  // Nothing has to be done in the world for a letter: it is delivered by being settled.
  private readonly handlers = new Map<string, { handler: EffectHandler; policy: EffectPolicy }>([
    [LETTER, { handler: () => Promise.resolve({ kind: 'done' }), policy: DEFAULT_POLICY }],
  ]);

  private readonly listeners: Listener[] = [];

  constructor(private readonly database: Database) {}

  /** Lets somebody hear the domain events of lifecycles, whichever of them was hosted first. @throws when the effect is taken */
  listen(listener: Listener): void {
    if (this.handlers.has(listener.effect)) throw new Error(`effect ${listener.effect} has a handler already`);
    this.listeners.push(listener);
    this.handlers.set(listener.effect, {
      handler: listener.handler,
      policy: { ...DEFAULT_POLICY, ...listener.policy },
    });
  }

  /** Adds a lifecycle with all its versions. @throws when a handler, a payload or a fact loader is missing. */
  host(host: Host): void {
    const { lifecycle } = host;
    if (this.versions.has(lifecycle.name)) throw new Error(`lifecycle ${lifecycle.name} is hosted twice`);
    const all = [lifecycle, ...(lifecycle.retired ?? [])];
    const problems = [...all.flatMap((version) => missing(version, host)), ...misled(lifecycle)];
    if (problems.length > 0) throw new Error(`${lifecycle.name} cannot be hosted:\n  ${problems.join('\n  ')}`);
    this.versions.set(
      lifecycle.name,
      new Map(
        all.map((version) => {
          const driver = relaying(xstateDriver(version), version.name, this.listeners);
          return [version.version, { lifecycle: version, driver, description: driver.describe(), host }];
        }),
      ),
    );
    for (const [type, handler] of Object.entries(host.effects)) {
      // Effects are claimed by type: of two handlers of one type only the later would ever run.
      const known = this.handlers.get(type);
      if (known && known.handler !== handler)
        throw new Error(
          `${lifecycle.name} brings another handler for effect ${type}, which an earlier lifecycle has brought`,
        );
      this.handlers.set(type, { handler, policy: { ...DEFAULT_POLICY, ...host.policies?.[type] } });
    }
  }

  /** Writes down what each version looks like. @throws when a version changed while instances live on it. */
  async publish(): Promise<void> {
    await this.database.system(async (tx) => {
      for (const { description } of [...this.versions.values()].flatMap((versions) => [...versions.values()])) {
        const { name, version, fingerprint } = description;
        const known = await definitions.published(tx, name, version);
        if (known?.fingerprint === fingerprint) continue;
        const live = known ? await definitions.liveInstances(tx, name, version) : 0;
        if (live > 0) {
          throw new Error(
            `${name} v${version} was changed while ${live} instances live on it. Give the change a new version and keep the old one as retired.`,
          );
        }
        await definitions.publish(tx, description);
      }
    });
  }

  /** The version an instance is pinned to, or the newest. */
  get(name: string, version?: number): Hosted {
    const versions = this.versions.get(name);
    const hosted = version === undefined ? versions?.values().next().value : versions?.get(version);
    if (!hosted)
      throw refuse('NOT_FOUND', {
        detail: `There is no lifecycle ${name}${version === undefined ? '' : ` version ${version}`}.`,
      });
    return hosted;
  }

  /** Whether this process can run a version. */
  knows(name: string, version: number): boolean {
    return this.versions.get(name)?.has(version) ?? false;
  }

  /** The newest version of each lifecycle. */
  all(): Hosted[] {
    return [...this.versions.keys()].map((name) => this.get(name));
  }

  effect(type: string): { handler: EffectHandler; policy: EffectPolicy } | undefined {
    return this.handlers.get(type);
  }

  /** Effect types this process can run, and the batch of those that have one. */
  effectTypes(): { type: string; batch: number | undefined }[] {
    return [...this.handlers].map(([type, { policy }]) => ({ type, batch: policy.batch }));
  }
}

/** Checks the payload of an external event against its class. Unknown fields are refused. @throws WF006 */
export function checkPayload({ host, lifecycle }: Hosted, type: string, payload: unknown): Json {
  const shape = type in lifecycle.events ? (host.payloads as Record<string, new () => object>)[type] : undefined;
  if (!shape) throw refuse('WF006', { detail: `${type} is not an event of ${lifecycle.name}.` });
  const given = payload ?? {};
  if (typeof given !== 'object' || Array.isArray(given))
    throw refuse('WF006', { detail: 'payload must be an object.' });
  // An event without payload has a class without rules, which class-validator would otherwise take for a mistake.
  const body = plainToInstance(shape, given, { enableImplicitConversion: false });
  const errors = validateSync(body, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false });
  if (errors.length > 0)
    throw refuse('WF006', { detail: 'The payload is not valid.', errors: fieldErrors(errors, 'payload') });
  return JSON.parse(JSON.stringify(body)) as Json;
}

/** What the payload of each event of a lifecycle has to be, as JSON Schema. */
export const payloadSchemas = ({ host, lifecycle }: Hosted): { type: string; schema: RuleSchema }[] =>
  Object.keys(lifecycle.events).flatMap((type) => {
    const shape = (host.payloads as Record<string, new () => object>)[type];
    return shape ? [{ type, schema: schemaOf(shape) }] : [];
  });

/** Migrations that lead from or to what is not there. */
function misled({ version, migrations = [], retired = [], machine }: Lifecycle): string[] {
  const there = new Set(nodesOf(machine).map(pathOf));
  return migrations.flatMap(({ from, to, states = {} }) => {
    const old = retired.find((lifecycle) => lifecycle.version === from);
    if (to !== version || !old)
      return [`the migration from v${from} to v${to} is not from a retired version to v${version}`];
    const before = new Set(nodesOf(old.machine).map(pathOf));
    return Object.entries(states)
      .filter(([state, target]) => !before.has(state) || !there.has(target))
      .map(
        ([state, target]) => `the migration from v${from} leads from ${state} to ${target}, which are not both there`,
      );
  });
}

/** What a lifecycle needs and its host does not give. */
function missing(lifecycle: Lifecycle, host: Host): string[] {
  const { effects, facts } = demands(lifecycle);
  const stamped = new Set(['type', 'facts', 'at', 'caller']);
  return [
    ...effects
      .filter((name) => !(name in host.effects))
      .map((name) => `v${lifecycle.version}: no handler for effect ${name}`),
    ...facts.filter((name) => !(name in host.facts)).map((name) => `v${lifecycle.version}: no loader for fact ${name}`),
    ...Object.keys(lifecycle.events)
      .filter((type) => !(type in host.payloads))
      .map((type) => `v${lifecycle.version}: no payload class for event ${type}`),
    ...Object.entries(host.payloads as Record<string, new () => object>).flatMap(([type, Shape]) =>
      Object.keys(new Shape())
        .filter((field) => stamped.has(field))
        .map((field) => `payload of ${type}: the field name ${field} is the engine's own`),
    ),
  ];
}
