import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { Admission } from './admission.js';
import { Config } from './config.js';
import { Health } from './health.js';
import { HealthController } from './health.controller.js';
import { Log } from './logger.js';
import { Metrics } from './metrics.js';
import { ProblemFilter } from './problem.filter.js';
import { validation } from './validation.js';

/** What every request passes and every module may use: errors, validation, log, metrics, health. */
@Global()
@Module({
  controllers: [HealthController],
  providers: [
    Admission,
    Health,
    Metrics,
    { provide: Log, useFactory: (config: Config) => new Log(config.logLevel), inject: [Config] },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useFactory: validation },
  ],
  exports: [Admission, Health, Metrics, Log],
})
export class HttpModule implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    @InjectDataSource() private readonly source: DataSource,
  ) {}

  onModuleInit(): void {
    const { driver } = this.source;
    if (!(driver instanceof PostgresDriver)) return;
    this.metrics.gauge('statewright_pool_connections', 'Database connections of this process.', 'state', () => {
      const { totalCount, idleCount, waitingCount } = driver.master as Pool;
      return { busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
    });
  }
}
