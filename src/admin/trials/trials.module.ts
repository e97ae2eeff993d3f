import { Module } from '@nestjs/common';
import { EngineModule } from '../../engine/engine.module.js';
import { TrialsController } from './trials.controller.js';
import { Trials } from './trials.js';

/** Recorded histories, told again by another definition. */
@Module({ imports: [EngineModule], controllers: [TrialsController], providers: [Trials] })
export class TrialsModule {}
