import type { Complaints, Faults } from './faults.js';
import { match, type Answer, type Part, type Request, type Route, type Silence } from './http.js';
import type { Collection, Journal } from './journal.js';
import type { Ledger, Provider } from './ledger.js';

/** A record, a ticket or a meeting, as its provider keeps it. */
export interface BusinessObject {
  id: string;
  provider: Provider;
  /** `contacts`, `issue`, `event`. */
  kind: string;
  fields: Record<string, unknown>;
}

/** What is taken from a request, or the answer that refuses it. */
type Act = (objects: Collection<BusinessObject>, request: Request, ids: string[]) => Acted | Answer;
interface Acted {
  object: BusinessObject;
  answer: Answer;
  /** Null: nothing was done. */
  done: string | null;
}

const complaints: Complaints = {
  broken: { status: 500, body: { message: 'internal error' } },
  limited: (seconds) => ({
    status: 429,
    body: { message: 'too many requests' },
    headers: { 'retry-after': String(seconds) },
  }),
};

const isAllowed = ({ headers }: Request): boolean => (headers.authorization ?? '').length > 5;

/** HubSpot's CRM objects. */
const hubspot = (status: number, category: string, message: string): Answer => ({
  status,
  body: { status: 'error', message, category },
});
const shown = ({ id, fields }: BusinessObject) => ({ id, properties: fields, archived: false });
const propertiesOf = ({ body }: Request): Record<string, unknown> | undefined => {
  const { properties } = JSON.parse(body) as { properties?: Record<string, unknown> };
  return typeof properties === 'object' ? properties : undefined;
};

const createRecord: Act = (objects, request, [kind = '']) => {
  if (!isAllowed(request)) return hubspot(401, 'INVALID_AUTHENTICATION', 'Authentication credentials not found.');
  const fields = propertiesOf(request);
  if (!fields) return hubspot(400, 'VALIDATION_ERROR', 'Invalid input JSON: properties');
  const known = objects.all().find((record) => {
    const email = fields['email'];
    return (
      record.provider === 'hubspot' && record.kind === kind && email !== undefined && record.fields['email'] === email
    );
  });
  if (known) return hubspot(409, 'CONFLICT', `Contact already exists. Existing ID: ${known.id}`);
  const object: BusinessObject = { id: String(501 + objects.all().length), provider: 'hubspot', kind, fields };
  return { object, answer: { status: 201, body: shown(object) }, done: 'record.create' };
};

const updateRecord: Act = (objects, request, [kind = '', id = '']) => {
  if (!isAllowed(request)) return hubspot(401, 'INVALID_AUTHENTICATION', 'Authentication credentials not found.');
  const fields = propertiesOf(request);
  const known = objects.get(`hubspot/${id}`);
  if (!fields) return hubspot(400, 'VALIDATION_ERROR', 'Invalid input JSON: properties');
  if (known?.kind !== kind) return hubspot(404, 'OBJECT_NOT_FOUND', 'resource not found');
  const object = { ...known, fields: { ...known.fields, ...fields } };
  return { object, answer: { status: 200, body: shown(object) }, done: 'record.update' };
};

/** Linear's GraphQL, as far as issues go. */
const linearError = (message: string): Answer => ({ status: 200, body: { data: null, errors: [{ message }] } });
const issue = ({ id, fields }: BusinessObject) => ({
  id,
  identifier: fields['identifier'],
  url: `https://linear.app/sandbox/issue/${String(fields['identifier'])}`,
});

