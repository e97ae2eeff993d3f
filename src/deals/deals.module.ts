import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';

import { DealsAdminController } from './admin.controller.js';
import { ChecklistController } from './checklist.controller.js';
import { DealsController } from './deals.controller.js';
import { DealAnalytics } from './deals.analytics.js';
import { DealDashboardController } from './deals.dashboard.controller.js';
import { DealDashboard } from './deals.dashboard.js';
import { DealLists } from './deals.list.js';
import { DeedsModule } from './deeds.module.js';
import { DemoRecords } from './demo.records.js';
import { DocumentsController } from './documents.controller.js';
import { Incidents } from './incidents.js';
import { IncidentsController } from './incidents.controller.js';
import { InvestmentModule } from './investment/investment.module.js';
import { NdaModule } from './nda/nda.module.js';
import { PitchAccessController } from './pitch.access.controller.js';
import { ProductionModule } from './production/production.module.js';
import { RecordsController } from './records.controller.js';

/** Deals of every kind, and what they share. */
@Module({
  imports: [EngineModule, DeedsModule, InvestmentModule, ProductionModule, NdaModule],
  controllers: [
    DealsController,
    ChecklistController,
    DocumentsController,
    DealsAdminController,
    IncidentsController,
    PitchAccessController,
    DealDashboardController,
    RecordsController,
  ],
  providers: [DealAnalytics, DealDashboard, DealLists, DemoRecords, Incidents],
})
export class DealsModule {}
