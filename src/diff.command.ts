import pg from 'pg';
import { diffMarkdown, diffText, affected, type Living } from './diagrams/review.js';
import type { Description } from './engine/core/driver.js';
import { compare, type Side } from './engine/core/diff/compare.js';
import { partsOf } from './engine/core/diff/parts.js';
import { risksOf } from './engine/core/diff/risks.js';
import type { Lifecycle } from './engine/core/lifecycle.js';
import { xstateDriver } from './engine/core/xstate.driver.js';

/** What is to be compared. */
export interface DiffWanted {
  lifecycle: Lifecycle;
  /** The older version; left out: the newest retired one, or else what the database has published. */
  from?: number | undefined;
  /** The newer version; left out: the newest of the code. */
  to?: number | undefined;
  /** Counts running instances too. */
  isLive: boolean;
  isMarkdown: boolean;
}

/** Asks the database; only called when the code does not know enough. */
export type Ask = <T>(work: (url: string) => Promise<T>) => Promise<T>;

/** Compares two versions and answers the lines to print. @throws Error in one sentence when a version is not to be found */
export async function diffVersions(wanted: DiffWanted, ask: Ask): Promise<string[]> {
  const { lifecycle, isLive, isMarkdown } = wanted;
  const known = [lifecycle, ...(lifecycle.retired ?? [])];
  const to = wanted.to ?? lifecycle.version;
  const from = wanted.from ?? known.map(({ version }) => version).find((version) => version < to) ?? to;
  // The same number twice asks what the database has published under it.
  const isInCode = (version: number): boolean => known.some((one) => one.version === version);
  const isPublished = from === to || !isInCode(from);
  const found = isLive || isPublished || !isInCode(to) ? await ask((url) => published(url, lifecycle.name)) : undefined;
  const before = isPublished ? kept(found?.versions, lifecycle.name, from) : sideOf(known, from);
  const after = isInCode(to) ? sideOf(known, to) : kept(found?.versions, lifecycle.name, to);
  const diff = compare(before, after);
  const risks = risksOf(diff, before, after);
  const living = found?.living.filter(({ version }) => version === from);
  const live = isLive && living ? affected(diff, living) : undefined;
  return isMarkdown ? [diffMarkdown(diff, risks, before, after, live)] : diffText(diff, risks, live);
}

/** A version of the code. */
export const codeSide = (lifecycle: Lifecycle): Side => ({
  description: xstateDriver(lifecycle).describe(),
  parts: partsOf(lifecycle),
});

function sideOf(known: readonly Lifecycle[], version: number): Side {
  const found = known.find((lifecycle) => lifecycle.version === version);
  if (!found) throw new Error(`The code has no version ${version}.`);
  return codeSide(found);
}

function kept(versions: readonly Description[] | undefined, name: string, version: number): Side {
  const description = versions?.find((one) => one.version === version);
  if (!description)
    throw new Error(
      `Neither the code nor the database knows ${name} v${version}; a service publishes it when it starts.`,
    );
  return { description, parts: null };
}

/** What the database has published, and where its running instances are. */
export async function published(url: string, name: string): Promise<{ versions: Description[]; living: Living[] }> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query('begin; set local role statewright_system');
    const definitions = await client.query<{ description: Description }>(
      'select description from engine.definitions where lifecycle = $1',
      [name],
    );
    const living = await client.query<Living>(
      `select version, state || coalesce('.' || phase, '') as place, count(*)::int as count from engine.instances
        where lifecycle = $1 and status in ('active', 'paused', 'quarantined') group by 1, 2 order by 3 desc, 2`,
      [name],
    );
    return { versions: definitions.rows.map(({ description }) => description), living: living.rows };
  } finally {
    await client.end();
  }
}
