import { Injectable } from '@nestjs/common';
import { IsIn } from 'class-validator';
import type { Action } from '../../actions/action.js';
import type { Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { changeCandidate } from '../candidates/candidate.entity.js';
import { Items } from '../items.js';
import type { ItemType } from '../items.kinds.js';
import { changePursuit } from '../pursuits/pursuit.entity.js';
import { IdOf, Ref } from '../workstream.dto.js';

const ITEM_TYPES: readonly ItemType[] = ['signal', 'candidate', 'pursuit'];

/** Parameters of `people.create_assignment`. */
export class CreateAssignmentParams {
  @IsIn(ITEM_TYPES) item_type!: ItemType;
  @IdOf() item_id!: number;
  @Ref() user_id!: string;
}

/** Gives an item to somebody: the owner of a signal or a candidate, the capture lead of a pursuit. */
@Injectable()
export class AssignmentAction {
  constructor(
    private readonly database: Database,
    private readonly items: Items,
  ) {}

  readonly action: Action<CreateAssignmentParams> = {
    type: 'people.create_assignment',
    title: 'Give an item of the pipeline to somebody',
    kind: 'crm',
    permission: 'people.write',
    Params: CreateAssignmentParams,
    run: async (params, { caller, key }) => {
      await this.assign(caller, params, key);
      return { kind: 'done', output: { ...params } };
    },
  };

  private async assign(
    caller: Caller,
    { item_type, item_id, user_id }: CreateAssignmentParams,
    idempotencyKey: string,
  ): Promise<void> {
    switch (item_type) {
      case 'signal': {
        // To be given to somebody is a signal's first touch.
        const event = { type: 'assign', payload: { owner_user_id: user_id } };
        await this.items.send(caller, 'signal', item_id, event, { idempotencyKey });
        return;
      }
      case 'candidate':
        return this.database.transaction(caller.tenant, (tx) =>
          changeCandidate(tx, item_id, { owner_user_id: user_id }),
        );
      case 'pursuit':
        return this.database.transaction(caller.tenant, (tx) =>
          changePursuit(tx, item_id, { capture_lead_id: user_id }),
        );
    }
  }
}
