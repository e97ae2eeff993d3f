/** The prompt of a question to a model: `{{key}}` in it is what the question's own input says there (R002-50). Pure. */
import { piecesOf, type Hole } from '../../../machines/execution.references.js';
import type { Value } from '../../../machines/execution.types.js';

/** What stands for the input of a question that has none of its own. */
export const OWN_INPUT = '{{input}}';

/**
 * The prompt with references to its input written out, so that it can be filled like any other text.
 * @param roots what references can begin with; these names stay what they are @throws Error when a reference is none
 */
export function promptOf(
  { prompt, input = OWN_INPUT }: { prompt: string; input?: Value },
  roots: ReadonlySet<string>,
): string {
  return piecesOf(prompt)
    .map((piece) =>
      typeof piece === 'string' ? piece : roots.has(piece.path[0] ?? '') ? textOf(piece) : said(piece, input),
    )
    .join('');
}

/** What the input says at the end of a way, as text or as a reference; the reference as it was where it says nothing. */
function said(hole: Hole, input: Value): string {
  let at: Value | undefined = input;
  for (const [index, part] of hole.path.entries()) {
    const reference = referenceIn(at);
    if (reference) return textOf({ ...hole, path: [...reference.path, ...hole.path.slice(index)] });
    at =
      typeof at === 'object' && at !== null && Object.hasOwn(at, part)
        ? (at as { [name: string]: Value })[part]
        : undefined;
  }
  if (at !== undefined) return typeof at === 'string' ? at : JSON.stringify(at);
  if (hole.otherwise === undefined) return textOf(hole);
  return typeof hole.otherwise === 'string' ? hole.otherwise : JSON.stringify(hole.otherwise);
}

/** The reference that a value is, when it is one and nothing else. */
function referenceIn(value: Value | undefined): Hole | undefined {
  if (typeof value !== 'string' || !value.includes('{{')) return undefined;
  const [only, ...more] = piecesOf(value);
  return typeof only === 'object' && more.length === 0 ? only : undefined;
}

const textOf = ({ path, otherwise }: Hole): string =>
  `{{${path.join('.')}${otherwise === undefined ? '' : ` | default: ${JSON.stringify(otherwise)}`}}}`;
