/** What a tenant can configure for its pipeline, what it may be, and what it is without (R001-17, R001-25, R001-30). Pure. */
import { CANDIDATE_MOVES, CANDIDATE_STATES } from '../../../machines/candidate.js';
import type { Gate, GateItem } from '../../../machines/pursuit.gates.js';
import { PURSUIT_MOVES, PURSUIT_STAGES } from '../../../machines/pursuit.types.js';
import type { Moves } from '../../../machines/workstream.events.js';
import type { Json } from '../../engine/core/driver.js';

/** Kinds of configuration (R001-17). */
export const CONFIG_TYPES = ['sla_rule', 'spotlight_rule', 'gate_rule', 'ranking_rule', 'state_machine'] as const;
/** One of CONFIG_TYPES. */
export type ConfigType = (typeof CONFIG_TYPES)[number];

/** A key that the product itself reads: its value without configuration, and what is wrong with a value, if anything. */
export interface KnownKey {
  standard: Json;
  objection: (value: Json) => string | undefined;
}

/** The key that holds the checklist of each gate (R001-30). */
export const GATE_KEYS: Readonly<Record<Gate, string>> = {
  pink_to_red: 'pink_to_red',
  red_to_submit: 'submit_requirements',
  submit_to_close: 'submit_to_close',
};

const MOST_ITEMS = 50;

/** Keys by `type/key`. Keys of the other kinds are kept as they are, as long as they are JSON. */
export const KNOWN_KEYS: Readonly<Record<string, KnownKey>> = {
  'gate_rule/pink_to_red': checklist([
    'budget_confirmed',
    'technical_scope_defined',
    'decision_makers_identified',
    'timeline_agreed',
  ]),
  'gate_rule/submit_requirements': checklist([
    'proposal_reviewed',
    'pricing_approved',
    'legal_terms_agreed',
    'delivery_plan_finalized',
  ]),
  'gate_rule/submit_to_close': checklist(['outcome_recorded', 'final_review_done']),
  'state_machine/candidate_transitions': table(CANDIDATE_MOVES, CANDIDATE_STATES, {
    archived: [],
    // What has become a pursuit cannot become something else; it can only be put away.
    promoted: ['archived'],
  }),
  'state_machine/pursuit_transitions': table(PURSUIT_MOVES, PURSUIT_STAGES, { won: [], lost: [] }),
};

/** A checklist as configured: bare keys, or items with a label of their own. */
export const gateItemsOf = (value: Json): GateItem[] =>
  (value as (string | { key: string; label?: string; required?: boolean; won_only?: boolean })[]).map((item) => {
    const { key, label, required = true, won_only = false } = typeof item === 'string' ? { key: item } : item;
    return { key, label: label ?? labelOf(key), required, wonOnly: won_only };
  });

/** `budget_confirmed` as `Budget confirmed`. */
const labelOf = (key: string): string => {
  const words = key.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function checklist(standard: string[]): KnownKey {
  return { standard, objection: (value) => objectionToChecklist(value) };
}

function objectionToChecklist(value: Json): string | undefined {
  if (!Array.isArray(value)) return 'a checklist is a list of items';
  if (value.length > MOST_ITEMS) return `a checklist has at most ${MOST_ITEMS} items`;
  const keys = value.map((item) => (isObject(item) ? item['key'] : item));
  if (!keys.every((key) => typeof key === 'string' && /^[a-z0-9][a-z0-9_-]{0,99}$/.test(key)))
    return 'each item is a key like budget_confirmed, or an object with such a key';
  if (new Set(keys).size !== keys.length) return 'each key is there once';
  return value.every((item) => typeof item === 'string' || isItem(item))
    ? undefined
    : 'an item has key, label (at most 200 characters), required and won_only (true or false), and nothing else';
}

const isItem = (item: Json): boolean =>
  isObject(item) &&
  Object.entries(item).every(([name, part]) => {
    switch (name) {
      case 'key':
        return true;
      case 'label':
        return typeof part === 'string' && part.trim() !== '' && part.length <= 200;
      case 'required':
      case 'won_only':
        return typeof part === 'boolean';
      default:
        return false;
    }
  });

/** @param limited states that lead to these at most, whatever the tenant says: the machine has no other way out of them */
function table(standard: Moves, states: readonly string[], limited: Moves): KnownKey {
  return {
    standard: Object.fromEntries(Object.entries(standard).map(([from, to]) => [from, [...to]])),
    objection: (value) => {
      if (!isObject(value)) return 'a table names for each state the states it leads to';
      for (const [from, targets] of Object.entries(value)) {
        if (!states.includes(from)) return `${from} is not one of: ${states.join(', ')}`;
        if (!Array.isArray(targets)) return `${from} leads to a list of states`;
        const possible = (limited[from] ?? states).filter((to) => to !== from);
        const stray = targets.find((to) => typeof to !== 'string' || !possible.includes(to));
        if (stray !== undefined)
          return `${from} can lead to ${possible.length === 0 ? 'nothing' : possible.join(', ')}, not to ${JSON.stringify(stray)}`;
      }
      return undefined;
    },
  };
}

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
