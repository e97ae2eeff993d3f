import { Injectable } from '@nestjs/common';
import type { Fields } from '../../../machines/task.js';
import type { Caller } from '../../auth/caller.js';
import { answerOnce, idempotencyOf } from '../../engine/idempotency.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { propertiesOf, USUAL_ACTIONS, type Form, type FormRow } from './form.js';
import { formErrors } from './form.check.js';
import type { ChangeForm, CreateForm } from './forms.dto.js';
import { findForm, insertForm, listForms, lockForm, retireForm, updateForm, type FormFilter } from './forms.store.js';

const MOST_FORMS = 1_000;
const SCOPE = 'tasks.forms';
const EMPTY: Fields = { type: 'object', properties: {} };
/** What tasks are answered in, and therefore stays once people can see it. */
const FIELDS = ['json_schema', 'ui_schema', 'default_values', 'is_strict'] as const;

/** Writes forms down, once they are right in every part. */
@Injectable()
export class Forms {
  constructor(private readonly database: Database) {}

  /** @throws WF006, WF007 when the form has that version already, IDEMPOTENCY_KEY_REUSED */
  create(caller: Caller, body: CreateForm, idempotencyKey: string | undefined): Promise<FormRow> {
    return answerOnce(this.database, caller.tenant, idempotencyOf(idempotencyKey, SCOPE, body), (tx) =>
      this.createWithin(tx, body, caller.userId),
    );
  }

  /** In a transaction that is under way. @throws WF006, WF007 when the form has that version already */
  async createWithin(tx: Tx, body: CreateForm, by: string): Promise<FormRow> {
    const form = checked(await composed(tx, body));
    await makeRoom(tx);
    if (form.status === 'active') await retireForm(tx, form.name, form.version);
    if ((await insertForm(tx, form, by)) === 0)
      throw refuse('WF007', { detail: `${form.name} has a version ${form.version} already.` });
    return this.found(await findForm(tx, 'tenant', form.name, form.version));
  }

  /** @throws NOT_FOUND, WF006; IN_USE when the fields of what is no draft were to change */
  change({ tenant }: Caller, name: string, version: string, changes: ChangeForm): Promise<FormRow> {
    const stated = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    if (Object.keys(stated).length === 0) throw refuse('WF006', { detail: 'At least one field required' });
    return this.database.transaction(tenant, async (tx) => {
      const before = this.found(await lockForm(tx, name, version));
      const touched = FIELDS.filter((field) => field in stated);
      if (before.status !== 'draft' && touched.length > 0)
        throw refuse('IN_USE', {
          detail: `Tasks are answered in this version; change ${touched.join(', ')} in a new one.`,
        });
      if (before.status !== 'draft' && stated['status'] === 'draft')
        throw refuse('WF006', { detail: 'What people could see is no draft any more.' });
      const form = checked({ ...before, ...stated });
      if (form.status === 'active') await retireForm(tx, name, version);
      await updateForm(tx, form);
      return this.found(await findForm(tx, 'tenant', name, version));
    });
  }

  /** The tenant's own before the product's; the active version unless another is named. @throws NOT_FOUND */
  read({ tenant }: Caller, name: string, version: string | null): Promise<FormRow> {
    return this.database.transaction(tenant, async (tx) =>
      this.found((await findForm(tx, 'tenant', name, version)) ?? (await findForm(tx, 'system', name, version))),
    );
  }

  /** One page, by name and version. */
  list(
    { tenant }: Caller,
    filter: FormFilter,
    after: { name: string; origin: string; version: string } | null,
    limit: number,
  ): Promise<FormRow[]> {
    return this.database.transaction(tenant, (tx) => listForms(tx, filter, after, limit));
  }

  private found(form: FormRow | undefined): FormRow {
    if (!form) throw refuse('NOT_FOUND');
    return form;
  }
}

/** A form of what is asked for, behind the fields of the forms that it is composed of. @throws WF006 */
async function composed(tx: Tx, body: CreateForm): Promise<Form> {
  const { compose = [], status, version, name } = body;
  const form: Form = {
    name,
    version,
    status,
    description: body.description ?? null,
    category: body.category ?? null,
    tags: body.tags ?? [],
    is_strict: body.is_strict ?? false,
    json_schema: body.json_schema ?? EMPTY,
    ui_schema: body.ui_schema ?? {},
    default_values: body.default_values ?? {},
    actions: body.actions ?? USUAL_ACTIONS,
  };
  if (compose.length === 0) return form;
  const parts: Form[] = [];
  for (const part of compose) {
    const found = (await findForm(tx, 'tenant', part, null)) ?? (await findForm(tx, 'system', part, null));
    if (!found) throw refuse('WF006', { errors: [{ field: 'compose', message: `there is no active form ${part}` }] });
    parts.push(found);
  }
  return merged([...parts, form]);
}

/** All fields of all of them; everything else as the last has it. @throws WF006 when two have a field of the same name */
function merged(parts: readonly Form[]): Form {
  const last = parts.at(-1) as Form;
  const names = parts.flatMap((part) => Object.keys(propertiesOf(part)));
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined)
    throw refuse('WF006', { errors: [{ field: 'compose', message: `two of the forms have a field ${twice}` }] });
  const required = parts.flatMap(({ json_schema }) => (json_schema['required'] ?? []) as string[]);
  return {
    ...last,
    json_schema: {
      ...last.json_schema,
      properties: Object.assign({}, ...parts.map(propertiesOf)) as Fields,
      ...(required.length > 0 && { required }),
    },
    ui_schema: Object.assign({}, ...parts.map(({ ui_schema }) => ui_schema)) as Fields,
    default_values: Object.assign({}, ...parts.map(({ default_values }) => default_values)) as Fields,
  };
}

/** @throws WF006 with everything that is wrong */
function checked(form: Form): Form {
  const errors = formErrors(form);
  if (errors.length > 0) throw refuse('WF006', { detail: 'The form is not valid.', errors });
  return form;
}

/** @throws WF006 when there are too many */
async function makeRoom(tx: Tx): Promise<void> {
  const { count } = (await tx.one<{ count: number }>(
    'select count(*)::int as count from tasks.forms where tenant = engine.tenant()',
  )) ?? { count: 0 };
  if (count >= MOST_FORMS) throw refuse('WF006', { detail: `There are ${MOST_FORMS} versions of forms already.` });
}
