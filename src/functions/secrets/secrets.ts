import { Injectable } from '@nestjs/common';
import type { ActionJob, Fields, Turn, Value } from '../../../machines/function.types.js';
import { Config } from '../../platform/config.js';
import { Database, type Tx } from '../../platform/database.js';
import { isSealed, seal, unseal } from '../../platform/sealing.js';
import { isFields } from '../../tasks/forms/form.js';
import { ActionRegistry } from '../actions/action.registry.js';
import { SEALED_TEXTS, withSecrets } from '../actions/secrets.js';
import { ActionError } from '../failure.js';
import { sealedSecret } from './secrets.store.js';

const placeOfSecret = (tenant: string, name: string): string[] => [tenant, 'workflow-secret', name];
/** A reference opens in the run that it was given to, and nowhere else. */
const placeOfReference = (tenant: string, executionId: string): string[] => [tenant, executionId, 'secret'];

/**
 * Seals what is secret before it is kept, and opens it where an action is done (R004-36).
 *
 * A function never sees a secret of the tenant: it gets a reference, sealed for its run, that stands for the secret in a secret parameter of an
 * action. So none can come into its data, its events or its log; and what is changed meanwhile is what is used.
 */
@Injectable()
export class Secrets {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly registry: ActionRegistry,
  ) {}

  /** A secret as it is kept. */
  sealed(tenant: string, name: string, value: string): string {
    return seal(this.config.encryptionKeys, placeOfSecret(tenant, name), value);
  }

  /** What a run is given for a secret. @throws ActionError NOT_FOUND when there is none of the name */
  async reference(tx: Tx, executionId: string, name: string): Promise<string> {
    if ((await sealedSecret(tx, name)) === undefined) throw noSecret(name);
    return seal(this.config.encryptionKeys, placeOfReference(tx.tenant, executionId), name);
  }

  /** A turn as it is kept. */
  sealTurn(tenant: string, executionId: string, turn: Turn): Turn {
    return { ...turn, actions: turn.actions.map((job) => this.sealJob(tenant, executionId, job)) };
  }

  private sealJob(tenant: string, executionId: string, job: ActionJob): ActionJob {
    const to = (value: Value, path: readonly string[]) =>
      seal(this.config.encryptionKeys, [tenant, executionId, String(job.seq), ...path], JSON.stringify(value));
    return { ...job, params: withSecrets(this.registry.byName, job.name, job.params, to) };
  }

  /** The parameters as the action gets them. @throws ActionError NOT_FOUND when a secret has been taken away; SECRET_OF_ANOTHER_RUN */
  async open(tenant: string, executionId: string, { seq, name, params }: ActionJob): Promise<Fields> {
    const names = new Map<string, string>();
    const opened = withSecrets(this.registry.byName, name, params, (value, path) => {
      if (typeof value !== 'string' || !isSealed(value)) return value;
      const text = unseal(this.config.encryptionKeys, [tenant, executionId, String(seq), ...path], value);
      const given = JSON.parse(text) as Value;
      replaced(given, (reference) => {
        names.set(reference, this.nameOf(tenant, executionId, reference));
        return reference;
      });
      return given;
    });
    if (names.size === 0) return opened;
    const values = await this.valuesOf(tenant, names);
    const put = (value: Value) => replaced(value, (reference) => values.get(reference) ?? reference);
    return withSecrets(this.registry.byName, name, opened, put);
  }

  private nameOf(tenant: string, executionId: string, reference: string): string {
    try {
      return unseal(this.config.encryptionKeys, placeOfReference(tenant, executionId), reference);
    } catch {
      throw new ActionError('SECRET_OF_ANOTHER_RUN', 'A reference to a secret opens only in the run that asked for it');
    }
  }

  /** What each reference stands for now. */
  private valuesOf(tenant: string, names: ReadonlyMap<string, string>): Promise<Map<string, string>> {
    return this.database.transaction(tenant, async (tx) => {
      const values = new Map<string, string>();
      for (const [reference, name] of names) {
        const sealed = await sealedSecret(tx, name);
        if (sealed === undefined) throw noSecret(name);
        values.set(reference, unseal(this.config.encryptionKeys, placeOfSecret(tenant, name), sealed));
      }
      return values;
    });
  }
}

const noSecret = (name: string) => new ActionError('NOT_FOUND', `There is no secret ${name}`);

/** A value with something else in place of each sealed text in it. */
function replaced(value: Value, to: (sealed: string) => string): Value {
  if (typeof value === 'string') return value.replaceAll(SEALED_TEXTS, to);
  if (Array.isArray(value)) return value.map((item) => replaced(item, to));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaced(item, to)]));
}
