import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PERMISSIONS, type About, type Action } from '../../actions/action.js';
import { Actions } from '../../actions/actions.js';
import { Database } from '../../platform/database.js';
import type { ActionView } from './catalogue.dto.js';
import { schemaOf } from './params.schema.js';

/** What rules can have done here, as a table (R001-76, R001-78). */
@Injectable()
export class Catalogue implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly actions: Actions,
  ) {}

  /** By now every module has offered its actions. */
  async onApplicationBootstrap(): Promise<void> {
    const rows = JSON.stringify(this.actions.all().map(viewOf));
    await this.database.system(async (tx) => {
      await tx.run(
        `insert into automation.action_catalog as c (action_type, family, title, kind, permission, roles, params)
         select a.action_type, a.family, a.title, a.kind, a.permission, array(select jsonb_array_elements_text(a.roles)), a.params
           from jsonb_to_recordset($1::jsonb) as a (action_type text, family text, title text, kind text, permission text, roles jsonb, params jsonb)
          order by a.action_type
         on conflict (action_type) do update
            set family = excluded.family, title = excluded.title, kind = excluded.kind, permission = excluded.permission, roles = excluded.roles,
                params = excluded.params, published_at = clock_timestamp()
          where (c.family, c.title, c.kind, c.permission, c.roles, c.params)
             is distinct from (excluded.family, excluded.title, excluded.kind, excluded.permission, excluded.roles, excluded.params)`,
        [rows],
      );
    });
  }

  /** By name. */
  list(): ActionView[] {
    return this.actions.all().map(viewOf);
  }
}

/** What is told of an action that tells nothing of itself. */
const plain = (title: string): About => ({
  description: title,
  category: 'custom',
  output: {},
  requiresAuth: false,
  estimatedDuration: 100,
  costPerExecution: 0,
});

function viewOf({ type, title, kind, permission, Params, about = plain(title) }: Action): ActionView {
  const { description, category, output, requiresAuth, estimatedDuration, costPerExecution } = about;
  const inputSchema = schemaOf(Params);
  return {
    action_type: type,
    family: type.split('.')[0] ?? type,
    title,
    kind,
    permission,
    roles: [...PERMISSIONS[permission]],
    params: Object.fromEntries(
      Object.keys(inputSchema.properties).map((name) => [name, { required: inputSchema.required.includes(name) }]),
    ),
    type,
    name: title,
    description,
    category,
    inputSchema,
    outputSchema: output,
    config: { requiresAuth, supportsRetry: true, estimatedDuration, costPerExecution },
  };
}
