import { Module, type OnModuleInit } from '@nestjs/common';
import { Actions } from '../../actions/actions.js';
import { ActionsModule } from '../../actions/actions.module.js';
import { EngineModule } from '../../engine/engine.module.js';
import { CandidatesModule } from '../candidates/candidates.module.js';
import { Items } from '../items.js';
import { PursuitsModule } from '../pursuits/pursuits.module.js';
import { AssignmentAction } from './assignment.action.js';
import { PipelineActions } from './pipeline.actions.js';

/** What rules can have done in the pipeline (R001-78). */
@Module({
  imports: [ActionsModule, EngineModule, CandidatesModule, PursuitsModule],
  providers: [AssignmentAction, Items, PipelineActions],
})
export class PipelineActionsModule implements OnModuleInit {
  constructor(
    private readonly actions: Actions,
    private readonly pipeline: PipelineActions,
    private readonly assignment: AssignmentAction,
  ) {}

  onModuleInit(): void {
    this.actions.offer(this.pipeline.createCandidate);
    this.actions.offer(this.pipeline.promote);
    this.actions.offer(this.pipeline.moveCandidate);
    this.actions.offer(this.pipeline.movePursuit);
    this.actions.offer(this.assignment.action);
  }
}
