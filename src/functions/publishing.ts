import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../platform/database.js';
import { publishKinds } from './bus/bus.store.js';
import { Library } from './library.js';
import { PRODUCT_EVENTS } from './product/events.js';
import { publishWorkflows } from './registrations/registrations.store.js';

/** Brings what the product ships to where attachments refer to it, when the service starts. */
@Injectable()
export class Publishing implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly library: Library,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const workflows = this.library.all().map(({ metadata: { name, description = null, tags = [], version } }) => {
      return { name, description, tags, version, is_current: this.library.current(name)?.metadata.version === version };
    });
    await this.database.system(async (tx) => {
      // Processes that start together publish one after the other.
      await tx.run(`select pg_advisory_xact_lock(hashtextextended('functions.catalogue', 0))`);
      await publishKinds(tx, PRODUCT_EVENTS);
      await publishWorkflows(tx, workflows);
    });
  }
}