const graphql: Act = (objects, request) => {
  if (!isAllowed(request)) return { status: 401, body: { errors: [{ message: 'Authentication required' }] } };
  const { query = '', variables = {} } = JSON.parse(request.body) as {
    query?: string;
    variables?: { id?: string; input?: Record<string, unknown> };
  };
  if (query.includes('issueCreate')) {
    const { id, teamId, title } = variables.input ?? {};
    if (typeof id !== 'string' || typeof teamId !== 'string' || typeof title !== 'string' || title === '')
      return linearError('Argument Validation Error');
    if (objects.get(`linear/${id}`)) return linearError(`Entity with id ${id} already exists`);
    const fields = { ...variables.input, identifier: `SAN-${objects.all().length + 1}` };
    const object: BusinessObject = { id, provider: 'linear', kind: 'issue', fields };
    const body = { data: { issueCreate: { success: true, issue: issue(object) } } };
    return { object, answer: { status: 200, body }, done: 'issue.create' };
  }
  const known = objects.get(`linear/${variables.id ?? ''}`);
  return known ? { status: 200, body: { data: { issue: issue(known) } } } : linearError('Entity not found: Issue');
};

/** Google Calendar: the id of an event is the asker's, and taken once. */
const google = (code: number, reason: string, message: string): Answer => ({
  status: code,
  body: { error: { code, message, errors: [{ reason, message }] } },
});

const insertEvent: Act = (objects, request) => {
  if (!isAllowed(request)) return google(401, 'authError', 'Invalid Credentials');
  const fields = JSON.parse(request.body) as Record<string, unknown>;
  const id = String(fields['id'] ?? '');
  if (!/^[a-v0-9]{5,1024}$/.test(id)) return google(400, 'invalid', 'Invalid resource id value.');
  if (!fields['start'] || !fields['end']) return google(400, 'required', 'Missing end time.');
  if (objects.get(`google/${id}`)) return google(409, 'duplicate', 'The requested identifier already exists.');
  const object: BusinessObject = { id, provider: 'google', kind: 'event', fields };
  const body = {
    ...fields,
    kind: 'calendar#event',
    status: 'confirmed',
    htmlLink: `https://calendar.google.com/event?eid=${id}`,
  };
  return { object, answer: { status: 200, body }, done: 'event.insert' };
};

interface Endpoint {
  provider: Provider;
  operation: string;
  act: Act;
}

const ROUTES: readonly Route<Endpoint>[] = [
  {
    method: 'POST',
    path: /^\/hubspot\/crm\/v3\/objects\/([a-z_]+)$/,
    handle: { provider: 'hubspot', operation: 'create', act: createRecord },
  },
  {
    method: 'PATCH',
    path: /^\/hubspot\/crm\/v3\/objects\/([a-z_]+)\/([^/]+)$/,
    handle: { provider: 'hubspot', operation: 'update', act: updateRecord },
  },
  { method: 'POST', path: /^\/linear\/graphql$/, handle: { provider: 'linear', operation: 'graphql', act: graphql } },
  {
    method: 'POST',
    path: /^\/google\/calendar\/v3\/calendars\/[^/]+\/events$/,
    handle: { provider: 'google', operation: 'insert', act: insertEvent },
  },
];

/** HubSpot, Linear and Google Calendar: they take what is well-formed and keep it. */
export class Business implements Part {
  readonly prefixes = ['/hubspot/', '/linear/', '/google/'];
  private readonly objects: Collection<BusinessObject>;

  constructor(
    private readonly journal: Journal,
    private readonly ledger: Ledger,
    private readonly faults: Faults,
  ) {
    this.objects = journal.collection('business');
  }

  async answer(request: Request): Promise<Answer | Silence> {
    const found = match(ROUTES, request);
    if (!found) return { status: 404, body: { message: `nothing at ${request.path}` } };
    const { provider, operation, act } = found.handle;
    try {
      const take = () => this.take(provider, act(this.objects, request, found.ids));
      return await this.faults.around(provider, operation, take, complaints);
    } finally {
      this.journal.commit();
    }
  }

  private take(provider: Provider, acted: Acted | Answer): Answer {
    if ('status' in acted) return acted;
    const { object, answer, done } = acted;
    this.objects.put(`${provider}/${object.id}`, object);
    if (done !== null)
      this.ledger.record({ provider, kind: done, objectId: object.id, key: null, instanceId: null, tenant: null });
    return answer;
  }
}
