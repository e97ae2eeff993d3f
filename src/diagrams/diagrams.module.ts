import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { DiagramsController } from './diagrams.controller.js';

/** Draws lifecycles. */
@Module({ imports: [EngineModule], controllers: [DiagramsController] })
export class DiagramsModule {}
