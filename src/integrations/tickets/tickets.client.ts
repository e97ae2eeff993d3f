import { createHash } from 'node:crypto';
import type { TicketsConfig } from '../../platform/config.business.js';
import { call } from '../http/exchange.js';
import { type Attempt, type Outcome } from '../outcome.js';

type Run = Attempt & { begun: number; signal: AbortSignal };

/** What is to be done, for a team. */
export interface NewTicket {
  title: string;
  description: string;
  /** 0 none, 1 urgent, 2 high, 3 normal, 4 low. */
  priority: number;
  assignee?: string | undefined;
}

/** A ticket as it is known. */
export interface Ticket {
  id: string;
  identifier: string;
  url: string;
}

const CREATE = `mutation IssueCreate($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id identifier url } } }`;
const FIND = `query Issue($id: String!) { issue(id: $id) { id identifier url } }`;

/** Makes tickets in Linear. */
export class TicketsClient {
  constructor(private readonly config: TicketsConfig | undefined) {}

  /** Makes a ticket. Its id is made of the effect's key, so that a later attempt finds the one of an earlier. */
  async create({ assignee, ...ticket }: NewTicket, run: Run): Promise<Outcome<Ticket>> {
    const id = uuidOf(run.key);
    if (run.begun > 1) {
      const found = await this.ask(FIND, { id }, run.signal);
      if (found.kind !== 'done' || found.output.ticket) return finished(found);
    }
    const input = {
      id,
      teamId: this.config?.teamId ?? '',
      ...ticket,
      ...(assignee !== undefined && { assigneeId: assignee }),
    };
    return finished(await this.ask(CREATE, { input }, run.signal));
  }

  private ask(query: string, variables: object, signal: AbortSignal): Promise<Outcome<Answered>> {
    const request =
      this.config &&
      new Request(`${this.config.apiBase}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: this.config.key },
        body: JSON.stringify({ query, variables }),
        signal,
      });
    return call('linear', request, read);
  }
}

/** GraphQL says no with a 200. */
interface Answered {
  ticket: Ticket | undefined;
  error: string | undefined;
}

function read(body: string): { output: Answered; providerId?: string } {
  const { data, errors } = JSON.parse(body) as {
    data?: { issue?: Ticket; issueCreate?: { issue?: Ticket } } | null;
    errors?: { message?: string }[];
  };
  const ticket = data?.issueCreate?.issue ?? data?.issue;
  return { output: { ticket, error: errors?.[0]?.message }, ...(ticket && { providerId: ticket.id }) };
}

function finished(outcome: Outcome<Answered>): Outcome<Ticket> {
  if (outcome.kind !== 'done') return outcome;
  const { ticket, error = 'no ticket' } = outcome.output;
  if (ticket) return { ...outcome, output: ticket };
  return { kind: 'failed', code: 'TICKET_REFUSED', reason: `linear: ${error.slice(0, 200)}`, receipt: outcome.receipt };
}

/** The same UUID for the same key (RFC 9562, version 8). */
function uuidOf(key: string): string {
  const digits = createHash('sha256').update(key).digest('hex');
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`];
  return [...parts, digits.slice(20, 32)].join('-');
}
