import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { PERMISSIONS, type Action } from '../../actions/action.js';
import { Actions } from '../../actions/actions.js';
import { Database } from '../../platform/database.js';
import type { ActionView } from './catalogue.dto.js';

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

const viewOf = ({ type, title, kind, permission, Params }: Action): ActionView => ({
  action_type: type,
  family: type.split('.')[0] ?? type,
  title,
  kind,
  permission,
  roles: [...PERMISSIONS[permission]],
  params: paramsOf(Params),
});

/** The parameters of an action, and which of them it needs, as its class says. */
function paramsOf(Params: new () => object): Record<string, { required: boolean }> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(Params, '', false, false);
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))].sort();
  const isOptional = (name: string) =>
    rules.some(({ propertyName, type }) => propertyName === name && type === 'conditionalValidation');
  return Object.fromEntries(names.map((name) => [name, { required: !isOptional(name) }]));
}
