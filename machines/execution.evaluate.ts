/** Evaluates expressions (R002-49): data in, data out, bounded in steps and size. No code, no prototypes, no clock. Pure. */
import type { Expression, Fields, Value } from './execution.types.js';
import { FUNCTIONS, isTrue, type Apply } from './execution.functions.js';
import { sizeOf } from './execution.size.js';

/** Why an expression has no value. */
export class Unevaluable extends Error {}

/** Nodes that one evaluation may visit, those of `map` and `filter` once for each item. */
const MOST_VISITS = 10_000;
/** Size of one value, in characters of its JSON, roughly. */
const LARGEST = 65_536;
/** Size of everything that is put together on the way: a value that is named often costs each time. */
const MOST_BUILT = 1_000_000;

/** The value of an expression; what is not there is null. @throws Unevaluable */
export function evaluate(expression: Expression, scope: Readonly<Fields>): Value {
  let visits = 0;
  let built = 0;
  const bounded = (value: Value): Value => {
    const size = sizeOf(value, LARGEST);
    built += size;
    if (size > LARGEST || built > MOST_BUILT) throw tooLarge();
    return value;
  };
  const visit = (node: Expression, names: Readonly<Fields>): Value => {
    visits += 1;
    if (visits > MOST_VISITS) throw new Unevaluable(`it takes more than ${MOST_VISITS} steps`);
    switch (node.kind) {
      case 'literal':
        return node.value;
      case 'name':
        return own(names, node.name);
      case 'member':
        return member(visit(node.of, names), visit(node.at, names));
      case 'unary':
        return unary(node.operator, visit(node.of, names));
      case 'binary':
        return bounded(binary(node, (part) => visit(part, names)));
      case 'choice':
        return visit(isTrue(visit(node.when, names)) ? node.then : node.otherwise, names);
      case 'list':
        return bounded(node.items.map((item) => visit(item, names)));
      case 'object':
        return bounded(Object.fromEntries(node.fields.map(({ name, value }) => [name, visit(value, names)])));
      case 'call': {
        const apply: Apply = (body, item, index) => visit(body, { ...names, item, index });
        const given = FUNCTIONS[node.name];
        if (!given) throw new Unevaluable(`there is no function ${node.name}`);
        return bounded(given(node.of, (part) => visit(part, names), apply));
      }
    }
  };
  return bounded(visit(expression, scope));
}

const tooLarge = () => new Unevaluable(`more than ${LARGEST} characters come out`);

/** A field of one's own; null where there is none. */
export const own = (fields: Readonly<Fields>, name: string): Value =>
  Object.hasOwn(fields, name) ? (fields[name] ?? null) : null;

/** A field, an item or a character's place; null where there is none. */
export function member(of: Value, at: Value): Value {
  if (Array.isArray(of)) {
    if (at === 'length') return of.length;
    return typeof at === 'number' || (typeof at === 'string' && /^\d{1,9}$/.test(at)) ? (of[Number(at)] ?? null) : null;
  }
  if (typeof of === 'string') return at === 'length' ? of.length : null;
  return of !== null && typeof of === 'object' && typeof at === 'string' ? own(of, at) : null;
}

function unary(operator: '!' | '-' | '+', value: Value): Value {
  if (operator === '!') return !isTrue(value);
  return operator === '-' ? -numberOf(value, '-') : numberOf(value, '+');
}

function binary(
  { operator, left, right }: Extract<Expression, { kind: 'binary' }>,
  visit: (part: Expression) => Value,
): Value {
  const first = visit(left);
  if (operator === '&&') return isTrue(first) ? visit(right) : first;
  if (operator === '||') return isTrue(first) ? first : visit(right);
  if (operator === '??') return first ?? visit(right);
  const second = visit(right);
  switch (operator) {
    case '==':
    case '===':
      return isSame(first, second);
    case '!=':
    case '!==':
      return !isSame(first, second);
    case '<':
      return compares(first, second, (order) => order < 0);
    case '<=':
      return compares(first, second, (order) => order <= 0);
    case '>':
      return compares(first, second, (order) => order > 0);
    case '>=':
      return compares(first, second, (order) => order >= 0);
    case '+':
      return typeof first === 'string' || typeof second === 'string'
        ? textOf(first) + textOf(second)
        : finite(numberOf(first, '+') + numberOf(second, '+'));
    case '-':
      return finite(numberOf(first, '-') - numberOf(second, '-'));
    case '*':
      return finite(numberOf(first, '*') * numberOf(second, '*'));
    case '/':
      return finite(numberOf(first, '/') / numberOf(second, '/'));
    case '%':
      return finite(numberOf(first, '%') % numberOf(second, '%'));
    default:
      throw new Unevaluable(`there is no operator ${operator}`);
  }
}

/** Numbers with numbers and texts with texts; nothing else is before or behind anything. */
function compares(left: Value, right: Value, holds: (order: number) => boolean): boolean {
  if (typeof left === 'number' && typeof right === 'number') return holds(left - right);
  if (typeof left === 'string' && typeof right === 'string') return holds(left < right ? -1 : left > right ? 1 : 0);
  return false;
}

/** Equal in kind and in every part; the order of fields does not count. */
export function isSame(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object') return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isSame(member(left, name), member(right, name)))
  );
}

/** A value as it stands in a text. */
export const textOf = (value: Value): string => (typeof value === 'string' ? value : JSON.stringify(value));

function numberOf(value: Value, operator: string): number {
  if (typeof value === 'number') return value;
  throw new Unevaluable(`${operator} takes numbers, not ${value === null ? 'nothing' : kindOf(value)}`);
}

function finite(number: number): number {
  if (Number.isFinite(number)) return number;
  throw new Unevaluable('a number came out that is none');
}

const kindOf = (value: Value): string => (Array.isArray(value) ? 'a list' : `a ${typeof value}`);
