/** What people answer a task in: a JSON schema, how it looks, and what is filled in beforehand (R004-74 to R004-79). */
import type { Fields, Origin, Value } from '../../../machines/task.js';

export const FORM_STATUSES = ['draft', 'active', 'deprecated', 'archived'] as const;
export type FormStatus = (typeof FORM_STATUSES)[number];

/** A button (R004-79). */
export interface FormAction {
  id: string;
  label: string;
  primary?: boolean;
  variant?: string;
  order?: number;
  /** Conditions on the form's fields under which it does nothing, or is not there. */
  disabled?: Value;
  hidden?: Value;
}

/** The buttons of a form that names none. */
export const USUAL_ACTIONS: readonly FormAction[] = [
  { id: 'submit', label: 'Submit', primary: true, variant: 'default', order: 1 },
  { id: 'save_draft', label: 'Save draft', primary: false, variant: 'secondary', order: 2 },
  { id: 'cancel', label: 'Cancel', primary: false, variant: 'secondary', order: 3 },
];

/** What a form consists of, whoever it belongs to. */
export interface Form {
  name: string;
  version: string;
  description: string | null;
  category: string | null;
  tags: string[];
  status: FormStatus;
  /** A task is not made when something that is to be filled in beforehand is missing. */
  is_strict: boolean;
  json_schema: Fields;
  ui_schema: Fields;
  default_values: Fields;
  actions: readonly FormAction[];
}

/** A form in one version, and whose it is. */
export interface FormRow extends Form {
  form_type: Origin;
}

/** The fields at the top of a form, by name. */
export function propertiesOf({ json_schema: { properties } }: Pick<Form, 'json_schema'>): Record<string, Fields> {
  return isFields(properties) ? (properties as Record<string, Fields>) : {};
}

export const isFields = (value: Value | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
