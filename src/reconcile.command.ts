import type { INestApplicationContext } from '@nestjs/common';
import cliProgress from 'cli-progress';
import { InvestmentReconcile, type ReconciledDeal } from './deals/investment/investment.reconcile.js';
import { PROVIDERS, Reconciliation, type Missed } from './integrations/reconcile/reconciliation.js';

/** What to look at: one instance, the deals of a tenant, or all. */
export interface Scope {
  tenant?: string | undefined;
  instanceId?: string | undefined;
}

const BATCH = 500;
const DAY_MS = 86_400_000;
/** Stripe keeps its events for so long. */
const LONGEST_MS = 30 * DAY_MS;

/**
 * Compares the providers' books with ours, says each difference in a line and answers how many remain.
 * @param heal puts messages that never arrived into the inbox, where the workers take them up
 */
export async function reconcile(
  app: INestApplicationContext,
  scope: Scope,
  heal: boolean,
  say: (line: string) => void,
): Promise<number> {
  const books = app.get(InvestmentReconcile);
  const bar = new cliProgress.SingleBar({
    format: '{bar} {value}/{total} deals, {bad} differ',
    stream: process.stderr,
  });
  const lines: string[] = [];
  const seen = new Set<string>();
  let since = Date.now();
  bar.start(scope.instanceId === undefined ? await books.count(scope.tenant) : 1, 0, { bad: 0 });
  for await (const deal of deals(books, scope)) {
    seen.add(deal.instanceId);
    since = Math.min(since, deal.since);
    for (const difference of await books.differences(deal)) lines.push(`${deal.instanceId}: ${difference}`);
    bar.increment(1, { bad: lines.length });
  }
  bar.stop();
  for (const line of lines) say(line);
  return lines.length + (await messages(app.get(Reconciliation), since, seen, heal, say));
}

/** Messages about these instances that never arrived. Answers how many are still missing. */
async function messages(
  reconciliation: Reconciliation,
  since: number,
  seen: ReadonlySet<string>,
  heal: boolean,
  say: (line: string) => void,
): Promise<number> {
  let remaining = 0;
  for (const provider of PROVIDERS) {
    const missed = await reconciliation.missed(provider, Math.max(since, Date.now() - LONGEST_MS));
    if (missed.kind !== 'done') {
      say(`${provider} could not be asked for its messages: ${missed.reason}`);
      remaining += 1;
      continue;
    }
    const ours = missed.output.filter(({ instanceId }) => instanceId === null || seen.has(instanceId));
    for (const message of ours) {
      if (heal) await reconciliation.heal(message);
      else remaining += 1;
      say(`${lineOf(message)}${heal ? '; it is in the inbox now' : ''}`);
    }
  }
  return remaining;
}

const lineOf = ({ instanceId, provider, type, providerEventId }: Missed): string =>
  `${instanceId ?? 'a deal'}: ${type} of ${provider} (${providerEventId}) never arrived`;

async function* deals(books: InvestmentReconcile, scope: Scope): AsyncGenerator<ReconciledDeal> {
  for (let after: ReconciledDeal | null = null; ;) {
    const batch: ReconciledDeal[] = await books.deals(scope, after, BATCH);
    yield* batch;
    after = batch.at(-1) ?? null;
    if (batch.length < BATCH) return;
  }
}
