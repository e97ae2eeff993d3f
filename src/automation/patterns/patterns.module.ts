import { Module, type OnModuleInit } from '@nestjs/common';
import { EngineModule } from '../../engine/engine.module.js';
import { Registry } from '../../engine/registry.js';
import { QueryController } from '../sandbox/query.controller.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { WorkflowsModule } from '../workflows/workflows.module.js';
import { Matches } from './matches.js';
import { Matching } from './matching.js';
import { PatternsController } from './patterns.controller.js';
import { Patterns } from './patterns.js';
import { PatternsRetention } from './patterns.retention.js';
import { Ticking } from './ticking.js';
import { PatternTrial } from './trial.js';

/** Patterns over delivered events, and queries about these (R002-19, R002-27 to R002-37). */
@Module({
  imports: [EngineModule, WorkflowsModule],
  controllers: [PatternsController, QueryController],
  providers: [Matches, Matching, Patterns, PatternsRetention, PatternTrial, Sandbox, Ticking],
})
export class PatternsModule implements OnModuleInit {
  constructor(
    private readonly registry: Registry,
    private readonly matching: Matching,
  ) {}

  onModuleInit(): void {
    this.registry.listen({
      lifecycles: ['event'],
      ends: ['delivered'],
      effect: 'patterns.match',
      handler: this.matching.match,
      policy: { attempts: 8, backoffMs: 1_000, maxBackoffMs: 600_000, batch: 16 },
    });
  }
}
