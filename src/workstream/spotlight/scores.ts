import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { ChunkDone, ChunkRequest } from '../../../machines/bulk.js';
import { weigh } from '../../../machines/spotlight.score.js';
import type { Component, Criterion, Known } from '../../../machines/spotlight.types.js';
import type { Caller } from '../../auth/caller.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import type { JobStarted } from '../jobs/jobs.dto.js';
import { Jobs } from '../jobs/jobs.js';
import { checkOrg } from '../orgs.js';
import { KNOWN_OF_SIGNAL, knownOfCandidate, knownOfSignal } from './known.js';
import type { ItemScores, Rescore } from './scores.dto.js';
import { historyOf, scoresOf, write, type Scored } from './scores.store.js';
import { componentsOf, criteriaOf, find } from './spotlight.store.js';

/** Signals scored in one go: some hundred milliseconds of one transaction. */
const CHUNK = 500;

/** Weighted scores of signals and candidates, one by one or all at once (R001-72). */
@Injectable()
export class Scores implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.entrust('spotlight.rescore', (tenant, request) => this.chunk(tenant, request));
  }

  /** @throws NOT_FOUND */
  of({ tenant }: Caller, itemType: Scored, itemId: number): Promise<ItemScores> {
    return this.database.transaction(tenant, async (tx) => {
      await knownOf(tx, itemType, itemId);
      return read(tx, itemType, itemId);
    });
  }

  /** Works scores out again, or sets one by hand. @throws NOT_FOUND, WF005, WF006 */
  rescore({ tenant, userId: by }: Caller, itemType: Scored, itemId: number, body: Rescore): Promise<ItemScores> {
    const { spotlight_id: one, override } = body;
    if (override && one === undefined)
      throw refuse('WF006', { errors: [{ field: 'spotlight_id', message: 'an override is of one spotlight' }] });
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, body.org_id);
      const known = await knownOf(tx, itemType, itemId);
      for (const spotlightId of one === undefined ? await activeSpotlights(tx) : [one]) {
        const { criteria, components } = await measureOf(tx, spotlightId);
        const scored = weigh(criteria, components, known);
        const score = { item_id: itemId, ...scored, ...(override ? { total: override.total } : {}) };
        const manual = override?.reason ?? null;
        await write(tx, { spotlightId, itemType, by, manual, keepManual: false }, [score]);
      }
      return read(tx, itemType, itemId);
    });
  }

  /** Starts to score every signal by a spotlight; scores set by hand stay. @throws NOT_FOUND */
  async rescoreAll(caller: Caller, spotlightId: number, idempotencyKey: string | undefined): Promise<JobStarted> {
    const total = await this.database.transaction(caller.tenant, async (tx) => {
      await find(tx, spotlightId);
      const row = await tx.one<{ total: number }>(
        'select count(*) as total from workstream.signals where tenant = engine.tenant()',
      );
      return row?.total ?? 0;
    });
    const job_id = await this.jobs.start(
      caller,
      'spotlight.rescore',
      { spotlight_id: spotlightId, by: caller.userId },
      total,
      idempotencyKey,
    );
    return { job_id, href: `/api/workstream/jobs/${job_id}` };
  }

  private chunk(tenant: string, { params, after }: ChunkRequest): Promise<ChunkDone> {
    const spotlightId = Number(params['spotlight_id']);
    return this.database.transaction(tenant, async (tx) => {
      const { criteria, components } = await measureOf(tx, spotlightId);
      const signals = await tx.query<{ item_id: number; known: Known }>(
        `select s.signal_id as item_id, ${KNOWN_OF_SIGNAL} as known from workstream.signals s
          where s.tenant = engine.tenant() and s.signal_id > $1 order by s.signal_id limit ${CHUNK}`,
        [Number(after ?? 0)],
      );
      const scores = signals.map(({ item_id, known }) => ({ item_id, ...weigh(criteria, components, known) }));
      const by = String(params['by'] ?? 'system:bulk');
      await write(tx, { spotlightId, itemType: 'signal', by, manual: null, keepManual: true }, scores);
      const last = signals.length === CHUNK ? signals.at(-1) : undefined;
      return { after: last ? String(last.item_id) : null, processed: signals.length, failed: 0 };
    });
  }
}

const knownOf = (tx: Tx, itemType: Scored, itemId: number): Promise<Known> =>
  itemType === 'signal' ? knownOfSignal(tx, itemId) : knownOfCandidate(tx, itemId);

const read = async (tx: Tx, itemType: Scored, itemId: number): Promise<ItemScores> => ({
  item_type: itemType,
  item_id: itemId,
  scores: await scoresOf(tx, itemType, itemId),
  history: await historyOf(tx, itemType, itemId),
});

const activeSpotlights = async (tx: Tx): Promise<number[]> => {
  const rows = await tx.query<{ spotlight_id: number }>(
    'select spotlight_id from workstream.spotlights where tenant = engine.tenant() and deleted_at is null and is_active order by 1 limit 200',
  );
  return rows.map(({ spotlight_id }) => spotlight_id);
};

/** What a spotlight measures by. @throws NOT_FOUND */
async function measureOf(tx: Tx, spotlightId: number): Promise<{ criteria: Criterion[]; components: Component[] }> {
  const { fields } = await find(tx, spotlightId);
  const { components } = await componentsOf(tx, spotlightId);
  return { criteria: criteriaOf(fields), components };
}
