import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { admitted, asked } from './admission.js';
import { EngineFault } from './core/driver.js';
import { asEvent, Decisions } from './decisions.js';
import { path } from './force.plan.js';
import type { Happened } from './recording.js';
import { Registry } from './registry.js';
import * as instances from './store/instances.js';
import { impossible, refused, tried, veilOf, visible } from './visibility.js';

/** Says what an instance would make of an event, with all that sending it would ask, and writes nothing. */
@Injectable()
export class Foreseeing {
  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
    private readonly decisions: Decisions,
  ) {}

  /**
   * @returns where it would be
   * @throws what sending it would: WF001, WF002 with the explanation, WF005, WF006, INVARIANT_BROKEN, INSTANCE_PAUSED, INSTANCE_QUARANTINED
   */
  event(caller: Caller, id: string, event: { type: string; payload?: unknown }): Promise<string> {
    return this.database.transaction(caller.tenant, async (tx) => {
      const { instance, hosted } = visible(this.registry, caller, await instances.find(tx, id));
      const checked = admitted(hosted, instance, caller, event, {});
      if (instance.status === 'quarantined') throw refuse('INSTANCE_QUARANTINED');
      if (instance.status === 'paused') throw refuse('INSTANCE_PAUSED');
      const at = await instances.businessTime(tx);
      const cause = asked(caller, 'event');
      const happened: Happened = { ...checked, facts: {}, at };
      happened.facts = await this.decisions.facts(tx, hosted, instance, asEvent(happened, cause), at);
      const veil = veilOf(hosted, caller);
      try {
        const step = await hosted.driver.step(instance.snapshot, asEvent(happened, cause));
        if (step.handled) return path(step);
      } catch (error) {
        throw error instanceof EngineFault && error.code === 'INVARIANT_BROKEN' ? impossible(error, veil) : error;
      }
      throw refused(hosted, instance, tried(hosted.driver.explain(instance.snapshot, asEvent(happened, cause), veil)));
    });
  }
}
