import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { LivedCoverage } from './coverage.js';
import { DiagramsController } from './diagrams.controller.js';

/** Draws lifecycles. */
@Module({ imports: [EngineModule], controllers: [DiagramsController], providers: [LivedCoverage] })
export class DiagramsModule {}
