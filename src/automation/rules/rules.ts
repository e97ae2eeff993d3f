import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isPermitted, shownTo } from '../../actions/action.js';
import { Actions } from '../../actions/actions.js';
import type { Caller } from '../../auth/caller.js';
import { earlierAnswer, idempotencyOf, type Idempotency } from '../../engine/idempotency.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { Config } from '../../platform/config.js';
import { Schedules } from '../schedules/schedules.js';
import type { ChangeRule, CreateRule, RuleView } from './rule.dto.js';
import type { Rule } from './rule.js';
import { RuleCheck } from './rule.check.js';
import { openActions, sealActions } from './secrets.js';
import {
  countRules,
  deleteRule,
  findRule,
  insertRule,
  listRules,
  lockRule,
  updateRule,
  type RuleRow,
} from './rules.store.js';

/** Rules of one tenant; those that are enabled are all asked about an event, so that what that can cost is bounded. */
const MOST_RULES = 1_000;
const MOST_ENABLED = 100;
const SCOPE = 'automation.rules';

/** Writes rules down, once they are right in every part. Whoever writes a rule lends it his rights. */
@Injectable()
export class Rules {
  constructor(
    private readonly database: Database,
    private readonly check: RuleCheck,
    private readonly schedules: Schedules,
    private readonly actions: Actions,
    private readonly config: Config,
  ) {}

  /** @throws WF006, WF005 when an action needs more than the caller has, IDEMPOTENCY_KEY_REUSED */
  create(caller: Caller, body: CreateRule, idempotencyKey: string | undefined): Promise<RuleView> {
    const rule = this.check.rule(caller, { is_enabled: true, ...body });
    const idempotency = idempotencyOf(idempotencyKey, SCOPE, body);
    return this.database.transaction(caller.tenant, async (tx) => {
      const earlier = idempotency && (await remembered(tx, idempotency));
      if (earlier !== undefined) return this.view(tx, caller, await this.row(tx, earlier));
      await makeRoom(tx, 0, rule.is_enabled);
      const id = await insertRule(tx, this.sealed(caller, rule));
      await this.schedules.follow(tx, id, caller);
      if (idempotency) await remember(tx, idempotency, id);
      return this.view(tx, caller, await this.row(tx, id));
    });
  }

  /** @throws NOT_FOUND, and what `create` throws */
  change(caller: Caller, id: number, changes: ChangeRule): Promise<RuleView> {
    if (Object.values(changes).every((value) => value === undefined))
      throw refuse('WF006', { detail: 'At least one field required' });
    return this.database.transaction(caller.tenant, async (tx) => {
      const before = this.opened(caller, found(await lockRule(tx, id)));
      const rule = this.check.rule(caller, { ...bodyOf(before), ...stated(changes) });
      await makeRoom(tx, id, rule.is_enabled);
      await updateRule(tx, id, this.sealed(caller, rule));
      // What is due by now and has not been noticed yet stays due, unless the time itself was changed.
      if (!isSameTime(before, rule)) await this.schedules.follow(tx, id, caller);
      return this.view(tx, caller, await this.row(tx, id));
    });
  }

  /** What it has set off goes on; its log stays. @throws NOT_FOUND; WF005 when it does what the caller may not have done */
  remove(caller: Caller, id: number): Promise<void> {
    return this.database.transaction(caller.tenant, async (tx) => {
      const { actions } = found(await lockRule(tx, id));
      for (const { type } of actions) {
        const known = this.actions.find(type);
        if (known && !isPermitted(known, caller.roles))
          throw refuse('WF005', { detail: `${type} needs ${known.permission}, which your roles do not have.` });
      }
      await deleteRule(tx, id);
      await this.schedules.follow(tx, id, caller);
      await this.schedules.forget(tx, id);
    });
  }

  /** @throws NOT_FOUND */
  read(caller: Caller, id: number): Promise<RuleView> {
    return this.database.transaction(caller.tenant, async (tx) => this.view(tx, caller, await this.row(tx, id)));
  }

  /** One page, oldest first, from behind `after`. */
  list(
    caller: Caller,
    filter: { isEnabled: boolean | null; eventType: string | null },
    after: number,
    limit: number,
  ): Promise<RuleView[]> {
    return this.database.transaction(caller.tenant, async (tx) => {
      const views: RuleView[] = [];
      for (const row of await listRules(tx, filter, after, limit)) views.push(await this.view(tx, caller, row));
      return views;
    });
  }

