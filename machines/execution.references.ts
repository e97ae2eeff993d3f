/** `{{ steps.a.b }}` in what steps are given (R002-51, R002-52). Pure. */
import { member, own, textOf } from './execution.evaluate.js';
import type { Fields, Value } from './execution.types.js';

/** Names that no step may have, because they mean something else in references. */
export const RESERVED: ReadonlySet<string> = new Set(['input', 'event', 'steps', 'item', 'index', 'execution']);

/** Something that is referred to is not there. */
export class MissingReference extends Error {
  constructor(readonly path: string) {
    super(`${path} is not there`);
  }
}

/** One `{{…}}` of a text. */
export interface Hole {
  path: string[];
  /** What stands there when there is nothing; undefined: it has to be there. */
  otherwise?: Value;
}

const OPENS = '{{';
const CLOSES = '}}';
const PART = /^[A-Za-z0-9_-]{1,128}$/;
const LONGEST_TEXT = 65_536;

/** A text in pieces: what stands for itself, and the holes. @throws Error when a hole is none */
export function piecesOf(text: string): (string | Hole)[] {
  const pieces: (string | Hole)[] = [];
  let at = 0;
  for (;;) {
    const opens = text.indexOf(OPENS, at);
    if (opens < 0) break;
    const closes = text.indexOf(CLOSES, opens);
    if (closes < 0) throw new Error(`${OPENS} is not closed`);
    if (opens > at) pieces.push(text.slice(at, opens));
    pieces.push(holeOf(text.slice(opens + OPENS.length, closes)));
    at = closes + CLOSES.length;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}

/** The holes of a value, wherever they are in it. @throws Error when one is none */
export function holesIn(value: Value): Hole[] {
  if (typeof value === 'string') return piecesOf(value).filter((piece): piece is Hole => typeof piece !== 'string');
  if (value === null || typeof value !== 'object') return [];
  return (Array.isArray(value) ? value : Object.values(value)).flatMap(holesIn);
}

/** The value with every hole filled: a text that is one hole keeps the kind of its value. @throws MissingReference */
export function filled(value: Value, scope: Readonly<Fields>): Value {
  if (typeof value === 'string') return value.includes(OPENS) ? filledText(value, scope) : value;
  if (Array.isArray(value)) return value.map((item) => filled(item, scope));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, scope)]));
}

function filledText(text: string, scope: Readonly<Fields>): Value {
  const pieces = piecesOf(text);
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined && typeof only !== 'string') return valueOf(only, scope);
  const whole = pieces.map((piece) => (typeof piece === 'string' ? piece : textOf(valueOf(piece, scope)))).join('');
  return whole.slice(0, LONGEST_TEXT);
}

function valueOf({ path, otherwise }: Hole, scope: Readonly<Fields>): Value {
  const [root = '', ...rest] = path;
  const value = rest.reduce<Value>((of, part) => member(of, part), own(scope, root));
  if (value !== null) return value;
  if (otherwise !== undefined) return otherwise;
  throw new MissingReference(path.join('.'));
}

/** `path`, or `path | default: 'x'`. */
function holeOf(text: string): Hole {
  const bar = text.indexOf('|');
  const path = (bar < 0 ? text : text.slice(0, bar))
    .trim()
    .replaceAll(/\[(\d{1,9})\]/g, '.$1')
    .split('.');
  if (!path.every((part) => PART.test(part))) throw new Error(`{{${text.slice(0, 60)}}} is no reference`);
  if (bar < 0) return { path };
  const [, given] = /^\s*default\s*:(.*)$/s.exec(text.slice(bar + 1)) ?? [];
  if (given === undefined) throw new Error(`{{${text.slice(0, 60)}}} has something behind the bar that is no default`);
  return { path, otherwise: literalOf(given.trim()) };
}

/** A text in single quotes, or JSON. */
function literalOf(text: string): Value {
  if (/^'[^']*'$/.test(text)) return text.slice(1, -1);
  if (text.includes('__proto__')) throw new Error('__proto__ is no name of a field');
  return JSON.parse(text) as Value;
}
