import type { Complaints, Faults } from './faults.js';
import type { Answer, Part, Request, Silence } from './http.js';
import type { Journal } from './journal.js';
import type { Ledger } from './ledger.js';

interface Asked {
  model?: string;
  messages?: { role: string; content: string }[];
  temperature?: number;
  max_tokens?: number;
  response_format?: { type: string; json_schema?: { name?: string; schema?: Record<string, unknown> } };
}

const complaints: Complaints = {
  broken: { status: 500, body: { error: { message: 'The server had an error', type: 'server_error' } } },
  limited: (seconds) => ({
    status: 429,
    body: { error: { message: 'Rate limit reached', type: 'requests' } },
    headers: { 'retry-after': String(seconds) },
  }),
};

const GOOD = /\b(good|great|love|excellent|happy|thanks|perfect|wonderful)\b/gi;
const BAD = /\b(bad|terrible|hate|awful|angry|broken|poor|worst)\b/gi;
const ENTITIES: readonly (readonly [string, RegExp])[] = [
  ['date', /\b\d{4}-\d\d-\d\d\b/g],
  ['organization', /\b[A-Z]\w+ (?:Inc|Ltd|GmbH|Corp|LLC)\b/g],
  ['location', /\b(?:Berlin|London|Paris|New York|Tokyo)\b/g],
  ['person', /\b(?:Mr|Ms|Mrs|Dr)\.? [A-Z]\w+\b/g],
];

/** A model that follows rules: the same question always has the same answer. Speaks the protocol of chat completions. */
export class Models implements Part {
  readonly prefixes = ['/models/'];

  constructor(
    private readonly ledger: Ledger,
    private readonly faults: Faults,
    private readonly journal: Journal,
  ) {}

  async answer(request: Request): Promise<Answer | Silence> {
    if (request.method !== 'POST' || request.path !== '/models/v1/chat/completions')
      return { status: 404, body: { error: { message: `nothing at ${request.path}`, type: 'invalid_request_error' } } };
    try {
      return await this.faults.around('model', 'complete', () => this.complete(request), complaints);
    } finally {
      this.journal.commit();
    }
  }

  private complete({ headers, body }: Request): Answer {
    if (!headers.authorization?.startsWith('Bearer '))
      return {
        status: 401,
        body: { error: { message: 'You did not provide an API key.', type: 'invalid_request_error' } },
      };
    const asked = JSON.parse(body) as Asked;
    const { model, messages = [], temperature = 1 } = asked;
    if (model === undefined || messages.length === 0)
      return {
        status: 400,
        body: { error: { message: 'model and messages are required', type: 'invalid_request_error' } },
      };
    const id = `chatcmpl-${this.ledger.query({ provider: 'model' }).length + 1}`;
    this.ledger.record({
      provider: 'model',
      kind: 'complete',
      objectId: id,
      key: null,
      instanceId: null,
      tenant: null,
    });
    const content = contentOf(asked);
    const message = { role: 'assistant', content };
    return {
      status: 200,
      body: {
        id,
        object: 'chat.completion',
        model,
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: { prompt_tokens: messages.length, completion_tokens: content.length, total_tokens: content.length },
        system_fingerprint: `temperature-${temperature}`,
      },
    };
  }
}

function contentOf({ messages = [], max_tokens = 256, response_format: format }: Asked): string {
  const said = (role: string) => messages.find((message) => message.role === role)?.content ?? '';
  const user = said('user');
  // Whoever says so gets words where a structure was asked for, to see what becomes of it.
  if (user.includes('[[no json]]')) return 'I would rather not.';
  switch (format?.json_schema?.name) {
    case 'sentiment':
      return JSON.stringify(sentimentOf(user));
    case 'entities':
      return JSON.stringify({ entities: entitiesIn(user) });
    case 'category':
      return JSON.stringify({ category: categoryOf(user, format.json_schema.schema), confidence: 0.8 });
    default:
      return `${said('system')} ${user}`.trim().slice(0, max_tokens * 4);
  }
}

function sentimentOf(text: string): { sentiment: string; score: number; confidence: number } {
  const good = text.match(GOOD)?.length ?? 0;
  const bad = text.match(BAD)?.length ?? 0;
  const score = good + bad === 0 ? 0.5 : good / (good + bad);
  return { sentiment: score > 0.5 ? 'positive' : score < 0.5 ? 'negative' : 'neutral', score, confidence: 0.9 };
}

const entitiesIn = (text: string): { type: string; value: string; confidence: number }[] =>
  ENTITIES.flatMap(([type, pattern]) =>
    [...text.matchAll(pattern)].map(([value]) => ({ type, value, confidence: 0.9 })),
  );

/** The category that is named in the text, else the first. */
function categoryOf(text: string, schema: Record<string, unknown> | undefined): string {
  const { properties } = (schema ?? {}) as { properties?: { category?: { enum?: string[] } } };
  const categories = properties?.category?.enum ?? [];
  return categories.find((category) => text.toLowerCase().includes(category.toLowerCase())) ?? categories[0] ?? '';
}
