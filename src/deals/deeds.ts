import { Injectable } from '@nestjs/common';
import type { EffectHandler, EffectPolicy, Host } from '../engine/host.js';
import { Access } from './access.js';
import { Pace } from './pace.js';
import { Signing, type Drafting } from './signing.js';
import { Telling, type AudienceOf } from './telling.js';

/** How patiently the effects that all deals share are tried (R000-9, R000-84), and how many messages are on their way at once (R000-86). */
export const sharedPolicies: Readonly<Record<string, Partial<EffectPolicy>>> = {
  // a mail server that is down for a minute loses nothing.
  'notification.send': { batch: 10, attempts: 3, backoffMs: 30_000, maxBackoffMs: 300_000 },
  'docusign.envelope': { attempts: 3, backoffMs: 2_000 },
};

/** What deals of every kind do in the world: tell people, have papers signed, take back access. */
@Injectable()
export class Deeds {
  readonly effects: Readonly<Record<string, EffectHandler>>;
  /** Holds people to their pace. */
  readonly onAsked: NonNullable<Host['onAsked']>;

  constructor(
    private readonly telling: Telling,
    private readonly signing: Signing,
    access: Access,
    pace: Pace,
  ) {
    this.onAsked = (tx, caller, wanted) => pace.keep(tx, caller, wanted);
    this.effects = { ...telling.effects, ...signing.effects, ...access.effects };
  }

  /** Says whom a kind of deal tells, and how what it has signed is drawn up. */
  serve(lifecycle: string, { audience, draft }: { audience: AudienceOf; draft: Drafting }): void {
    this.telling.serve(lifecycle, audience);
    this.signing.serve(lifecycle, draft);
  }
}
