/** How requests about workflows, patterns and queries are refused (R002-13): part of the one table in errors.ts. */

/** A way to be refused. */
export interface ErrorKind {
  status: number;
  /** The same for every occurrence. */
  title: string;
  /** What happened and what the caller can do; the detail when the thrower gives none. */
  sentence: string;
}

export const AUTOMATION_ERRORS = {
  WORKFLOW_ERROR: {
    status: 400,
    title: 'Workflow not valid',
    sentence: 'The definition of the workflow cannot be used; errors names the parts.',
  },
  CONFLICT: { status: 409, title: 'Conflict', sentence: 'This is not possible as things are; the detail says why.' },
  QUOTA_EXCEEDED: {
    status: 429,
    title: 'Quota used up',
    sentence: 'The account has used up what it may have; quota, limit and resetsAt say what and until when.',
  },
  QUERY_ERROR: {
    status: 400,
    title: 'Query not possible',
    sentence: 'A query is one SELECT over the view events, of 5 seconds and 1,000 rows at most.',
  },
  INVALID_SIGNATURE: {
    status: 401,
    title: 'Signature refused',
    sentence: 'The signature is missing, or no account has the secret that it was made with.',
  },
  WEBHOOK_ERROR: {
    status: 400,
    title: 'Message not valid',
    sentence: 'The message is signed, and is none that is understood.',
  },
  PATTERN_ERROR: {
    status: 400,
    title: 'Pattern not valid',
    sentence: 'The pattern is not valid; errors names the fields.',
  },
} as const satisfies Record<string, ErrorKind>;
