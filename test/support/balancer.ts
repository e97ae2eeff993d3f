/** What a load balancer does, and no more: asks who is ready, takes turns, keeps connections, and tries another only when a connection is refused. */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Member } from './fleet.js';

const ASK_EVERY_MS = 50;

export class Balancer {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  private readonly ready = new Set<Member>();
  private turn = 0;
  private stopped = false;
  private readonly asking: Promise<unknown>;
  /** Requests that found nobody to answer at the first try. */
  refusals = 0;

  constructor(private readonly members: readonly Member[]) {
    for (const member of members) this.ready.add(member);
    this.asking = Promise.all(members.map((member) => this.watch(member)));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.asking;
    this.agent.destroy();
  }

  isReady(member: Member): boolean {
    return this.ready.has(member);
  }

  /** @throws what the connection threw, unless it was refused */
  async send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<{ status: number; body: string }> {
    for (let left = this.members.length * 2; ; left--) {
      const candidates = this.members.filter((member) => this.ready.has(member));
      const member = candidates[this.turn++ % candidates.length] ?? this.members[0];
      if (!member) throw new Error('there is nobody to send to');
      try {
        return await this.once(member, method, path, headers, body);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED' || left <= 0) throw error;
        this.refusals += 1;
        this.ready.delete(member);
      }
    }
  }

  private once(
    member: Member,
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const sent = request(member.url + path, { method, headers, agent: this.agent }, (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  private async watch(member: Member): Promise<void> {
    while (!this.stopped) {
      if (await member.isReady()) this.ready.add(member);
      else this.ready.delete(member);
      await pause(ASK_EVERY_MS);
    }
  }
}
