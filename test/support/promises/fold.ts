/** Folds a history through its definition: what must be stored if every transition was written whole. */
import type { Driver, Effect, Json, Step } from '../../../src/engine/core/driver.js';
import { machineEvent } from '../../../src/engine/core/event.js';
import { field } from '../../../src/engine/core/machine.js';
import type { StoredRow } from '../../../src/engine/store/history.js';

export interface WantedEffect {
  seq: number;
  idx: number;
  kind: 'job' | 'command' | 'emit';
  job: string | null;
  type: string;
  params: Json;
  compensate: string | null;
  ordered: boolean;
  /** The machine stopped waiting for it before an answer came. */
  abandoned: boolean;
}
export interface Armed {
  generation: number;
  due: number;
}
export interface Folded {
  snapshot: Json;
  step: Pick<Step, 'state' | 'phase' | 'tags' | 'status'>;
  effects: WantedEffect[];
  /** By timer id. */
  armed: Map<string, Armed>;
  /** Timers that must have been fired, as `id#generation`, with the time they were due. */
  fired: Map<string, number>;
  paused: boolean;
  problems: string[];
}

/** @param rows of one instance, in order */
export async function fold(driver: Driver, tenant: string, rows: readonly StoredRow[]): Promise<Folded> {
  const folded: Folded = {
    snapshot: null,
    step: { state: '', phase: null, tags: [], status: 'active' },
    effects: [],
    armed: new Map(),
    fired: new Map(),
    paused: false,
    problems: [],
  };
  /** Jobs the machine waits for: the key of the effect that is to answer, by job id. */
  const open = new Map<string, WantedEffect>();
  for (const row of rows) {
    const say = (problem: string) =>
      folded.problems.push(`${row.instance_id} row ${row.seq} (${row.type}): ${problem}`);
    if (folded.paused && ['event', 'timer', 'webhook'].includes(row.kind)) say('moved during a pause');
    if (row.kind === 'pause') folded.paused = true;
    if (row.kind === 'resume') folded.paused = false;
    if (row.from_state !== (row.seq === 1 ? null : folded.step.state))
      say(`comes from ${row.from_state}, not from ${folded.step.state}`);
    if (row.kind === 'timer') takeTimer(row, folded, say);
    if (row.kind === 'effect-result') takeAnswer(row, tenant, open, say);
    const step = await again(driver, folded.snapshot, row);
    if (step) {
      if (!step.handled) say('would be refused now');
      folded.snapshot = JSON.parse(JSON.stringify(step.snapshot)) as Json;
      folded.step = step;
      write(row, step.effects, folded, open);
      if (step.status === 'done') {
        folded.armed.clear();
        // An end ends a pause too.
        folded.paused = false;
        for (const job of open.values()) job.abandoned = true;
        open.clear();
      }
    }
    if (row.to_state !== folded.step.state || row.phase !== folded.step.phase)
      say(`leads to ${row.to_state}, not to ${folded.step.state}`);
  }
  return folded;
}

function takeTimer(row: StoredRow, { armed, fired }: Folded, say: (problem: string) => void): void {
  const name = row.cause.replace('timer:', '');
  const [id = '', generation] = name.split('#');
  const timer = armed.get(id);
  if (fired.has(name)) say(`${name} fired a second time`);
  if (timer?.generation !== Number(generation)) return say(`${name} was not armed`);
  if (row.at < timer.due) say(`${name} fired ${timer.due - row.at} ms early`);
  armed.delete(id);
  fired.set(name, timer.due);
}

function takeAnswer(
  row: StoredRow,
  tenant: string,
  open: Map<string, WantedEffect>,
  say: (problem: string) => void,
): void {
  const key = row.cause.replace('effect:', '');
  const answered = [...open].find(([, job]) => keyOf(tenant, row.instance_id, job) === key);
  if (!answered) return say(`${key} answered, and nobody was waiting for it`);
  if (!row.type.endsWith(`.${answered[0]}`)) say(`${key} answered for somebody else`);
  open.delete(answered[0]);
}

function write(row: StoredRow, effects: readonly Effect[], folded: Folded, open: Map<string, WantedEffect>): void {
  let idx = 0;
  const want = (
    kind: WantedEffect['kind'],
    job: string | null,
    type: string,
    params: Json,
    more: { compensate?: string; ordered?: boolean },
  ) => {
    const effect = {
      seq: row.seq,
      idx: idx++,
      kind,
      job,
      type,
      params,
      compensate: more.compensate ?? null,
      ordered: more.ordered ?? false,
      abandoned: false,
    };
    folded.effects.push(effect);
    if (job !== null) open.set(job, effect);
  };
  for (const effect of effects) {
    switch (effect.kind) {
      case 'job':
        want('job', effect.id, effect.type, effect.input, effect);
        break;
      case 'command':
        want('command', null, effect.type, effect.params, effect);
        break;
      case 'emit':
        want('emit', null, `emit:${effect.event.type}`, effect.event, {});
        break;
      case 'timer':
        folded.armed.set(effect.id, { generation: row.seq, due: row.at + effect.delayMs });
        break;
      case 'cancelTimer':
        folded.armed.delete(effect.id);
        break;
      case 'cancelJob': {
        const job = open.get(effect.id);
        if (job) job.abandoned = true;
        open.delete(effect.id);
      }
    }
  }
}

export const keyOf = (tenant: string, instanceId: string, { seq, idx }: { seq: number; idx: number }): string =>
  `${tenant}:${instanceId}:${seq}:${idx}`;

async function again(driver: Driver, snapshot: Json, row: StoredRow): Promise<Step | undefined> {
  const entry = { ...row, payload: JSON.parse(row.payload) as Json, facts: JSON.parse(row.facts) as Json };
  switch (row.kind) {
    case 'start':
      return driver.start(entry.payload);
    case 'force': {
      const suppressEffects = field(entry.payload, 'runEntryEffects') !== true;
      return driver.force(snapshot, String(field(entry.payload, 'to')), machineEvent(entry), { suppressEffects });
    }
    case 'pause':
    case 'resume':
    case 'compensated':
      return undefined;
    default:
      return driver.step(snapshot, machineEvent(entry));
  }
}
