import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import type { Json } from './core/driver.js';
import { GENESIS } from './core/hash.js';
import { impostor } from './core/permission.js';
import { Decisions, statusAfter, type Decided } from './decisions.js';
import { GroupCommit } from './optimistic/group.commit.js';
import { compose, work, type Ack, type Before, type Cause } from './recording.js';
import { Registry, type Hosted } from './registry.js';
import { stepOf } from './step.row.js';
import { begin } from './store/advance.js';
import * as instances from './store/instances.js';

/** The transaction an instance starts in. */
export type StartTx = Tx & { readonly instanceId: string; /** Business time, milliseconds. */ readonly at: number };

/** What a module answers when the engine asks what to start with. */
export interface Opening {
  /** Who is who in this instance: `{ buyer: 'usr_1', seller: 'usr_2' }`; under a name like `role:1`, `role:legal` is everybody with that role. */
  parties: Record<string, string>;
  /** Business keys to find it by: `{ orderId: 'order_1' }`. */
  keys?: Record<string, string>;
  input: object;
}

/** Brings instances into being, each in the transaction of whoever wants it. */
@Injectable()
export class Starting {
  constructor(
    private readonly registry: Registry,
    private readonly decisions: Decisions,
    private readonly commits: GroupCommit,
  ) {}

  /** Starts one; `open` writes the module's own rows. */
  async one(tx: Tx, lifecycle: string, cause: Cause, open: (tx: StartTx) => Promise<Opening>): Promise<Ack> {
    const hosted = this.registry.get(lifecycle);
    const instanceId = newId('wf');
    const at = await instances.businessTime(tx);
    const opening = await open({ ...tx, instanceId, at });
    const { before, happened, step } = await decided(tx.tenant, hosted, { instanceId, opening, cause }, at);
    return this.decisions.record(tx, hosted, before, happened, step, cause);
  }

  /** Starts those for which `open` has an answer, all of them in one call. Requests under a key start one by one. */
  async all(
    tx: Tx,
    lifecycle: string,
    causes: readonly Omit<Cause, 'idempotency'>[],
    open: (instanceIds: readonly string[], at: number) => Promise<readonly (Opening | undefined)[]>,
  ): Promise<(Ack | undefined)[]> {
    const hosted = this.registry.get(lifecycle);
    const ids = causes.map(() => newId('wf'));
    const at = await instances.businessTime(tx);
    const openings = await open(ids, at);
    const wanted: Decided[] = [];
    for (const [index, cause] of causes.entries()) {
      const [instanceId, opening] = [ids[index], openings[index]];
      if (instanceId !== undefined && opening)
        wanted.push(await decided(tx.tenant, hosted, { instanceId, opening, cause }, at));
    }
    const acks = new Map((await this.recordAll(tx, hosted, wanted)).map((ack) => [ack.instanceId, ack]));
    return ids.map((id) => acks.get(id));
  }

  private async recordAll(tx: Tx, hosted: Hosted, wanted: readonly Decided[]): Promise<Ack[]> {
    if (wanted.length === 0) return [];
    const began = performance.now();
    const rows = wanted.map((one) => {
      const { before, happened, step, cause } = one;
      const after = { ...step, status: statusAfter(step, before) };
      const composed = compose(tx.tenant, hosted, before, happened, after, cause);
      const text = JSON.stringify(after.snapshot);
      const { parties = {}, keys = {} } = before.opening ?? {};
      const write = { step: stepOf(composed, before, after, text, cause, null), work: work(after.effects) };
      return { one, after, composed, text, start: { write, parties, keys } };
    });
    const starts = rows.map(({ start }) => start);
    const row_version = await begin(tx, await this.commits.types(), hosted.lifecycle, starts);
    const acks: Ack[] = [];
    for (const { one, after, composed, text } of rows) {
      const { ack, hash } = composed;
      const written = { ack, hash, row_version, length: text.length };
      acks.push(await this.decisions.follow(tx, hosted, one, after, written, began));
    }
    return acks;
  }
}

/** The step into the initial state. @throws WF006 when somebody would be a party under the name of the service */
async function decided(
  tenant: string,
  hosted: Hosted,
  { instanceId, opening, cause }: { instanceId: string; opening: Opening; cause: Cause },
  at: number,
): Promise<Decided> {
  const { parties, keys = {}, input } = opening;
  const posing = impostor(parties);
  if (posing !== undefined) throw refuse('WF006', { detail: `${posing} cannot be ${parties[posing]}.` });
  const payload = JSON.parse(JSON.stringify({ ...input, instanceId, tenant, at })) as Json;
  const step = await hosted.driver.start(payload);
  const { name, version, fingerprint } = hosted.lifecycle;
  const before = unborn(instanceId, { lifecycle: name, version, fingerprint, parties, keys });
  return { before, happened: { type: 'start', payload, facts: {}, at }, step, cause };
}

const unborn = (id: string, opening: NonNullable<Before['opening']>): Before => ({
  id,
  revision: 0,
  head_hash: GENESIS,
  state: null,
  status: 'active',
  compensation: 'none',
  parties: opening.parties,
  opening,
});
