import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { DealsAdminController } from './admin.controller.js';
import { ChecklistController } from './checklist.controller.js';
import { DealsController } from './deals.controller.js';
import { DealQueries } from './deals.queries.js';
import { DemoRecords } from './demo.records.js';
import { Incidents } from './incidents.js';
import { IncidentsController } from './incidents.controller.js';
import { InvestmentModule } from './investment/investment.module.js';

/** Deals of every kind, and what they share. */
@Module({
  imports: [EngineModule, InvestmentModule],
  controllers: [DealsController, ChecklistController, DealsAdminController, IncidentsController],
  providers: [DealQueries, DemoRecords, Incidents],
})
export class DealsModule {}
