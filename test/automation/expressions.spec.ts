import { evaluate, Unevaluable } from '../../machines/execution.evaluate.js';
import { filled, MissingReference, piecesOf } from '../../machines/execution.references.js';
import type { Fields, Value } from '../../machines/execution.types.js';
import { NoExpression, parseExpression } from '../../src/automation/workflows/expression.js';

const scope: Fields = {
  input: { amount: 120, name: 'Ines', list: [1, 2, 3], rows: [{ a: 1 }, { a: 2 }], none: null, 'a-b': 7 },
  event: { data: { plan: 'enterprise' } },
};
const value = (text: string, more: Fields = {}): Value => evaluate(parseExpression(text), { ...scope, ...more });

describe('an expression', () => {
  it.each<[string, Value]>([
    ['input.amount > 100 && event.data.plan == "enterprise"', true],
    ['input.amount >= 100 ? "large" : "small"', 'large'],
    ['(1 + 2) * 3 - 4 / 2 % 3', 7],
    ['-input.amount', -120],
    ['!input.none', true],
    ['input.none ?? "nobody"', 'nobody'],
    ['input.none || input.name', 'Ines'],
    ['input["a-b"] + 1', 8],
    ['input.list[1] + input.list.length', 5],
    ['input.rows == [{ a: 1 }, { a: 2 }]', true],
    ['input.rows != [{ a: 2 }]', true],
    ['{ name: upper(input.name), "two words": [1, null] }', { name: 'INES', 'two words': [1, null] }],
    ['"Hello " + input.name + ": " + input.amount', 'Hello Ines: 120'],
    ['map(filter(input.list, item > 1), item * 10 + index)', [20, 31]],
    ['some(input.rows, item.a == 2) && !every(input.rows, item.a == 2)', true],
    ['sum(map(input.rows, item.a)) + max(input.list) + min(4, 5)', 10],
    ['join(concat(["a"], "b"), "-") + length("four")', 'a-b4'],
    ['round(1.005 + 1.23456, 2)', 2.24],
    ['default(input.x.y.z, merge({ a: 1 }, { b: 2 }))', { a: 1, b: 2 }],
    ['contains(input.name, "ne") && startsWith(input.name, "In") && contains(input.list, 3)', true],
    ['{{ input.amount }} > 100', true],
    ['input.missing > 1', false],
    ['"b" > "a"', true],
    ['1 < "2"', false],
  ])('%s (R002-49)', (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it.each([
    'input.constructor',
    'input.__proto__',
    'input["__proto__"]',
    'input.list.constructor',
    'input.list["map"]',
    'input.name.length.constructor',
    'input.toString',
    'constructor',
    '__proto__',
    'toString',
    'process',
    'globalThis',
  ])('finds nothing that is not a field of its own: %s (R002-49)', (text) => {
    expect(value(text)).toBeNull();
  });

  it.each([
    'input.list.map(item)',
    'constructor("return 1")()',
    '(() => 1)()',
    'x => x',
    'let a = 1',
    'a = 1',
    'a; b',
    'new Date()',
    'this.input',
    '`text`',
    '{ __proto__: { admin: true } }',
    '{ [input.name]: 1 }',
    '[1,,2]',
    'hasOwnProperty("x")',
    'toString()',
    '1 ** 9',
    '1 | 2',
    'typeof input',
    '/a+/',
    '',
    '   ',
    '1 +',
  ])('is not: %s (R002-49)', (text) => {
    expect(() => parseExpression(text)).toThrow(NoExpression);
  });

  it.each<[string, string]>([
    ['more than 1,000 parts', Array(600).fill('1').join('+')],
    ['parts nested 60 deep', `${'('.repeat(60)}1${')+1'.repeat(60)}`],
    ['10,001 characters', `"${'x'.repeat(10_000)}"`],
    ['parentheses without end', '('.repeat(9_999)],
  ])('has not %s (R002-49)', (_, text) => {
    expect(() => parseExpression(text)).toThrow(NoExpression);
  });

  it.each([
    'map(big, map(big, map(big, item)))',
    'map(big, big)',
    'map(big, join(big, long))',
    'map(big, string(big))',
    'long + long',
    '[long, long]',
    'concat(big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big, big)',
    '1 / 0',
    'input.name * 2',
  ])('ends in a plain no, and soon, where it would grow or make no sense: %s (R002-49)', (text) => {
    const big: Value = Array.from({ length: 1_000 }, (_, index) => index);
    const long = 'x'.repeat(60_000);
    expect(() => value(text, { big, long })).toThrow(Unevaluable);
  });
});

describe('a reference', () => {
  it.each<[string, Value]>([
    ['{{input.rows[1].a}}', 2],
    ['{{ input.list }}', [1, 2, 3]],
    ['{{input.name}} and {{input.list}}', 'Ines and [1,2,3]'],
    ["{{input.x | default: 'no | bar'}}", 'no | bar'],
    ['{{input.x | default: [1]}} ', '[1] '],
    ['{{input.none | default: 0}}', 0],
    ['no reference', 'no reference'],
  ])('%s (R002-51)', (text, expected) => {
    expect(filled(text, scope)).toEqual(expected);
  });

  it.each(['{{input.constructor}}', '{{input.list.map}}', '{{toString}}', '{{input.none}}', '{{input.name.x}}'])(
    'finds nothing at %s (R002-51)',
    (text) => {
      expect(() => filled(text, scope)).toThrow(MissingReference);
    },
  );

  it.each([
    '{{',
    '{{}}',
    '{{input..x}}',
    '{{input.x|upcase}}',
    '{{a b}}',
    '{{input.x | default: {"__proto__": 1} }}',
    '{{input.x | default: nonsense}}',
    '{{input["x"]}}',
  ])('is none: %s (R002-51)', (text) => {
    expect(() => piecesOf(text)).toThrow();
  });
});
