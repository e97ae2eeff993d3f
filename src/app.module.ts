import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AdminModule } from './admin/admin.module.js';
import { BulkModule } from './admin/bulk/bulk.module.js';
import { TrialsModule } from './admin/trials/trials.module.js';
import { AuthModule } from './auth/auth.module.js';
import { AutomationModule } from './automation/automation.module.js';
import { DealsModule } from './deals/deals.module.js';
import { DiagramsModule } from './diagrams/diagrams.module.js';
import { EngineModule } from './engine/engine.module.js';
import { EventsModule } from './events/events.module.js';
import { FunctionsModule } from './functions/functions.module.js';
import { WorkersModule } from './engine/workers/workers.module.js';
import type { Config } from './platform/config.js';
import { HttpModule } from './platform/http.module.js';
import { PlatformModule } from './platform/platform.module.js';
import { TasksModule } from './tasks/tasks.module.js';
import { WorkstreamModule } from './workstream/workstream.module.js';

/** The whole service, put together. */
@Module({})
export class AppModule {
  static with(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.with(config),
        HttpModule,
        AuthModule,
        ScheduleModule.forRoot(),
        EngineModule,
        AdminModule,
        BulkModule,
        TrialsModule,
        DealsModule,
        TasksModule,
        WorkstreamModule,
        AutomationModule,
        EventsModule,
        FunctionsModule,
        DiagramsModule,
        WorkersModule,
      ],
    };
  }
}
