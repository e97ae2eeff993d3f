import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Database, type Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { EngineFault, type Json } from './core/driver.js';
import { restore } from './core/interpret.js';
import { changesBetween, recall, type Change } from './core/recall.js';
import type { ReplayEntry } from './core/replay.js';
import { Registry, type Hosted } from './registry.js';
import * as history from './store/history.js';
import * as instances from './store/instances.js';
import type { Instance, InstanceStatus } from './store/instances.js';
import { view, type InstanceView } from './view.js';
import { visible } from './visibility.js';

/** A longer history is folded some 0.1 ms a row, while nobody else is served. */
const MOST_ROWS = 5_000;
const MOST_CHANGES = 200;
const MOST_STEPS = 200;

/** An instance as it was. How far its undoing had come is not in its history. */
export type PastView = Omit<InstanceView, 'compensation' | 'allowedEvents'> & {
  /** When the row that led there was written. */
  at: string;
  isLatest: boolean;
};

/** What happened to an instance since a revision. */
export interface Changes {
  since: Place;
  now: Place;
  steps: { seq: number; kind: string; type: string; actor: string; at: string; from: string | null; to: string }[];
  /** What it remembers otherwise than then. */
  context: Change[];
}
interface Place {
  revision: number;
  state: string;
  phase: string | null;
  status: InstanceStatus;
}

type Row = history.StoredRow;

/** Tells what instances were: from their history, by the definitions they were on. */
@Injectable()
export class Recalling {
  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
  ) {}

  /** At a moment, or at a revision. @throws WF001, NOT_FOUND before it began, WF006 when the history is too long, INSTANCE_QUARANTINED */
  asOf(
    caller: Caller,
    id: string,
    when: { at?: string | undefined; revision?: number | undefined },
  ): Promise<PastView> {
    const { at, revision } = when;
    return this.looking(caller, id, async (past) => {
      const until = at === undefined ? Infinity : Date.parse(at);
      const row = past.rows.findLast((one) => one.at <= until && one.seq <= (revision ?? Infinity));
      if (!row) throw refuse('NOT_FOUND', { detail: 'The instance did not exist yet.' });
      return this.at(caller, past, row);
    });
  }

  /** What is different now. @throws WF001, NOT_FOUND when there is no such revision */
  changes(caller: Caller, id: string, revision: number): Promise<Changes> {
    return this.looking(caller, id, async (past) => {
      const [row, last] = [past.rows.find(({ seq }) => seq === revision), past.rows.at(-1)];
      if (!row || !last) throw refuse('NOT_FOUND', { detail: `The instance has no revision ${revision}.` });
      const [before, after] = [await this.at(caller, past, row), await this.at(caller, past, last)];
      return {
        since: placeOf(before),
        now: placeOf(after),
        steps: past.rows
          .filter(({ seq }) => seq > revision)
          .slice(-MOST_STEPS)
          .map(({ seq, kind, type, actor, at, from_state, to_state }) => ({
            ...{ seq, kind, type, actor, at: new Date(at).toISOString() },
            ...{ from: from_state, to: to_state },
          })),
        context: changesBetween(before.context, after.context, MOST_CHANGES),
      };
    });
  }

  private async looking<T>(caller: Caller, id: string, tell: (past: Past) => Promise<T>): Promise<T> {
    // What is folded is in memory by then: no connection is held for it.
    const past = await this.database.transaction(caller.tenant, (tx) => this.past(tx, caller, id));
    return tell(past);
  }

  private async past(tx: Tx, caller: Caller, id: string): Promise<Past> {
    const { instance, hosted } = visible(this.registry, caller, await instances.find(tx, id));
    if (instance.revision > MOST_ROWS)
      throw refuse('WF006', { detail: `Its history has more than ${MOST_ROWS} rows; read it row by row.` });
    const rows = await history.readStored(tx, id);
    const entries = rows.map((row) => ({
      ...row,
      payload: JSON.parse(row.payload) as Json,
      facts: JSON.parse(row.facts) as Json,
    }));
    return { instance, hosted, rows, entries };
  }

  private async at(caller: Caller, { instance, hosted, rows, entries }: Past, row: Row): Promise<PastView> {
    const { lifecycle } = instance;
    try {
      const driverOf = (version: number) => this.registry.get(lifecycle, version).driver;
      const { snapshot, version } = await recall(driverOf, instance.version, entries, row.seq);
      const { machine } = this.registry.get(lifecycle, version).lifecycle;
      const tags = [...restore(machine, snapshot).tags];
      const status = statusAt(rows, row, snapshot, tags);
      const was = {
        ...instance,
        version,
        snapshot,
        tags,
        status,
        state: row.to_state,
        phase: row.phase,
        revision: row.seq,
      };
      const { compensation: _, allowedEvents: __, ...told } = view(hosted, was, caller);
      const at = new Date(row.at).toISOString();
      return { ...told, updatedAt: at, at, isLatest: row.seq === instance.revision };
    } catch (error) {
      if (error instanceof EngineFault)
        throw refuse('INSTANCE_QUARANTINED', {
          detail: `Its history cannot be read by its definition: ${error.message}`,
        });
      throw error;
    }
  }
}

interface Past {
  instance: Instance;
  hosted: Hosted;
  rows: readonly Row[];
  entries: readonly ReplayEntry[];
}

function statusAt(rows: readonly Row[], { seq }: Row, snapshot: Json, tags: readonly string[]): InstanceStatus {
  const { status } = snapshot as { status?: string };
  if (status !== 'active') return tags.includes('failed') ? 'failed' : 'done';
  const switched = rows.findLast((row) => row.seq <= seq && (row.kind === 'pause' || row.kind === 'resume'));
  return switched?.kind === 'pause' ? 'paused' : 'active';
}

const placeOf = ({ revision, state, phase, status }: PastView): Place => ({ revision, state, phase, status });
