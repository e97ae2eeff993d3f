import { Module, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { task } from '../../machines/task.js';
import { EngineModule } from '../engine/engine.module.js';
import { EngineService } from '../engine/engine.service.js';
import { Database } from '../platform/database.js';
import { DefinitionsController } from './definitions/definitions.controller.js';
import { publishDefinitions } from './definitions/definitions.store.js';
import { FormsController } from './forms/forms.controller.js';
import { Forms } from './forms/forms.js';
import { publishForms } from './forms/forms.store.js';
import { PRODUCT_DEFINITIONS, PRODUCT_FORMS } from './product.catalogue.js';
import { followTask, refusalOf, taskFacts, taskPayloads } from './task.lifecycle.js';
import { TasksController } from './tasks.controller.js';
import { Tasks } from './tasks.js';

/** Tasks for people, and the forms they are answered in (R004-61 to R004-80). */
@Module({
  imports: [EngineModule],
  controllers: [DefinitionsController, FormsController, TasksController],
  providers: [Forms, Tasks],
  exports: [Forms, Tasks],
})
export class TasksModule implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly engine: EngineService,
    private readonly database: Database,
  ) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: task,
      payloads: taskPayloads,
      facts: taskFacts,
      effects: {},
      onTransition: followTask,
      onRefused: refusalOf,
    });
  }

  /** Brings what the product ships to where definitions refer to it. */
  async onApplicationBootstrap(): Promise<void> {
    await this.database.system(async (tx) => {
      // Processes that start together publish one after the other.
      await tx.run(`select pg_advisory_xact_lock(hashtextextended('tasks.catalogue', 0))`);
      await publishForms(tx, PRODUCT_FORMS);
      await publishDefinitions(tx, PRODUCT_DEFINITIONS);
    });
  }
}
