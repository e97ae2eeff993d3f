/** Every way a request can be refused: the code clients program against, its HTTP status, and what it means. */
import { AUTOMATION_ERRORS, type ErrorKind } from './errors.automation.js';

/** The one error table (R000-24, X-3). docs/errors.md and the OpenAPI document are generated from it. */
export const ERRORS = {
  WF001: {
    status: 404,
    title: 'Instance not found',
    sentence: 'There is no such instance, or it is not yours to see.',
  },
  WF002: {
    status: 409,
    title: 'Invalid transition',
    sentence: 'The instance is in a state that does not take this event; the explanation lists what it takes.',
  },
  WF003: { status: 408, title: 'Timeout', sentence: 'What the workflow waited for did not happen in time.' },
  WF004: {
    status: 502,
    title: 'External service failure',
    sentence: 'A provider failed or gave an answer that makes no sense.',
  },
  WF005: { status: 403, title: 'Insufficient permissions', sentence: 'Your roles do not allow this.' },
  WF006: { status: 400, title: 'Validation failed', sentence: 'The request is not valid; errors names the fields.' },
  WF007: { status: 409, title: 'Duplicate workflow', sentence: 'An open workflow for the same matter exists already.' },
  WF008: { status: 402, title: 'Payment failed', sentence: 'The payment was declined or could not be made.' },
  WF009: { status: 500, title: 'Document generation failed', sentence: 'A document could not be produced.' },
  WF010: { status: 502, title: 'Notification failed', sentence: 'A notification could not be delivered.' },
  INVALID_TRANSITION: {
    status: 422,
    title: 'Invalid transition',
    sentence:
      'The state machine does not lead from the current state to the one asked for; allowed_transitions lists where it leads.',
  },
  STATE_READ_ONLY: {
    status: 422,
    title: 'State is not written',
    sentence: 'A state is changed by its own commands only, so that no gate is passed unseen.',
  },
  OUT_OF_RANGE: { status: 422, title: 'Out of range', sentence: 'A value is well formed and outside what it may be.' },
  FORM_INVALID: {
    status: 422,
    title: 'Form not filled in right',
    sentence: 'What was filled in does not fit the form; errors names each field.',
  },
  KEY_TAKEN: {
    status: 409,
    title: 'Key taken',
    sentence: 'The idempotency_key stands for another body; use a new one.',
  },
  ...AUTOMATION_ERRORS,
  IN_USE: { status: 409, title: 'In use', sentence: 'Something else stands on this; take that away first.' },
  GATE_BLOCKED: {
    status: 409,
    title: 'A gate is closed',
    sentence: 'Something has to be done first; missing_items lists what, the explanation who can clear it.',
  },
  INVARIANT_BROKEN: {
    status: 409,
    title: 'Something would no longer be true',
    sentence:
      'The lifecycle says what is always true of its instances, and this step would end that; nothing was written, and the failure is kept.',
  },
  SECOND_APPROVER_NEEDED: {
    status: 403,
    title: 'A second administrator has to agree',
    sentence:
      'The tenant wants two administrators for this; ask with POST /admin/force-requests, and another one approves it there.',
  },
  INSTANCE_PAUSED: {
    status: 409,
    title: 'Instance paused',
    sentence: 'An administrator has paused this instance; it takes no events until it is resumed.',
  },
  INSTANCE_QUARANTINED: {
    status: 409,
    title: 'Instance quarantined',
    sentence:
      'The stored state of this instance does not match its definition; an administrator has to repair it first.',
  },
  REVISION_MISMATCH: {
    status: 409,
    title: 'Revision mismatch',
    sentence: 'The instance has moved on since the revision named in If-Match; read it again.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'Idempotency key reused',
    sentence: 'This Idempotency-Key was used for a different request; use a new key.',
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    title: 'Malformed Idempotency-Key',
    sentence: 'Idempotency-Key must be 1 to 255 visible ASCII characters, bare or in double quotes.',
  },
  MISSING_PAYLOAD_FIELD: {
    status: 400,
    title: 'Payload missing',
    sentence: 'An event has a payload; send { "payload": { … } }.',
  },
  INVALID_PAYLOAD: { status: 400, title: 'Payload not valid', sentence: 'The payload of an event is an object.' },
  INVALID_METADATA_TYPE: {
    status: 400,
    title: 'Metadata not valid',
    sentence: 'The metadata of an event is an object, or left out.',
  },
  INVALID_PARAMETER: {
    status: 400,
    title: 'Parameter not valid',
    sentence: 'A parameter is not what it may be; errors names it.',
  },
  INVALID_CURSOR: {
    status: 400,
    title: 'Cursor not valid',
    sentence: 'The cursor is not the next_cursor of a page of this list in this order.',
  },
  TOO_MANY_FILTERS: { status: 400, title: 'Too many filters', sentence: 'A list takes at most 10 filters.' },
  INVALID_STATE: {
    status: 409,
    title: 'Not in this state',
    sentence: 'What is asked for is not possible while it is as it is.',
  },
  MAX_RETRIES_EXCEEDED: {
    status: 409,
    title: 'Retried often enough',
    sentence: 'The event was retried as often as it may be; an administrator can replay its dead letter.',
  },
  PROCESSING_ERROR: {
    status: 500,
    title: 'Processing failed',
    sentence: 'The event was accepted, and something went wrong afterwards; it is processed all the same.',
  },
  NOT_CONFIGURED: {
    status: 409,
    title: 'Not configured',
    sentence: 'The provider that this needs is not configured here.',
  },
  MALFORMED_REQUEST: {
    status: 400,
    title: 'Malformed request',
    sentence: 'The address or a header of the request cannot be understood.',
  },
  MALFORMED_BODY: {
    status: 400,
    title: 'Malformed body',
    sentence: 'The body is not well-formed JSON of reasonable depth and size.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request timeout',
    sentence: 'The request did not arrive completely in time.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'Payload too large', sentence: 'A body may have at most 1 MB.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'Unsupported media type',
    sentence: 'Send the body as application/json.',
  },
  URI_TOO_LONG: {
    status: 414,
    title: 'Address too long',
    sentence: 'A part of the address is longer than any id can be.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'Headers too large',
    sentence: 'The address and the headers together may have at most 16 KB.',
  },
  UNAUTHENTICATED: {
    status: 401,
    title: 'Not authenticated',
    sentence: 'Send a valid API key or token as Authorization: Bearer.',
  },
  WEBHOOK_SIGNATURE: {
    status: 401,
    title: 'Signature refused',
    sentence: 'The signature of the webhook is missing or does not match its body.',
  },
  SANDBOX_ONLY: { status: 403, title: 'Sandbox only', sentence: 'This works in sandbox mode only.' },
  NOT_FOUND: { status: 404, title: 'Not found', sentence: 'There is no such resource, or it is not yours to see.' },
  ROUTE_NOT_FOUND: {
    status: 404,
    title: 'Route not found',
    sentence: 'There is nothing at this address; /api/docs lists what there is.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method not allowed',
    sentence: 'This address does not take this method; Allow lists those it takes.',
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Too many requests',
    sentence: 'Slow down and try again after the seconds in Retry-After.',
  },
  OVERLOADED: {
    status: 503,
    title: 'Overloaded',
    sentence: 'The service cannot take this now; nothing was changed. Try again after the seconds in Retry-After.',
  },
  NOT_READY: {
    status: 503,
    title: 'Not ready',
    sentence: 'The service cannot do its work now; errors names the checks that fail.',
  },
  INTERNAL: {
    status: 500,
    title: 'Internal error',
    sentence: 'Something went wrong here; quote the correlation id when you report it.',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** One field that is wrong, by its path in the body (`payload.amount`), query or address. */
export interface FieldError {
  field: string;
  message: string;
}

/** What the caller is told besides the code. */
export interface RefusalData {
  /** One sentence about this occurrence; the table's sentence when absent. Safe to show: no SQL, no stack, no secret. */
  detail?: string;
  errors?: readonly FieldError[];
  /** Why a transition is not possible, as `explain` gives it. */
  explanation?: object;
  /** What the code's own clients read: members of the problem beside the standard ones. */
  members?: Readonly<Record<string, unknown>>;
  /** Seconds after which trying again makes sense; becomes the Retry-After header. */
  retryAfter?: number;
}

/** A request refused on purpose. Everything else that is thrown is a fault and answers 500 without a word about why. */
export class Refused extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly data: RefusalData = {},
  ) {
    super(data.detail ?? ERRORS[code].sentence);
    this.name = 'Refused';
  }
}

/** `throw refuse('WF001')`. */
export const refuse = (code: ErrorCode, data?: RefusalData): Refused => new Refused(code, data);
