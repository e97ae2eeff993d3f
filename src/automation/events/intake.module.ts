import { Module } from '@nestjs/common';
import { ActionsModule } from '../../actions/actions.module.js';
import { EngineModule } from '../../engine/engine.module.js';
import { Firings } from '../firings/firings.js';
import { Intake } from './intake.js';

/** The way in for events. */
@Module({ imports: [ActionsModule, EngineModule], providers: [Firings, Intake], exports: [Intake] })
export class IntakeModule {}
