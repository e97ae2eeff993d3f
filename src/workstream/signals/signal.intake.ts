import { Injectable } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { SignalInput } from '../../../machines/signal.js';
import type { Caller } from '../../auth/caller.js';
import { EngineService, type Opening, type StartTx } from '../../engine/engine.service.js';
import type { Cause } from '../../engine/recording.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse, Refused } from '../../platform/errors.js';
import { fieldErrors } from '../../platform/validation.js';
import { checkOrg } from '../orgs.js';
import { CreateSignal, type SignalOutcome, type SignalView } from './signal.dto.js';
import { clusterOf, findByKeys, readSignal } from './signal.entity.js';
import { dedupeKeyOf, normalizedKeys, requestHashOf } from './signal.identity.js';

/** Who brings signals in. */
export type Bringer = Pick<Caller, 'userId' | 'roles' | 'correlationId'>;

/** How signals come in: one, many, or a file of them. What was here before is found and not taken twice (R001-3, R001-4). */
@Injectable()
export class SignalIntake {
  constructor(
    private readonly database: Database,
    private readonly engine: EngineService,
  ) {}

  /** Takes one signal in, or finds the one it repeats. @throws KEY_TAKEN when an idempotency_key stands for another body */
  take(caller: Caller, body: CreateSignal): Promise<{ signal: SignalView; isNew: boolean }> {
    return this.database.transaction(caller.tenant, async (tx) => {
      await checkOrg(tx, body.org_id);
      return this.takeWithin(tx, caller, body);
    });
  }

  /**
   * Takes many in, one transaction for all: each is taken, found, or rejected by itself.
   * @param raw bodies as they came; they are checked here
   */
  async takeAll(tx: Tx, by: Bringer, raw: readonly object[]): Promise<SignalOutcome[]> {
    const outcomes: SignalOutcome[] = [];
    for (const [index, given] of raw.entries()) outcomes.push({ index, ...(await this.judge(tx, by, given)) });
    return outcomes;
  }

  private async judge(tx: Tx, by: Bringer, given: object): Promise<Omit<SignalOutcome, 'index'>> {
    try {
      const { signal, isNew } = await this.takeWithin(tx, by, await checked(tx, given));
      return { outcome: isNew ? 'created' : 'duplicate', signal_id: signal.signal_id, error: null };
    } catch (error) {
      // Refusals are found out before anything is written, so the others stay untouched.
      if (!(error instanceof Refused)) throw error;
      const { code, message, data } = error;
      const fields = data.errors?.map((field) => `${field.field}: ${field.message}`).join('; ');
      return { outcome: 'rejected', signal_id: null, error: { code, message: fields ?? message } };
    }
  }

  private async takeWithin(tx: Tx, by: Bringer, body: CreateSignal): Promise<{ signal: SignalView; isNew: boolean }> {
    const cause: Cause = {
      kind: 'start',
      cause: 'request',
      actor: by.userId,
      roles: by.roles,
      correlationId: by.correlationId,
    };
    let id = 0;
    try {
      await this.engine.startWithin(tx, 'signal', cause, async (start) => {
        const written = await write(start, body);
        id = written.signal_id;
        return openingOf(written, body);
      });
      return { signal: await readSignal(tx, id), isNew: true };
    } catch (error) {
      if (error instanceof Known) return { signal: error.signal, isNew: false };
      throw error;
    }
  }
}

/** Not an error: the signal is here already. */
class Known extends Error {
  constructor(readonly signal: SignalView) {
    super('the signal is known');
  }
}

/** A row that was just written. */
interface Written {
  signal_id: number;
  /** Whether some spotlight judges signals by itself. */
  is_screened: boolean;
}

const openingOf = (
  { signal_id: signalId, is_screened: isScreened }: Written,
  { owner_user_id }: CreateSignal,
): Opening => ({
  parties: owner_user_id === undefined ? {} : { owner: owner_user_id },
  keys: { signalId: String(signalId) },
  input: { signalId, ownerUserId: owner_user_id ?? null, isScreened } satisfies SignalInput,
});

/** Writes the row. @throws Known, KEY_TAKEN */
async function write(tx: StartTx, body: CreateSignal): Promise<Written> {
  const { org_id: _, ...said } = body;
  const keys = normalizedKeys(body);
  const at = body.ts === undefined ? tx.at : Date.parse(body.ts);
  const { ts: _at, ...rest } = said;
  const dedupeKey = body.dedupe_key ?? dedupeKeyOf(body, at, requestHashOf(rest));
  const requestHash = requestHashOf(said);
  const row = await tx.one<Written>(
    `insert into workstream.signals
       (tenant, workflow_instance_id, source_type, source_ref, snippet, contact_id, client_id, contact_email, contact_phone, company_domain,
        normalized_keys_json, ts, problem_phrase, solution_hint, urgency_score, dedupe_key, idempotency_key, request_hash, owner_user_id, status,
        created_at, updated_at)
     values (engine.tenant(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_timestamp($11::float8 / 1000), $12, $13, $14, $15, $16, $17, $18, 'new',
             to_timestamp($19::float8 / 1000), to_timestamp($19::float8 / 1000))
     on conflict do nothing
     returning signal_id, exists (select from workstream.spotlights where tenant = engine.tenant() and automatic <> 'off' and is_active and deleted_at is null) as is_screened`,
    [
      tx.instanceId,
      body.source_type,
      body.source_ref ?? null,
      body.snippet ?? null,
      body.contact_id ?? null,
      body.client_id ?? null,
      body.contact_email ?? null,
      body.contact_phone ?? null,
      body.company_domain ?? null,
      JSON.stringify(keys),
      at,
      body.problem_phrase ?? null,
      body.solution_hint ?? null,
      body.urgency_score ?? null,
      dedupeKey,
      body.idempotency_key ?? null,
      requestHash,
      body.owner_user_id ?? null,
      tx.at,
    ],
  );
  if (!row) throw await known(tx, dedupeKey, body.idempotency_key ?? null, requestHash);
  const clusterId = await clusterOf(tx, keys, row.signal_id);
  if (clusterId !== null)
    await tx.run('update workstream.signals set cluster_id = $2 where tenant = engine.tenant() and signal_id = $1', [
      row.signal_id,
      clusterId,
    ]);
  return row;
}

async function known(tx: Tx, dedupeKey: string, idempotencyKey: string | null, requestHash: string): Promise<Error> {
  const earlier = await findByKeys(tx, dedupeKey, idempotencyKey);
  // Taken and gone again between two statements: somebody is deleting it right now.
  if (!earlier) return refuse('KEY_TAKEN', { detail: 'The signal with this key is just being deleted; try again.' });
  const { request_hash, ...signal } = earlier;
  const isSameKey = idempotencyKey !== null && signal.idempotency_key === idempotencyKey;
  if (isSameKey && request_hash !== requestHash)
    return refuse('KEY_TAKEN', { detail: 'This idempotency_key stands for another signal.' });
  return new Known(signal);
}

/** @throws WF006 with the fields, WF005 for another organisation */
async function checked(tx: Tx, given: object): Promise<CreateSignal> {
  const body = plainToInstance(CreateSignal, given);
  const errors = validateSync(body, { whitelist: true, forbidNonWhitelisted: true });
  if (errors.length > 0) throw refuse('WF006', { errors: fieldErrors(errors) });
  await checkOrg(tx, body.org_id);
  return body;
}
