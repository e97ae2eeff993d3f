/** The part of DocuSign's models that requests may use, and a check for them. The names exist in the SDK's models: a test compares. */

/** A field is text (DocuSign writes numbers and booleans as text too), a list of texts, another model, or a list of one. */
export type FieldType = 'text' | readonly ['text'] | ModelName | readonly [ModelName];
export type ModelName = keyof typeof MODELS;

export const MODELS = {
  EnvelopeDefinition: {
    status: 'text',
    emailSubject: 'text',
    emailBlurb: 'text',
    transactionId: 'text',
    templateId: 'text',
    templateRoles: ['TemplateRole'],
    documents: ['Document'],
    recipients: 'Recipients',
    customFields: 'CustomFields',
    notification: 'Notification',
    eventNotification: 'EventNotification',
  },
  TemplateRole: { roleName: 'text', email: 'text', name: 'text', clientUserId: 'text', routingOrder: 'text' },
  Document: { documentId: 'text', name: 'text', fileExtension: 'text', documentBase64: 'text' },
  Recipients: { signers: ['Signer'] },
  Signer: {
    email: 'text',
    name: 'text',
    recipientId: 'text',
    routingOrder: 'text',
    roleName: 'text',
    clientUserId: 'text',
  },
  CustomFields: { textCustomFields: ['TextCustomField'] },
  TextCustomField: { name: 'text', value: 'text', show: 'text', required: 'text', fieldId: 'text' },
  Notification: { useAccountDefaults: 'text', expirations: 'Expirations' },
  Expirations: { expireEnabled: 'text', expireAfter: 'text', expireWarn: 'text' },
  EventNotification: {
    url: 'text',
    deliveryMode: 'text',
    requireAcknowledgment: 'text',
    loggingEnabled: 'text',
    includeHMAC: 'text',
    events: ['text'],
    eventData: 'ConnectEventData',
  },
  ConnectEventData: { version: 'text', format: 'text', includeData: ['text'] },
  Envelope: { status: 'text', voidedReason: 'text' },
  RecipientViewRequest: {
    authenticationMethod: 'text',
    email: 'text',
    userName: 'text',
    clientUserId: 'text',
    returnUrl: 'text',
    recipientId: 'text',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string | readonly [string]>>>>;

/** Everything that is wrong with a body: unknown fields, and values that are no text. */
export function flawsOf(model: ModelName, body: unknown, path: string = model): string[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return [`${path} must be an object`];
  const fields: Readonly<Record<string, FieldType>> = MODELS[model];
  return Object.entries(body).flatMap(([name, value]) => {
    const type = fields[name];
    const place = `${path}.${name}`;
    if (type === undefined) return [`${place} is unknown`];
    if (typeof type === 'string') return flawsOfOne(type, value, place);
    const [item] = type;
    return Array.isArray(value)
      ? value.flatMap((each, index) => flawsOfOne(item, each, `${place}[${index}]`))
      : [`${place} must be an array`];
  });
}

const flawsOfOne = (type: 'text' | ModelName, value: unknown, place: string): string[] =>
  type === 'text' ? (typeof value === 'string' ? [] : [`${place} must be a string`]) : flawsOf(type, value, place);
