/** Which transitions the generated tests have walked: written down by them, in docs/tested. */
import { readFileSync } from 'node:fs';

/** What the generated tests of a lifecycle have taken. */
export interface Tested {
  lifecycle: string;
  version: number;
  /** Ids of transitions, and how many of the generated paths take each. */
  taken: Readonly<Record<string, number>>;
}

const NAME = /^[a-z][a-z0-9_-]{0,62}$/;

/** Undefined when nothing is written down of this version: then it is not known what was tested. */
export function testedOf(lifecycle: string, version: number): Tested | undefined {
  if (!NAME.test(lifecycle)) return undefined;
  const earlier = known.get(lifecycle);
  const tested = earlier === undefined ? read(lifecycle) : earlier;
  known.set(lifecycle, tested);
  return tested?.version === version ? tested : undefined;
}

// A release does not change while it runs.
const known = new Map<string, Tested | null>();

/** From the sources, and from the build, which is one folder deeper. */
const FOLDERS = ['../../docs/tested/', '../../../docs/tested/'];

function read(lifecycle: string): Tested | null {
  for (const folder of FOLDERS)
    try {
      return JSON.parse(readFileSync(new URL(`${folder}${lifecycle}.json`, import.meta.url), 'utf8')) as Tested;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error;
    }
  return null;
}
