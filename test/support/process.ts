/** One process of the service without its HTTP: the engine and its workers, with a memory of their own, worked by hand. */
import 'reflect-metadata';
import type { Abstract, Type } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ROLES } from '../../src/auth/caller.js';
import type { Host } from '../../src/engine/host.js';
import { InboxIntake, type Translator } from '../../src/engine/inbox.intake.js';
import { BusinessTime } from '../../src/engine/optimistic/business.time.js';
import { Registry } from '../../src/engine/registry.js';
import { Config, readConfig } from '../../src/platform/config.js';
import { Database } from '../../src/platform/database.js';
import { Log } from '../../src/platform/logger.js';
import { Metrics } from '../../src/platform/metrics.js';
import { Wakeup } from '../../src/platform/wakeup.js';

/** Leases of effects, milliseconds. */
export const LEASE_MS = 5_000;

/** News between processes may be lost at any time: here it always is, and workers look for themselves. */
class NoNews extends Wakeup {
  override wake(): void {
    // Nobody hears.
  }
}

/** The database's clock stands still; so does the one that carries it on. */
class StillTime extends BusinessTime {
  protected override elapsed(): number {
    return 0;
  }
}

const config = readConfig(
  {
    DATABASE_URL: 'postgres://127.0.0.1/unused',
    STATEWRIGHT_MODE: 'production',
    STATEWRIGHT_ROLE: 'worker',
    JWT_SECRET: 'nobody signs in to a process without doors',
    ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
    BOOTSTRAP_ADMIN_KEY: 'nobody administers one either',
    OUTBOX_LEASE_MS: String(LEASE_MS),
    LOG_LEVEL: 'silent',
  },
  ROLES,
);
const metrics = new Metrics();
const log = new Log('silent');

/** What processes are made for: read once, as it never changes. */
export class Hosting {
  readonly registry: Registry;

  /** @param translators of the providers whose messages are understood */
  constructor(
    source: DataSource,
    host: Host,
    readonly translators: Readonly<Record<string, Translator>>,
  ) {
    this.registry = new Registry(new Database(source));
    this.registry.host(host);
  }
}

/** The parts of one process, each made when it is first asked for, from the types that its constructor names. */
export class Process {
  private readonly made = new Map<unknown, unknown>();

  /** @param source its connections, ready */
  constructor(source: DataSource, { registry, translators }: Hosting) {
    this.give(Database, new Database(source));
    this.give(Registry, registry);
    this.give(Config, config);
    this.give(Log, log);
    this.give(Metrics, metrics);
    this.give(Wakeup, new NoNews(config));
    this.give(BusinessTime, new StillTime());
    for (const [provider, translator] of Object.entries(translators))
      this.get(InboxIntake).translate(provider, translator);
  }

  get<T>(part: Type<T>): T {
    const known = this.made.get(part);
    if (known !== undefined) return known as T;
    const needs = (Reflect.getMetadata('design:paramtypes', part) ?? []) as Type<unknown>[];
    const fresh = new part(...needs.map((need) => this.get(need)));
    this.made.set(part, fresh);
    return fresh;
  }

  private give<T>(part: Type<T> | Abstract<T>, value: T): void {
    this.made.set(part, value);
  }
}
