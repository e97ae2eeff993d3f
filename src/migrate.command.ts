import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import cliProgress from 'cli-progress';
import { Migrations, Tally } from './admin/migrations.js';
import type { Caller } from './auth/caller.js';
import { Migrating } from './engine/migrating.js';

const BATCH = 500;

/** Who moves instances at the command line: whoever may start it has the database. */
export const operatorOf = (tenant: string): Caller => ({
  tenant,
  userId: 'system:command-line',
  roles: ['admin'],
  correlationId: `cli_${randomUUID()}`,
});

/** What is to be moved; without a reason nothing is, and how it would fare is told. */
export interface Wanted {
  lifecycle: string;
  tenant: string | undefined;
  reason: string | null;
  limit: number | undefined;
}

/** Looks at running instances, or moves them, with progress. Says how they fared, and answers how many could not be moved. */
export async function migrateInstances(
  app: INestApplicationContext,
  { lifecycle, tenant, reason, limit = Infinity }: Wanted,
  say: (line: string) => void,
): Promise<number> {
  const [migrating, migrations] = [app.get(Migrating), app.get(Migrations)];
  const tally = new Tally();
  const total = Math.min(limit, await migrating.count(lifecycle, tenant ?? null));
  const bar = new cliProgress.SingleBar({
    format: '{bar} {value}/{total} instances, {moved} moved',
    stream: process.stderr,
  });
  bar.start(total, 0, { moved: 0 });
  let seen = 0;
  for (let after: { tenant: string; id: string } | null = null; seen < total;) {
    const batch = await migrating.stragglers(lifecycle, tenant ?? null, after, Math.min(BATCH, total - seen));
    if (batch.length === 0) break;
    for (const { tenant: owner, id } of batch) {
      tally.add(await migrations.one(operatorOf(owner), id, reason));
      bar.increment(1, { moved: tally.moved });
    }
    seen += batch.length;
    after = batch.at(-1) ?? null;
  }
  bar.stop();
  const groups = tally.groups();
  for (const { count, version, state, verdict, reason: why, becomes, examples } of groups)
    say(`${count} of v${version} in ${state}: ${why ?? `${verdict}, to ${becomes ?? state}`} (${examples.join(', ')})`);
  const left = groups.filter(({ verdict }) => verdict !== 'auto').reduce((sum, { count }) => sum + count, 0);
  say(`${seen} looked at, ${tally.moved} moved, ${left} cannot be moved`);
  return left;
}
