import { Injectable } from '@nestjs/common';
import type { CandidateContext } from '../../../machines/candidate.js';
import { drip, type DripLetter } from '../../../machines/drip.js';
import type { Caller } from '../../auth/caller.js';
import { EngineService } from '../../engine/engine.service.js';
import type { EffectResult, EffectRun, Transitioned } from '../../engine/host.js';
import { EmailClient } from '../../integrations/email/email.client.js';
import { Database, type Tx } from '../../platform/database.js';
import { checkOrg } from '../orgs.js';
import { found } from '../rows.js';
import type { DripView, StartDrip } from './drip.dto.js';
import { addressedLetter, dripsOf, openDrip, openDripsOf, readDrip } from './drip.entity.js';
import { dripLetterOf } from './drip.letters.js';

/** Candidates that get here get no more letters. */
const ENDS: readonly string[] = ['promoted', 'archived', 'deleted'];

/** Letters to candidates that are not ready yet: begun, paused and stopped by people, sent by the outbox (R001-13). */
@Injectable()
export class Drips {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
    private readonly email: EmailClient,
  ) {}

  /** @throws NOT_FOUND, WF002 when the candidate is over, WF006, WF007 when the same letters go out already */
  async start(
    caller: Caller,
    candidateId: number,
    body: StartDrip,
    idempotencyKey: string | undefined,
  ): Promise<DripView> {
    const request = { candidateId, ...body };
    const { instanceId } = await this.engine.start(caller, drip.name, { idempotencyKey, request }, async (tx) => {
      await checkOrg(tx, body.org_id);
      return openDrip(tx, caller.userId, candidateId, body);
    });
    return this.within(caller, async (tx) => {
      const row = await tx.one<{ drip_id: number }>(
        'select drip_id from workstream.drip_schedules where tenant = engine.tenant() and workflow_instance_id = $1',
        [instanceId],
      );
      return readDrip(tx, candidateId, found(row).drip_id);
    });
  }

  /** Newest first. @throws NOT_FOUND */
  list(caller: Caller, candidateId: number): Promise<DripView[]> {
    return this.within(caller, (tx) => dripsOf(tx, candidateId));
  }

  /** @throws NOT_FOUND */
  read(caller: Caller, candidateId: number, dripId: number): Promise<DripView> {
    return this.within(caller, (tx) => readDrip(tx, candidateId, dripId));
  }

  /** Pauses a drip, lets it go on, or stops it for good. @throws NOT_FOUND, WF002 */
  async steer(
    caller: Caller,
    candidateId: number,
    dripId: number,
    event: { type: 'drip.pause' | 'drip.resume' | 'drip.stop'; payload?: object },
    idempotencyKey: string | undefined,
  ): Promise<DripView> {
    const { workflow_instance_id: instanceId } = await this.read(caller, candidateId, dripId);
    await this.engine.send(caller, instanceId, event, { lifecycle: drip.name, idempotencyKey });
    return this.read(caller, candidateId, dripId);
  }

  /** Stops the letters of a candidate that has become something else, or nothing, in the transaction in which it does. */
  readonly followCandidate = async (
    tx: Tx,
    { state, from, context: { candidateId }, cause: { actor, correlationId } }: Transitioned<CandidateContext>,
  ): Promise<void> => {
    if (from === null || !ENDS.includes(state)) return;
    const cause = { kind: 'event' as const, cause: `item:candidate.${state}`, actor, roles: [], correlationId };
    const stop = async () => ({ type: 'drip.stop', payload: { reason: `candidate.${state}` } });
    for (const { workflow_instance_id: id } of await openDripsOf(tx, candidateId))
      await this.engine.receiveWithin(tx, id, cause, stop, 'ignore', 'workstream:candidate');
  };

  /** Sends one letter. What cannot be delivered is answered, and pauses the drip. */
  readonly mail = async ({ dripId, number }: DripLetter, run: EffectRun): Promise<EffectResult> => {
    const letter = await this.database.transaction(run.tenant, (tx) => addressedLetter(tx, dripId));
    if (!letter) return { kind: 'failed', code: 'GONE', reason: 'the candidate is gone' };
    const { template_id, contact_email: to } = letter;
    if (to === null) return { kind: 'failed', code: 'NO_ADDRESS', reason: 'the candidate has no e-mail address' };
    const outcome = await this.email.send(
      { to, ...dripLetterOf(template_id, letter) },
      // The same letter however often it is tried, also after a pause in the middle of it.
      { ...run, key: `${run.tenant}:${run.instanceId}:letter:${number}` },
    );
    return outcome.kind === 'done' ? { kind: 'done', output: {}, receipt: outcome.receipt } : outcome;
  };

  private within<T>({ tenant }: Caller, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(tenant, work);
  }
}
