import { Injectable } from '@nestjs/common';
import { isPermitted } from '../../actions/action.js';
import { Actions } from '../../actions/actions.js';
import type { Caller } from '../../auth/caller.js';
import { refuse, type FieldError } from '../../platform/errors.js';
import { canonicalPattern } from '../events/event.names.js';
import { checked } from '../firings/performing.js';
import { scheduleObjection } from '../schedules/occurrences.js';
import { conditionObjection } from './conditions.js';
import type { CreateRule, TriggerBody } from './rule.dto.js';
import { signatureOf, type Rule, type RuleAction, type RuleSchedule } from './rule.js';
import { hasHoles, templateObjection } from './template.js';

/** Characters of a part of a rule as JSON. */
const LARGEST = { conditions: 20_000, params: 20_000 };

/** Finds everything that is wrong with a rule before it is written down: what it waits for, what it asks, what it does. */
@Injectable()
export class RuleCheck {
  constructor(private readonly actions: Actions) {}

  /** The rule as it is kept. @throws WF006 with every objection; WF005 when an action needs more than the caller has */
  rule(caller: Caller, body: CreateRule): Omit<Rule, 'rule_id'> {
    const { event_types, schedule, objections } = triggerOf(body.trigger);
    const conditions = body.conditions ?? null;
    if (JSON.stringify(conditions).length > LARGEST.conditions)
      objections.push({ field: 'conditions', message: `has more than ${LARGEST.conditions} characters` });
    const wrong = conditionObjection(conditions);
    if (wrong !== undefined) objections.push({ field: 'conditions', message: wrong });
    const actions = body.actions.map(({ type, params }): RuleAction => ({ type, params }));
    objections.push(...this.actionObjections(caller, actions));
    if (objections.length > 0) throw refuse('WF006', { detail: 'The rule is not valid.', errors: objections });
    return {
      name: body.name,
      is_enabled: body.is_enabled ?? true,
      event_types,
      schedule,
      conditions,
      throttle_per: body.throttle?.per ?? null,
      throttle_limit: body.throttle?.limit ?? null,
      actions,
      owner_id: caller.userId,
      owner_roles: [...caller.roles],
    };
  }

  private actionObjections(caller: Caller, actions: readonly RuleAction[]): FieldError[] {
    const signatures = actions.map(signatureOf);
    return actions.flatMap((action, index) => {
      const field = `actions.${index}`;
      if (signatures.indexOf(signatures[index] ?? '') !== index)
        return [{ field, message: 'the same action with the same parameters stands before it' }];
      const known = this.actions.find(action.type);
      if (!known) return [{ field: `${field}.type`, message: `there is no action ${action.type}` }];
      if (!isPermitted(known, caller.roles))
        throw refuse('WF005', { detail: `${action.type} needs ${known.permission}, which your roles do not have.` });
      if (JSON.stringify(action.params).length > LARGEST.params)
        return [{ field: `${field}.params`, message: `has more than ${LARGEST.params} characters` }];
      const template = templateObjection(action.params);
      if (template !== undefined) return [{ field: `${field}.params`, message: template }];
      const params = checked(known, action.params);
      // What a hole will hold is not known yet; it is looked at when the action is done.
      return 'objections' in params
        ? params.objections
            .filter(({ field: path }) => !isOpen(action.params, path))
            .map(({ field: path, message }) => ({ field: `${field}.${path}`, message }))
        : [];
    });
  }
}

/** Whether the value that an objection is about will only be known when the rule fires. */
function isOpen(params: RuleAction['params'], path: string): boolean {
  let at: unknown = params;
  for (const name of path.split('.').slice(1)) {
    if (typeof at === 'string') break;
    at =
      typeof at === 'object' && at !== null && Object.hasOwn(at, name)
        ? (at as Record<string, unknown>)[name]
        : undefined;
  }
  return at !== undefined && hasHoles(JSON.stringify(at));
}

function triggerOf({ event_types: given = [], schedule }: TriggerBody): {
  event_types: string[];
  schedule: RuleSchedule | null;
  objections: FieldError[];
} {
  const patterns = given.map(canonicalPattern);
  const objections = given.flatMap((name, index) =>
    patterns[index] === undefined
      ? [
          {
            field: `trigger.event_types.${index}`,
            message: `"${name.slice(0, 50)}" is no name of an event, nor the beginning of one and *`,
          },
        ]
      : [],
  );
  if (given.length === 0 && !schedule)
    objections.push({ field: 'trigger', message: 'a rule waits for events, or has a schedule, or both' });
  const kept = schedule ? { ...dropUndefined(schedule), timezone: schedule.timezone ?? 'UTC' } : null;
  const wrong = kept && scheduleObjection(kept);
  if (wrong) objections.push({ field: 'trigger.schedule', message: wrong });
  return { event_types: [...new Set(patterns.flatMap((name) => name ?? []))], schedule: kept, objections };
}

const dropUndefined = ({ cron, rrule }: { cron?: string; rrule?: string }): { cron?: string; rrule?: string } => ({
  ...(cron === undefined ? {} : { cron }),
  ...(rrule === undefined ? {} : { rrule }),
});
