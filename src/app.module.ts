import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AdminModule } from './admin/admin.module.js';
import { EngineModule } from './engine/engine.module.js';
import { WorkersModule } from './engine/workers/workers.module.js';
import type { Config } from './platform/config.js';
import { HttpModule } from './platform/http.module.js';
import { PlatformModule } from './platform/platform.module.js';

/** The whole service, put together. */
@Module({})
export class AppModule {
  static with(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.with(config),
        HttpModule,
        ScheduleModule.forRoot(),
        EngineModule,
        AdminModule,
        WorkersModule,
      ],
    };
  }
}
