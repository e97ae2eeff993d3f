import { Injectable, type OnModuleInit } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { Fields, Value } from '../../../machines/function.types.js';
import type { Tx } from '../../platform/database.js';
import { fieldErrors } from '../../platform/validation.js';
import { CreateForm } from '../../tasks/forms/forms.dto.js';
import { Forms } from '../../tasks/forms/forms.js';
import { findForm } from '../../tasks/forms/forms.store.js';
import type { ActionCall } from '../actions/action.js';
import { ActionRegistry } from '../actions/action.registry.js';
import type { Parameter } from '../actions/parameters.js';
import { ActionError } from '../failure.js';

const optional = (name: string, type: Parameter['type']): Parameter => ({ name, type, required: false });
const NAME: Parameter = { name: 'name', type: 'string', required: true };
/** What a form consists of, as `POST /api/forms` takes it. */
const PARTS: readonly Parameter[] = [
  ...['description', 'category', 'status'].map((name) => optional(name, 'string')),
  ...['tags', 'actions', 'compose'].map((name) => optional(name, 'array')),
  ...['json_schema', 'ui_schema', 'default_values'].map((name) => optional(name, 'object')),
  optional('is_strict', 'boolean'),
];

/** The built-in actions about forms: `get_form`, `register_form`, `create_form_version` (R004-49). */
@Injectable()
export class FormActions implements OnModuleInit {
  constructor(
    private readonly registry: ActionRegistry,
    private readonly forms: Forms,
  ) {}

  onModuleInit(): void {
    const { registry } = this;
    registry.registerDatabaseAction(
      'get_form',
      'The active version of a form, or the one that is named: of the tenant, else of the product',
      [NAME, optional('version', 'string')],
      'READ COMMITTED',
      ({ name, version }, { transaction }) =>
        formOf(transaction, String(name), typeof version === 'string' ? version : null),
    );
    registry.registerDatabaseAction(
      'register_form',
      'A form of the tenant’s own, in its first version',
      [NAME, optional('version', 'string'), ...PARTS],
      'READ COMMITTED',
      async (params, call) => {
        const known = await formsOf(call.transaction, String(params['name']));
        if (known > 0) throw new ActionError('WF007', `There is a form ${String(params['name'])} already`);
        return this.create(params, call);
      },
    );
    registry.registerDatabaseAction(
      'create_form_version',
      'A further version of a form of the tenant’s own',
      [NAME, { ...optional('version', 'string'), required: true }, ...PARTS],
      'READ COMMITTED',
      async (params, call) => {
        const known = await formsOf(call.transaction, String(params['name']));
        if (known === 0) throw new ActionError('NOT_FOUND', `The tenant has no form ${String(params['name'])}`);
        return this.create(params, call);
      },
    );
  }

  /** Answers `{ name, version, status }`. Active when nothing else is said: nobody else is there to make it so. */
  private async create(params: Fields, call: ActionCall & { transaction: Tx }): Promise<Value> {
    const body = plainToInstance(CreateForm, { status: 'active', ...params });
    const [slip] = fieldErrors(validateSync(body, { whitelist: true, forbidNonWhitelisted: true }));
    if (slip) throw new ActionError('INVALID_PARAMETERS', slip.message, 'permanent', { field: slip.field });
    const by = call.userId ?? `system:workflow:${call.executionId}`;
    const { name, version, status } = await this.forms.createWithin(call.transaction, body, by);
    return { name, version, status };
  }
}

async function formOf(tx: Tx, wanted: string, version: string | null): Promise<Value> {
  const form = (await findForm(tx, 'tenant', wanted, version)) ?? (await findForm(tx, 'system', wanted, version));
  if (!form) throw new ActionError('NOT_FOUND', `There is no form ${wanted}`);
  const { name, description, json_schema, ui_schema, default_values } = form;
  return { name, version: form.version, description, json_schema, ui_schema, default_values };
}

/** Versions of a form of the tenant's own. */
const formsOf = async (tx: Tx, name: string): Promise<number> =>
  (
    await tx.one<{ count: number }>(
      'select count(*)::int as count from tasks.forms where tenant = engine.tenant() and name = $1',
      [name],
    )
  )?.count ?? 0;
