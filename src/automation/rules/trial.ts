import { Injectable } from '@nestjs/common';
import { shownTo } from '../../actions/action.js';
import { Actions } from '../../actions/actions.js';
import type { Caller } from '../../auth/caller.js';
import { Config } from '../../platform/config.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { takes } from '../events/event.names.js';
import type { FiringJob } from '../../../machines/firing.js';
import { checkPayload, typeIn } from '../events/submission.js';
import { jobsOf } from '../firings/firings.js';
import { checked } from '../firings/performing.js';
import { judge } from './conditions.js';
import { RuleCheck } from './rule.check.js';
import { scopeOf, type Happening, type Rule } from './rule.js';
import { findRule } from './rules.store.js';
import { openActions } from './secrets.js';
import { used } from './throttle.js';
import type { RuleTried, TriedAction, TryRule } from './trial.dto.js';

/** Tries a rule with an event: says what would happen and why, stores nothing, does nothing (R001-77). */
@Injectable()
export class Trial {
  constructor(
    private readonly database: Database,
    private readonly check: RuleCheck,
    private readonly actions: Actions,
    private readonly config: Config,
  ) {}

  /** @throws WF006, WF005, NOT_FOUND */
  run(caller: Caller, { rule_id, rule: body, event: given }: TryRule): Promise<RuleTried> {
    if ((rule_id === undefined) === (body === undefined))
      throw refuse('WF006', {
        detail: 'Name a rule_id or a rule.',
        errors: [{ field: 'rule', message: 'either rule_id or rule' }],
      });
    const type = typeIn(given.event_type);
    const payload = given.payload ?? {};
    checkPayload(payload);
    return this.database.transaction(caller.tenant, async (tx) => {
      const rule = body ? { rule_id: 0, ...this.check.rule(caller, body) } : await this.known(tx, rule_id ?? 0);
      const event: Happening = {
        event_id: newId('evt'),
        type,
        source: 'api',
        payload,
        actor: caller.userId,
        occurred_at: given.occurred_at ?? (await nowOf(tx)),
      };
      return this.tried(caller, rule, event, (await used(tx, rule, 'look')) ?? null);
    });
  }

  private async known(tx: Tx, id: number): Promise<Rule> {
    const rule = await findRule(tx, id);
    if (!rule) throw refuse('NOT_FOUND');
    const find = (type: string) => this.actions.find(type);
    return { ...rule, actions: openActions(this.config.encryptionKeys, tx.tenant, find, rule.actions) };
  }

  private tried(caller: Caller, rule: Rule, event: Happening, throttle: RuleTried['throttle']): RuleTried {
    const verdict = judge(rule.conditions, scopeOf(event, rule));
    const matched = rule.event_types.find((pattern) => takes(pattern, event.type)) ?? null;
    const jobs = jobsOf(rule, event, 1);
    const reason = whyNot(rule, event, matched, verdict, throttle, 'fault' in jobs ? jobs.fault : undefined);
    return {
      would_fire: reason === undefined,
      event_type: event.type,
      matched_pattern: matched,
      is_enabled: rule.is_enabled,
      conditions:
        verdict.fault === undefined
          ? { result: verdict.ok, account: verdict.account, fault: null, steps: verdict.steps }
          : { result: false, account: null, fault: verdict.fault, steps: 0 },
      throttle,
      actions: 'fault' in jobs ? [] : jobs.map(({ type, params }) => this.action(caller, type, params)),
      explanation: reason ?? `The event sets the rule off: ${rule.actions.map(({ type }) => type).join(', ')}.`,
    };
  }

  private action({ roles }: Caller, type: string, params: FiringJob['params']): TriedAction {
    const action = this.actions.find(type);
    if (!action) return { action_type: type, kind: null, params: null, objections: [`there is no action ${type}`] };
    const found = checked(action, params);
    return {
      action_type: type,
      kind: action.kind,
      params: shownTo(roles, action, params),
      objections: 'objections' in found ? found.objections.map(({ field, message }) => `${field}: ${message}`) : [],
    };
  }
}

/** Why the rule would not fire, or undefined. */
function whyNot(
  rule: Rule,
  event: Happening,
  matched: string | null,
  verdict: ReturnType<typeof judge>,
  throttle: RuleTried['throttle'],
  fault: string | undefined,
): string | undefined {
  if (!rule.is_enabled) return 'The rule is switched off.';
  if (matched === null) return `The rule does not wait for ${event.type}.`;
  if (verdict.fault !== undefined) return `The condition has no answer: ${verdict.fault}.`;
  if (!verdict.ok) return 'The condition is not met; its account says which part is not.';
  if (throttle && throttle.used >= throttle.limit)
    return `The rule has fired ${throttle.used} times within this ${throttle.per} already.`;
  return fault && `The rule cannot fire: ${fault}.`;
}

async function nowOf(tx: Tx): Promise<string> {
  const row = await tx.one<{ now: Date }>('select engine.now() as now');
  return (row?.now ?? new Date(0)).toISOString();
}