  private sealed<R extends Pick<Rule, 'actions'>>({ tenant }: Caller, rule: R): R {
    return { ...rule, actions: sealActions(this.config.encryptionKeys, tenant, this.find, rule.actions) };
  }

  private opened<R extends Pick<Rule, 'actions'>>({ tenant }: Caller, rule: R): R {
    return { ...rule, actions: openActions(this.config.encryptionKeys, tenant, this.find, rule.actions) };
  }

  private readonly find = (type: string) => this.actions.find(type);

  private row(tx: Tx, id: number): Promise<RuleRow> {
    return findRule(tx, id).then(found);
  }

  private async view(tx: Tx, caller: Caller, sealed: RuleRow): Promise<RuleView> {
    const { roles } = caller;
    const rule = this.opened(caller, sealed);
    const due = rule.schedule && (await this.schedules.dates(tx, rule.rule_id));
    return {
      rule_id: rule.rule_id,
      name: rule.name,
      is_enabled: rule.is_enabled,
      trigger: {
        event_types: rule.event_types,
        schedule: rule.schedule && {
          cron: rule.schedule.cron ?? null,
          rrule: rule.schedule.rrule ?? null,
          timezone: rule.schedule.timezone,
          next_at: due?.next_at ?? null,
          last_due_at: due?.last_due_at ?? null,
        },
      },
      conditions: rule.conditions,
      throttle: throttleOf(rule),
      actions: rule.actions.map(({ type, params }) => {
        const known = this.actions.find(type);
        return { type, params: known ? shownTo(roles, known, params) : params };
      }),
      revision: rule.revision,
      owner_id: rule.owner_id,
      created_at: rule.created_at,
      updated_at: rule.updated_at,
    };
  }
}

const isSameTime = (
  before: Pick<Rule, 'is_enabled' | 'schedule'>,
  after: Pick<Rule, 'is_enabled' | 'schedule'>,
): boolean =>
  before.is_enabled === after.is_enabled &&
  (['cron', 'rrule', 'timezone'] as const).every((part) => before.schedule?.[part] === after.schedule?.[part]);

/** A rule in the shape of a request. */
const bodyOf = (rule: Rule): CreateRule => ({
  name: rule.name,
  is_enabled: rule.is_enabled,
  trigger: { event_types: rule.event_types, schedule: rule.schedule },
  conditions: rule.conditions,
  throttle: throttleOf(rule),
  actions: rule.actions,
});

const throttleOf = ({
  throttle_per: per,
  throttle_limit: limit,
}: Rule): { per: 'minute' | 'hour' | 'day'; limit: number } | null =>
  per === null || limit === null ? null : { per, limit };

const stated = (changes: ChangeRule): Partial<CreateRule> =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));

function found(row: RuleRow | undefined): RuleRow {
  if (!row) throw refuse('NOT_FOUND');
  return row;
}

/** @throws WF006 when there are too many */
async function makeRoom(tx: Tx, besides: number, isEnabled: boolean): Promise<void> {
  // Two that come at once count one after the other.
  await tx.run(`select pg_advisory_xact_lock(hashtextextended('automation.rules:' || engine.tenant(), 0))`);
  const { all, enabled } = await countRules(tx, besides);
  if (all >= MOST_RULES) throw refuse('WF006', { detail: `There are ${MOST_RULES} rules already; delete some first.` });
  if (isEnabled && enabled >= MOST_ENABLED)
    throw refuse('WF006', { detail: `${MOST_ENABLED} rules are enabled already; switch some off first.` });
}

/** The rule that a key has made. @throws IDEMPOTENCY_KEY_REUSED; NOT_FOUND when it has been deleted since */
async function remembered(tx: Tx, idempotency: Idempotency): Promise<number | undefined> {
  // Of two that come at once, one waits here for the other's answer.
  const lock = createHash('sha256')
    .update(`${tx.tenant}:${idempotency.scope}:${idempotency.key}`)
    .digest()
    .readBigInt64BE();
  await tx.run('select pg_advisory_xact_lock($1)', [String(lock)]);
  const earlier = await earlierAnswer(tx, idempotency);
  if (!earlier) return undefined;
  if (earlier.request_hash !== idempotency.hash) throw refuse('IDEMPOTENCY_KEY_REUSED');
  return Number((earlier.answer as { rule_id: number }).rule_id);
}

const remember = (tx: Tx, { scope, key, hash }: Idempotency, id: number): Promise<number> =>
  tx.run(
    'insert into engine.idempotency (tenant, scope, key, request_hash, answer) values (engine.tenant(), $1, $2, $3, $4)',
    [scope, key, hash, JSON.stringify({ rule_id: id })],
  );
