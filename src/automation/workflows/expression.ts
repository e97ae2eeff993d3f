/** Expressions of workflows, from text to tree (R002-49). They are parsed when a workflow is written, and never run as code. Pure. */
import objects from '@jsep-plugin/object';
import jsep from 'jsep';
import { FUNCTIONS } from '../../../machines/execution.functions.js';
import type { Expression, Value } from '../../../machines/execution.types.js';

/** Nodes of a tree. */
const MOST_NODES = 1_000;
const DEEPEST = 50;
const LONGEST = 10_000;
const OPERATORS = new Set(['&&', '||', '??', '==', '===', '!=', '!==', '<', '<=', '>', '>=', '+', '-', '*', '/', '%']);
/** `{{ input.x }}` is welcome in an expression, too. */
const HOLE = /\{\{\s*([A-Za-z_][\w.[\]]*)\s*\}\}/g;

jsep.plugins.register(objects);
for (const operator of Object.keys(jsep.binary_ops)) if (!OPERATORS.has(operator)) jsep.removeBinaryOp(operator);
for (const operator of Object.keys(jsep.unary_ops))
  if (!['!', '-', '+'].includes(operator)) jsep.removeUnaryOp(operator);

/** Why a text is no expression. */
export class NoExpression extends Error {}

/** The tree of an expression. @throws NoExpression */
export function parseExpression(text: string): Expression {
  if (text.length > LONGEST) throw new NoExpression(`has more than ${LONGEST} characters`);
  let tree: jsep.Expression;
  try {
    tree = jsep(text.replaceAll(HOLE, '($1)'));
  } catch (error) {
    throw new NoExpression(error instanceof Error ? error.message.slice(0, 200) : 'is no expression');
  }
  return new Translation().of(tree, 1);
}

/** Takes over what is known, part by part; what is not, is refused. */
class Translation {
  private nodes = 0;

  of(given: unknown, depth: number): Expression {
    this.nodes += 1;
    if (this.nodes > MOST_NODES) throw new NoExpression(`has more than ${MOST_NODES} parts`);
    if (depth > DEEPEST) throw new NoExpression(`is nested deeper than ${DEEPEST}`);
    const node = given as Record<string, unknown> & { type: string };
    const part = (name: string) => this.of(node[name], depth + 1);
    switch (node.type) {
      case 'Literal':
        return { kind: 'literal', value: literal(node['value']) };
      case 'Identifier':
        return this.name(String(node['name']));
      case 'MemberExpression':
        return {
          kind: 'member',
          of: part('object'),
          at: node['computed'] === true ? part('property') : { kind: 'literal', value: nameIn(node['property']) },
        };
      case 'UnaryExpression':
        return { kind: 'unary', operator: node['operator'] as '!' | '-' | '+', of: part('argument') };
      case 'BinaryExpression':
      case 'LogicalExpression':
        return { kind: 'binary', operator: String(node['operator']), left: part('left'), right: part('right') };
      case 'ConditionalExpression':
        return { kind: 'choice', when: part('test'), then: part('consequent'), otherwise: part('alternate') };
      case 'ArrayExpression':
        return { kind: 'list', items: listOf(node['elements']).map((item) => this.of(item, depth + 1)) };
      case 'ObjectExpression':
        return { kind: 'object', fields: listOf(node['properties']).map((field) => this.field(field, depth + 1)) };
      case 'CallExpression':
        return this.call(node, depth);
      case 'Compound':
        throw new NoExpression('is more than one expression; statements are not possible');
      default:
        throw new NoExpression(`${node.type.slice(0, 40)} is not possible here`);
    }
  }

  private name(name: string): Expression {
    if (name === 'undefined') return { kind: 'literal', value: null };
    if (name === 'this') throw new NoExpression('this is not possible here');
    return { kind: 'name', name };
  }

  private call(node: Record<string, unknown>, depth: number): Expression {
    const callee = node['callee'] as { type: string; name?: string };
    const name = callee.type === 'Identifier' ? String(callee.name) : '';
    if (!(name in FUNCTIONS)) throw new NoExpression(`there is no function ${name || 'of that kind'}`);
    return { kind: 'call', name, of: listOf(node['arguments']).map((item) => this.of(item, depth + 1)) };
  }

  private field(given: unknown, depth: number): { name: string; value: Expression } {
    const { type, key, value, computed, shorthand } = given as Record<string, unknown>;
    if (type !== 'Property' || computed === true) throw new NoExpression('names of fields stand as they are');
    const name = nameIn(key);
    if (name === '__proto__') throw new NoExpression('__proto__ is no name of a field');
    return { name, value: this.of(shorthand === true ? key : value, depth) };
  }
}

function nameIn(given: unknown): string {
  const { type, name, value } = given as { type: string; name?: string; value?: unknown };
  return type === 'Identifier' ? String(name) : String(value);
}

const listOf = (given: unknown): unknown[] => {
  const items = Array.isArray(given) ? given : [];
  if (items.some((item) => item === null || item === undefined)) throw new NoExpression('a list has a gap');
  return items;
};

function literal(value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new NoExpression(`${String(value).slice(0, 40)} is no value`);
}
