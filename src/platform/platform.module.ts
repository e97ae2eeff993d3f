import { Global, Logger, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock } from './clock.js';
import { Config } from './config.js';
import { Database } from './database.js';
import { dataSourceOptions } from './datasource.js';
import { Settings } from './settings.js';
import { Wakeup } from './wakeup.js';

/** What every module stands on: configuration, database, news between processes, time, settings. */
@Global()
@Module({})
export class PlatformModule {
  /** @param config with the address of a migrated database */
  static with(config: Config): DynamicModule {
    const { databaseUrl, databaseDirectUrl, databasePoolSize } = config;
    if (databaseUrl === undefined) throw new Error('the database has to be started first');
    const logger = new Logger('Database');
    const lost = (error: unknown) => logger.warn(`A connection was lost and will be replaced: ${String(error)}`);
    return {
      module: PlatformModule,
      imports: [
        TypeOrmModule.forRoot({
          ...dataSourceOptions(databaseUrl, databasePoolSize, lost, databaseDirectUrl !== undefined),
          autoLoadEntities: true,
          retryAttempts: 1,
        }),
      ],
      providers: [{ provide: Config, useValue: config }, Database, Wakeup, Clock, Settings],
      exports: [Config, Database, Wakeup, Clock, Settings],
    };
  }
}
