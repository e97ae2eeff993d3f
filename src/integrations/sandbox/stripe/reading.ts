/** Lists, searches and expanded objects. */
import type { Stripe } from 'stripe';
import { invalid } from './failure.js';
import { list } from './objects.js';
import type { Values } from './rules.js';
import type { StripeWorld } from './world.js';

const PAGE = 10;
const MOST = 100;

/** A page of objects, newest first, those after `starting_after`. */
export function page<T extends { id: string }>(objects: readonly T[], values: Values, url: string): Stripe.ApiList<T> {
  const newest = objects.toReversed();
  const after = values.text('starting_after');
  const from = after === undefined ? 0 : newest.findIndex(({ id }) => id === after) + 1;
  const to = from + limitOf(values);
  return list(newest.slice(from, to), url, to < newest.length);
}

/** `metadata['a']:'1' AND metadata['b']:'2'`: the part of Stripe's search language that the service uses. @throws StripeFailure */
export function search<T extends { metadata: Stripe.Metadata }>(
  objects: readonly T[],
  values: Values,
  url: string,
): object {
  const wanted = conditionsOf(values.text('query') ?? '');
  const found = objects.filter(({ metadata }) => wanted.every(([name, value]) => metadata[name] === value));
  return { object: 'search_result', data: found.slice(0, limitOf(values)), has_more: false, next_page: null, url };
}

/** Puts whole objects in the place of ids. @throws StripeFailure for what cannot be expanded */
export function expand(world: StripeWorld, object: object, names: readonly string[]): object {
  const expanded: Record<string, unknown> = { ...object };
  for (const name of names) {
    if (!(name in expanded))
      throw invalid('property_unexpandable', `This property cannot be expanded (${name}).`, 'expand');
    const id = expanded[name];
    if (typeof id === 'string') expanded[name] = world.find(id) ?? id;
  }
  return expanded;
}

const CONDITION = /metadata\['((?:[^'\\]|\\.)+)'\]:'((?:[^'\\]|\\.)*)'/y;

function conditionsOf(query: string): [name: string, value: string][] {
  const conditions: [string, string][] = [];
  for (let at = 0; at < query.length;) {
    CONDITION.lastIndex = at;
    const found = CONDITION.exec(query);
    if (!found) throw invalid('parameter_invalid', `The sandbox cannot search for ${query.slice(at)}`, 'query');
    conditions.push([unquoted(found[1]), unquoted(found[2])]);
    at += found[0].length;
    if (query.startsWith(' AND ', at)) at += ' AND '.length;
  }
  return conditions;
}

const unquoted = (text = ''): string => text.replace(/\\(.)/g, '$1');

const limitOf = (values: Values): number => Math.min(Math.max(values.whole('limit') ?? PAGE, 1), MOST);
