import { Module, type OnModuleInit } from '@nestjs/common';
import { operation } from '../../../machines/operation.js';
import { EngineModule } from '../../engine/engine.module.js';
import { EngineService } from '../../engine/engine.service.js';
import { Reason } from '../admin.dto.js';
import { Settings } from '../../platform/settings.js';
import { BulkController } from './bulk.controller.js';
import { SampleBulk } from './bulk.dto.js';
import { bulkFacts, followBulk, refusalOf } from './bulk.lifecycle.js';
import { BulkVerbs } from './bulk.verbs.js';
import { BulkWork } from './bulk.work.js';
import { Bulks } from './bulks.js';

/** Deeds done to many instances. */
@Module({ imports: [EngineModule], controllers: [BulkController], providers: [Bulks, BulkWork, BulkVerbs] })
export class BulkModule implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly work: BulkWork,
    private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: operation,
      payloads: {
        'bulk.sample': SampleBulk,
        'bulk.approve': Reason,
        'bulk.pause': Reason,
        'bulk.resume': Reason,
        'bulk.cancel': Reason,
        'bulk.undo': Reason,
      },
      facts: bulkFacts(this.settings),
      effects: {
        'bulk.plan': this.work.plan.bind(this.work),
        'bulk.perform': this.work.perform.bind(this.work),
        'bulk.undo': this.work.undo.bind(this.work),
      },
      policies: {
        'bulk.plan': { timeoutMs: 120_000, batch: 2 },
        'bulk.perform': { timeoutMs: 120_000, batch: 2 },
        'bulk.undo': { timeoutMs: 120_000, batch: 2 },
      },
      onTransition: followBulk,
      onRefused: refusalOf,
    });
  }
}
