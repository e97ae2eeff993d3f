/** The kinds of task and the forms that the product brings (R004-72, R004-80). A tenant's own of the same name stand before them. */
import type { Fields } from '../../machines/task.js';
import type { TaskDefinition } from './definitions/definition.js';
import { USUAL_ACTIONS, type Form } from './forms/form.js';

const VERSION = '1.0';

/** What became of an error. */
const RESOLUTION: Fields = {
  type: 'string',
  title: 'What became of it',
  enum: ['resolved', 'escalated', 'deferred'],
};
const NOTES: Fields = { type: 'string', title: 'Notes', maxLength: 5_000 };
const shown = (title: string, template: string): Fields => ({
  type: 'string',
  title,
  readOnly: true,
  default: template,
});
const asText: Fields = { 'ui:widget': 'textarea' };

const form = (
  name: string,
  description: string,
  properties: Fields,
  required: readonly string[],
  uiSchema: Fields = {},
): Form => ({
  name,
  version: VERSION,
  description,
  category: 'product',
  tags: [],
  status: 'active',
  is_strict: false,
  json_schema: { type: 'object', properties, required: [...required], additionalProperties: false },
  ui_schema: uiSchema,
  default_values: {},
  actions: USUAL_ACTIONS,
});

export const PRODUCT_FORMS: readonly Form[] = [
  form('to-do-form', 'Something to do; what came of it can be said.', { outcome: NOTES }, []),
  form(
    'workflow-execution-error-form',
    'A workflow cannot go on by itself.',
    {
      errorReport: shown(
        'What happened',
        'Workflow: ${contextData.workflowInstanceId}\nError: ${contextData.errorCode}\nMessage: ${contextData.errorMessage}',
      ),
      resolutionStatus: RESOLUTION,
      resolutionNotes: NOTES,
    },
    ['resolutionStatus'],
    { errorReport: asText, resolutionNotes: asText },
  ),
  form(
    'qbo-sync-error-form',
    'Books could not be kept in step.',
    {
      errorReport: shown(
        'Error details',
        'Workflow: ${contextData.workflowInstanceId}\nError code: ${contextData.errorCode}\nMessage: ${contextData.errorMessageText}\nEntity: ${contextData.entityType} (${contextData.entityId})',
      ),
      resolutionStatus: RESOLUTION,
      resolutionNotes: NOTES,
    },
    ['resolutionStatus'],
    { errorReport: asText, resolutionNotes: asText },
  ),
  form(
    'qbo-mapping-error-form',
    'A service has no counterpart in the books.',
    {
      productDetails: shown(
        'What is missing',
        'Service: ${contextData.service_name} (${contextData.alga_service_id})\nClient: ${contextData.company_name} (${contextData.alga_company_id})\nAccount: ${contextData.realm_id}',
      ),
      mappingCreated: { type: 'boolean', title: 'The counterpart is there now' },
      notes: NOTES,
    },
    ['mappingCreated'],
    { productDetails: asText, notes: asText },
  ),
  form(
    'item-mapping-error-form',
    'An item could not be worked off.',
    {
      errorReport: shown(
        'What happened',
        'Item: ${contextData.itemId}\nAttempt ${contextData.currentAttempt} of ${contextData.maxAttempts}\nMessage: ${contextData.errorMessage}',
      ),
      resolutionStatus: RESOLUTION,
      notes: NOTES,
    },
    ['resolutionStatus'],
    { errorReport: asText, notes: asText },
  ),
];

const kind = (
  taskType: string,
  name: string,
  formName: string,
  more: Partial<TaskDefinition> = {},
): TaskDefinition & { form_version: string } => ({
  task_type: taskType,
  name,
  description: null,
  form_origin: 'system',
  form_name: formName,
  form_version: VERSION,
  default_priority: 'medium',
  default_sla_days: 3,
  expire_on_due: false,
  ...more,
});

export const PRODUCT_DEFINITIONS: readonly (TaskDefinition & { form_version: string })[] = [
  kind('to_do', 'To do', 'to-do-form'),
  kind('workflow_execution_error', 'A workflow cannot go on', 'workflow-execution-error-form', {
    default_priority: 'high',
  }),
  kind('qbo_sync_error', 'Books out of step', 'qbo-sync-error-form', { default_priority: 'high' }),
  kind('qbo_mapping_error', 'No counterpart in the books', 'qbo-mapping-error-form'),
  kind('resolve_item_mapping_error', 'An item has no counterpart', 'item-mapping-error-form'),
  kind('item_processing_escalation', 'An item was given up', 'item-mapping-error-form', { default_priority: 'high' }),
];
