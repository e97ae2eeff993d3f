import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Actions } from '../../actions/actions.js';
import { Sweeps } from '../../engine/workers/sweeps.js';
import { Config } from '../../platform/config.js';
import { Database } from '../../platform/database.js';
import { areOpen, sealActions } from './secrets.js';
import type { RuleAction } from './rule.js';
import { lockRule, putActions } from './rules.store.js';

const LOOK_MS = 3_600_000;

/** Seals what rules have from before they were sealed: a migration has no keys. */
@Injectable()
export class RuleSealing implements OnApplicationBootstrap {
  constructor(
    private readonly actions: Actions,
    private readonly config: Config,
    private readonly database: Database,
    private readonly sweeps: Sweeps,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeps.every('rules-sealing', LOOK_MS, () => this.turn());
  }

  /** Seals all that stands open. */
  async turn(): Promise<boolean> {
    const find = (type: string) => this.actions.find(type);
    const rules = await this.database.system((tx) =>
      tx.query<{ tenant: string; rule_id: number; actions: RuleAction[] }>(
        'select tenant, rule_id, actions from automation.rules order by tenant, rule_id',
      ),
    );
    for (const { tenant, rule_id } of rules.filter(({ actions }) => areOpen(find, actions)))
      await this.database.transaction(tenant, async (tx) => {
        const rule = await lockRule(tx, rule_id);
        if (!rule || !areOpen(find, rule.actions)) return;
        await putActions(tx, rule_id, sealActions(this.config.encryptionKeys, tenant, find, rule.actions));
      });
    return false;
  }
}
