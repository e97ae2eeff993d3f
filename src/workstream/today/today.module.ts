import { Module } from '@nestjs/common';
import { SlaModule } from '../sla/sla.module.js';
import { FigureQueries } from './figures.queries.js';
import { TodayController } from './today.controller.js';
import { TodayQueries } from './today.queries.js';
import { WorkstreamFigures } from './workstream.figures.js';

/** The pipeline at a glance. */
@Module({
  imports: [SlaModule],
  controllers: [TodayController],
  providers: [FigureQueries, TodayQueries, WorkstreamFigures],
})
export class TodayModule {}
