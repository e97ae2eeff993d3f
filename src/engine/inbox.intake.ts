import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../platform/database.js';
import { Wakeup } from '../platform/wakeup.js';
import type { Json } from './core/driver.js';
import * as inbox from './store/inbox.js';

/** A provider's message in the engine's words, or why it concerns nobody. */
export type Translation =
  | { tenant?: string | undefined; instanceId: string; event: { type: string; payload: Json } }
  | { matter: string; about: Json }
  | { ignore: string }
  | { quarantine: string };

/** Says what a verified message means. Pure: body in, event out. */
export type Translator = (body: string) => Translation;

/** Looks after messages about something other than the next step of an instance, such as a dispute. */
export interface MatterKeeper {
  /** Whom it concerns, looked up across tenants; undefined when nobody here. */
  find: (tx: Tx, about: Json) => Promise<{ tenant: string; instanceId: string } | undefined>;
  /** Writes it down, in the transaction that ends the message. @param key names the message, for ever */
  keep: (tx: Tx, instanceId: string, about: Json, key: string) => Promise<void>;
}

/** Where verified messages of providers come in. Kept first, applied afterwards. */
@Injectable()
export class InboxIntake {
  private readonly translators = new Map<string, Translator>();
  private readonly keepers = new Map<string, MatterKeeper>();

  constructor(
    private readonly database: Database,
    private readonly wakeup: Wakeup,
  ) {}

  /** Makes a provider's messages understood. */
  translate(provider: string, translator: Translator): void {
    this.translators.set(provider, translator);
  }

  /** Has somebody look after a kind of matter that translators name. */
  entrust(matter: string, keeper: MatterKeeper): void {
    this.keepers.set(matter, keeper);
  }

  keeperOf(matter: string): MatterKeeper | undefined {
    return this.keepers.get(matter);
  }

  translatorOf(provider: string): Translator | undefined {
    return this.translators.get(provider);
  }

  /** Keeps a message whose signature was verified; resolves once it is durable. `seen` when it came before, however long ago. */
  async accept(
    provider: string,
    message: { providerEventId: string; type: string; body: string; headers: Record<string, string> },
  ): Promise<'new' | 'seen'> {
    const fresh = await this.database.system((tx) => {
      tx.afterCommit(() => this.wakeup.wake('inbox'));
      return inbox.keep(tx, { provider, ...message });
    });
    return fresh ? 'new' : 'seen';
  }
}
