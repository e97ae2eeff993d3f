/** The shape of a workflow's steps (R002-41 to R002-50), for ajv. */
export const ID = '^[A-Za-z0-9_-]{1,64}$';
const id = { type: 'string', pattern: ID };
const ids = { type: 'array', items: id, minItems: 1, maxItems: 20, uniqueItems: true };
const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });
/** A duration, or a reference to one. */
const duration = text(200);
const object = (properties: object, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const CONFIGS = {
  action: object(
    {
      type: text(64),
      config: { type: 'object' },
      retries: object(
        {
          limit: { type: 'integer', minimum: 0, maximum: 10 },
          delay: duration,
          backoff: { enum: ['linear', 'exponential'] },
        },
        [],
      ),
      timeout: duration,
    },
    ['type', 'config'],
  ),
  condition: object({ expression: text(10_000), onTrue: id, onFalse: id }, ['expression']),
  loop: object(
    {
      items: { anyOf: [text(1_000), { type: 'array', maxItems: 1_000 }] },
      steps: ids,
      maxIterations: { type: 'integer', minimum: 1, maximum: 1_000 },
    },
    ['items', 'steps'],
  ),
  parallel: object({ steps: ids, waitForAll: { type: 'boolean' } }, ['steps']),
  delay: object({ duration }, ['duration']),
  webhook: object(
    {
      url: text(2_000),
      method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
      headers: { type: 'object', additionalProperties: { type: 'string', maxLength: 4_000 }, maxProperties: 50 },
      body: {},
      integration: id,
      auth: object({ type: { enum: ['none', 'basic', 'bearer', 'api_key'] }, config: { type: 'object' } }, ['type']),
    },
    ['url', 'method'],
  ),
  transform: object({ script: text(10_000), input: {} }, ['script']),
  ai: object(
    {
      model: text(100),
      prompt: text(10_000),
      input: {},
      temperature: { type: 'number', minimum: 0, maximum: 2 },
      maxTokens: { type: 'integer', minimum: 1, maximum: 8_192 },
    },
    ['prompt'],
  ),
} as const;

/** The eight types of step. */
export const STEP_TYPES = Object.keys(CONFIGS) as (keyof typeof CONFIGS)[];

/** One step, told apart by its type. */
export const STEP_SCHEMA = {
  type: 'object',
  required: ['id', 'type'],
  discriminator: { propertyName: 'type' },
  oneOf: STEP_TYPES.map((type) => ({
    type: 'object',
    properties: { id, name: text(200), type: { const: type }, next: id, [type]: CONFIGS[type] },
    required: ['id', 'type', type],
    additionalProperties: false,
  })),
};
