import { Module } from '@nestjs/common';
import { EngineModule } from '../../engine/engine.module.js';
import { JobsController } from './jobs.controller.js';
import { Jobs } from './jobs.js';

/** Work on many rows. */
@Module({ imports: [EngineModule], controllers: [JobsController], providers: [Jobs], exports: [Jobs] })
export class JobsModule {}
