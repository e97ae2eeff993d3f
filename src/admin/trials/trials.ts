import { Injectable, type OnModuleInit } from '@nestjs/common';
import { trial, type Candidate, type Told, type TrialContext } from '../../../machines/trial.js';
import type { Caller } from '../../auth/caller.js';
import type { Json } from '../../engine/core/driver.js';
import { retell, type Instead, type Retold } from '../../engine/core/retell.js';
import { EngineService } from '../../engine/engine.service.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import { Reading } from '../../engine/reading.js';
import { Registry } from '../../engine/registry.js';
import * as history from '../../engine/store/history.js';
import { Database } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { slices } from '../../platform/slices.js';
import type { StartTrial, TrialCounts, TrialItemView, ReplayReport } from './trials.dto.js';
import * as store from './trials.store.js';

/** Histories told in one effect. */
const GROUP = 100;
/** A group that takes longer goes on in the next one, milliseconds. */
const LONGEST_MS = 20_000;
/** A longer history takes long to read, and says little more. */
const MOST_ROWS = 5_000;
/** What is begun with otherwise is written down with the trial. */
const LONGEST_INPUT = 65_536;

class Nothing {}

/** Tells recorded histories again by another version or with other settings, and reports what would have become of them. */
@Injectable()
export class Trials implements OnModuleInit {
  constructor(
    private readonly engine: EngineService,
    private readonly registry: Registry,
    private readonly reading: Reading,
    private readonly database: Database,
  ) {}

  onModuleInit(): void {
    this.engine.host({
      lifecycle: trial,
      payloads: { 'trial.cancel': Nothing },
      facts: {},
      effects: { 'trial.tell': (candidate: Candidate, run) => this.tell(candidate, run) },
      policies: { 'trial.tell': { timeoutMs: 60_000, batch: 1 } },
    });
  }

  /** Begins one. @throws NOT_FOUND, WF006, IDEMPOTENCY_KEY_REUSED */
  async start(
    caller: Caller,
    name: string,
    asked: StartTrial,
    idempotencyKey: string | undefined,
  ): Promise<ReplayReport> {
    const { version } = this.registry.get(name, asked.version).lifecycle;
    if (JSON.stringify(asked.input ?? null).length > LONGEST_INPUT)
      throw refuse('WF006', {
        errors: [{ field: 'input', message: `input must not be longer than ${LONGEST_INPUT}` }],
      });
    const input = (asked.input ?? null) as Candidate['input'];
    const candidate: Candidate = { lifecycle: name, version, input };
    const options = { request: { name, ...asked }, idempotencyKey };
    const ack = await this.engine.start(caller, trial.name, options, async (tx) => {
      const total = await store.select(tx, tx.instanceId, name, asked);
      const starter = caller.userId;
      return { parties: { starter }, keys: { lifecycle: name }, input: { candidate, total, askedBy: starter } };
    });
    return this.view(caller, ack.instanceId);
  }

  /** How far it is, and what would have become otherwise. @throws WF001 */
  async view(caller: Caller, id: string): Promise<ReplayReport> {
    const { state, context, createdAt, updatedAt } = await this.reading.read(caller, id, trial.name);
    const { candidate, askedBy, error } = context as unknown as TrialContext;
    return this.database.transaction(caller.tenant, async (tx) => {
      const counts = await store.countsOf(tx, id);
      const groups = await store.groupsOf(tx, id);
      return { id, state, candidate, askedBy, says: sentence(counts), counts, groups, error, createdAt, updatedAt };
    });
  }

  /** What would have become of each history. @throws WF001 */
  async items(
    caller: Caller,
    id: string,
    filter: { verdict: string | null; end: string | null },
    limit: number,
    after: number,
  ): Promise<TrialItemView[]> {
    await this.reading.read(caller, id, trial.name);
    return this.database.transaction(caller.tenant, (tx) => store.itemsOf(tx, id, filter, limit, after));
  }

  /** Stops it after the group under way. @throws WF001, WF002, IDEMPOTENCY_KEY_REUSED */
  async cancel(caller: Caller, id: string, idempotencyKey: string | undefined): Promise<ReplayReport> {
    await this.engine.send(caller, id, { type: 'trial.cancel' }, { lifecycle: trial.name, idempotencyKey });
    return this.view(caller, id);
  }

  private async tell({ lifecycle, version, input }: Candidate, run: EffectRun): Promise<EffectResult> {
    const { tenant, instanceId: id, signal } = run;
    if (!this.registry.knows(lifecycle, version))
      return { kind: 'retry', isUntried: true, reason: `this process does not know version ${version}` };
    const instead: Instead = { driver: this.registry.get(lifecycle, version).driver, input: input ?? {} };
    const until = performance.now() + LONGEST_MS;
    const rows = await this.database.transaction(tenant, (tx) => store.untold(tx, id, GROUP));
    const retold: (Retold & { n: number })[] = [];
    for (const row of rows) {
      if (signal.aborted || (retold.length > 0 && performance.now() > until)) break;
      retold.push({ n: row.n, ...(await this.one(tenant, instead, row)) });
    }
    const left = await this.database.transaction(tenant, (tx) => store.keep(tx, id, retold));
    return { kind: 'done', output: { left } satisfies Told };
  }

  private async one(tenant: string, instead: Instead, { instance_id: id, revision }: store.Untold): Promise<Retold> {
    if (revision > MOST_ROWS) return { verdict: 'unknown', reason: `its history has more than ${MOST_ROWS} rows` };
    const rows = await this.database.transaction(tenant, (tx) => history.readStored(tx, id));
    const entries = rows
      .filter(({ seq }) => seq <= revision)
      .map((row) => ({
        ...row,
        payload: JSON.parse(row.payload) as Json,
        facts: JSON.parse(row.facts) as Json,
      }));
    return retell(instead, entries, slices());
  }
}

const sentence = ({ told, elsewhere, detour, unknown }: TrialCounts): string =>
  [
    `${elsewhere} of ${told} would have ended elsewhere`,
    ...(detour > 0 ? [`${detour} in the same place by another way`] : []),
    ...(unknown > 0 ? [`of ${unknown} it is not known`] : []),
  ].join(', ') + '.';
