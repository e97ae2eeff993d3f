/** The world outside: providers that do a thing once for each key, take their time, fail, and lose their answers. */
import type { Json } from '../../src/engine/core/driver.js';
import type { EffectResult, EffectRun } from '../../src/engine/host.js';
import { LEASE_MS } from '../support/process.js';
import type { Call } from '../support/promises/evidence.js';
import type { Gate } from './gate.js';
import { within, type Task } from './nature.js';
import type { Random } from './random.js';

/** A call that is going on, and the task it runs in. */
interface Going {
  call: Call;
  task: Task | undefined;
}

export class World {
  readonly calls: Call[] = [];
  private readonly going: Going[] = [];
  /** What was done or refused for good, by key. */
  private readonly settled = new Map<string, 'done' | 'failed'>();

  /** @param moment answers a larger number each time @param clock the database's own, milliseconds @param trouble how likely it is */
  constructor(
    private readonly random: Random,
    private readonly gate: Gate,
    private readonly moment: () => number,
    private readonly clock: () => number,
    private readonly trouble: () => number,
  ) {}

  async act(type: string, input: Record<string, Json>, run: EffectRun): Promise<EffectResult> {
    const task = within.getStore();
    const now = this.clock();
    const call: Call = {
      type,
      key: run.key,
      instanceId: run.instanceId,
      input,
      fence: run.begun,
      began: this.moment(),
      ended: null,
      startedAt: now,
      heldUntil: (task?.since ?? now) + LEASE_MS,
      outcome: null,
    };
    this.calls.push(call);
    this.going.push({ call, task });
    try {
      const result = await this.answer(type, run);
      call.outcome = result.kind;
      return result;
    } catch (error) {
      call.outcome = 'retry';
      throw error;
    } finally {
      call.ended ??= this.moment();
    }
  }

  /** Leases that a process has just prolonged: those of its newest calls. */
  prolong(home: Task['home'], since: number): void {
    for (const { call, task } of this.going) {
      const isNewest = !this.calls.some(({ key, fence }) => key === call.key && fence > call.fence);
      if (task?.home === home && call.ended === null && isNewest)
        call.heldUntil = Math.max(call.heldUntil, since + LEASE_MS);
    }
  }

  /** The process gives back what it holds. */
  giveBack(home: Task['home']): void {
    for (const { call, task } of this.going) if (task?.home === home) call.ended ??= this.moment();
  }

  private async answer(type: string, { key, begun, signal }: EffectRun): Promise<EffectResult> {
    await this.gate.stop(`${type} ${key} asked`);
    if (signal.aborted && this.random.chance(0.5)) throw new Error('aborted');
    const isTroubled = this.random.chance(this.trouble());
    const mood = isTroubled ? this.random.pick(['deaf', 'mute', 'busy', 'no'] as const) : 'well';
    if (mood === 'deaf') throw new Error('no connection');
    if (mood === 'busy') return { kind: 'retry', reason: `busy under fence ${begun}` };
    if (!this.settled.has(key)) this.settled.set(key, mood === 'no' ? 'failed' : 'done');
    await this.gate.stop(`${type} ${key} answered`);
    if (mood === 'mute' || (signal.aborted && this.random.chance(0.5))) throw new Error('no answer');
    if (this.settled.get(key) === 'failed')
      return { kind: 'failed', code: 'REFUSED', reason: `refused under fence ${begun}` };
    return { kind: 'done', output: { paymentId: `pay_${key}`, trackingNo: key, fence: begun } };
  }
}
