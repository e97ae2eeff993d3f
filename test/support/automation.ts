/** Rules in the live service, over HTTP. */
import { TimerWorker } from '../../src/engine/workers/timer.worker.js';
import type { Answer, Workstream } from './workstream.js';

export interface Log {
  outcome: string;
  rule_id: number | null;
  rule_name: string | null;
  event_id: string;
  event_type: string;
  job_id: number | null;
  detail: Record<string, unknown>;
}

export interface Job {
  job_id: number;
  idempotency_key: string;
  rule_id: number;
  event_id: string;
  action_type: string;
  kind: string;
  status: string;
  attempts: number;
  error: { code: string; message: string } | null;
  result: Record<string, unknown> | null;
  workflow_instance_id: string;
}

export class Automation {
  constructor(readonly service: Workstream) {}

  /** A rule that waits for events and tells the sales team, unless said otherwise. */
  async rule(more: object = {}): Promise<number> {
    const answer = await this.service.done<{ rule_id: number }>('POST', '/api/automation/rules', body(more));
    return answer.rule_id;
  }

  event(
    type: string,
    payload: object = {},
    more: object = {},
  ): Promise<Answer<{ event_id: string; event_type: string; duplicate: boolean; fired: { rule_id: number }[] }>> {
    return this.service.ask('POST', '/api/automation/events', { event_type: type, payload, ...more });
  }

  /** What the log says of a rule, oldest first. */
  async logs(ruleId: number): Promise<Log[]> {
    const { data } = await this.service.done<{ data: Log[] }>(
      'GET',
      `/api/automation/logs?rule_id=${ruleId}&limit=200`,
    );
    return data.reverse();
  }

  /** The jobs of a rule, oldest first. */
  async jobs(ruleId: number): Promise<Job[]> {
    const { data } = await this.service.done<{ data: Job[] }>(
      'GET',
      `/api/automation/jobs?rule_id=${ruleId}&limit=200`,
    );
    return data.reverse();
  }

  /** Lets time pass, and everything happen that then is due. */
  async pass(duration: string): Promise<void> {
    await this.service.done('POST', '/admin/clock', { advance: duration }, 'admin');
    const timers = this.service.live.app.get(TimerWorker);
    while (await timers.turn());
    await this.service.work();
  }
}

/** The body of a rule. */
export const body = (more: object = {}): object => ({
  name: 'A rule',
  trigger: { event_types: ['demo.happened'] },
  actions: [{ type: 'comms.escalate', params: { to: 'sales-team', subject: 'Look', body: 'It happened' } }],
  ...more,
});
