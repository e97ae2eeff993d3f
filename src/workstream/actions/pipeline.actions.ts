import { Injectable } from '@nestjs/common';
import type { Action } from '../../actions/action.js';
import { CreateCandidate, MoveCandidate } from '../candidates/candidate.dto.js';
import { CandidateDesk } from '../candidates/candidate.desk.js';
import { MovePursuit } from '../pursuits/pursuit.dto.js';
import { PursuitDesk } from '../pursuits/pursuit.desk.js';
import { IdOf } from '../workstream.dto.js';

/** Parameters of `workstream.promote_to_pursuit`. */
export class PromoteParams {
  @IdOf() candidate_id!: number;
}

/** Parameters of `workstream.move_candidate`. */
export class MoveCandidateParams extends MoveCandidate {
  @IdOf() candidate_id!: number;
}

/** Parameters of `workstream.move_pursuit`. */
export class MovePursuitParams extends MovePursuit {
  @IdOf() pursuit_id!: number;
}

/** What rules can do in the pipeline: the very commands of people, with the same gates. */
@Injectable()
export class PipelineActions {
  constructor(
    private readonly candidates: CandidateDesk,
    private readonly pursuits: PursuitDesk,
  ) {}

  readonly createCandidate: Action<CreateCandidate> = {
    type: 'workstream.create_candidate',
    title: 'Make a candidate, with the signals it is made of',
    kind: 'crm',
    permission: 'workstream.write',
    Params: CreateCandidate,
    run: async (body, { caller, key }) => {
      const { candidate_id } = await this.candidates.create(caller, body, key);
      return { kind: 'done', output: { candidate_id } };
    },
  };

  readonly promote: Action<PromoteParams> = {
    type: 'workstream.promote_to_pursuit',
    title: 'Promote a candidate',
    kind: 'crm',
    permission: 'workstream.write',
    Params: PromoteParams,
    run: async ({ candidate_id }, { caller, key }) => {
      const { pursuit_id } = await this.candidates.promote(caller, candidate_id, key);
      return { kind: 'done', output: { pursuit_id } };
    },
  };

  readonly moveCandidate: Action<MoveCandidateParams> = {
    type: 'workstream.move_candidate',
    title: 'Move a candidate along its table',
    kind: 'crm',
    permission: 'workstream.write',
    Params: MoveCandidateParams,
    run: async ({ candidate_id, to, note }, { caller, key }) => {
      const { status } = await this.candidates.move(caller, candidate_id, { to, note }, key);
      return { kind: 'done', output: { candidate_id, status } };
    },
  };

  readonly movePursuit: Action<MovePursuitParams> = {
    type: 'workstream.move_pursuit',
    title: 'Move a pursuit through its gates',
    kind: 'crm',
    permission: 'workstream.write',
    Params: MovePursuitParams,
    run: async ({ pursuit_id, ...move }, { caller, key }) => {
      const { stage } = await this.pursuits.move(caller, pursuit_id, move, key);
      return { kind: 'done', output: { pursuit_id, stage } };
    },
  };
}
