import { Injectable } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { FiringJob } from '../../../machines/firing.js';
import { isPermitted, type Action } from '../../actions/action.js';
import { Actions } from '../../actions/actions.js';
import type { EffectResult, EffectRun } from '../../engine/host.js';
import { Config } from '../../platform/config.js';
import { ERRORS, Refused } from '../../platform/errors.js';
import { fieldErrors } from '../../platform/validation.js';
import { chained } from '../chain.js';
import { actorOf } from './firings.js';
import { openJob } from './secrets.js';

/** Does what rules have asked for, as the rule, with the rights of whoever wrote it: every gate is as closed for a rule as for him. */
@Injectable()
export class Performing {
  constructor(
    private readonly actions: Actions,
    private readonly config: Config,
  ) {}

  readonly perform = async (job: FiringJob, run: EffectRun): Promise<EffectResult> => {
    const action = this.actions.find(job.type);
    if (!action) return { kind: 'failed', code: 'UNKNOWN_ACTION', reason: `There is no action ${job.type}.` };
    if (!isPermitted(action, job.owner.roles))
      return { kind: 'failed', code: 'WF005', reason: `${job.type} needs ${action.permission}.` };
    const params = checked(action, openJob(this.config.encryptionKeys, run.tenant, action, job));
    if ('objections' in params)
      return { kind: 'failed', code: 'WF006', reason: params.objections.map(sentence).join('; ').slice(0, 500) };
    const correlationId = chained(run.correlationId, job.depth);
    const caller = { tenant: run.tenant, userId: actorOf(job.ruleId), roles: job.owner.roles, correlationId };
    try {
      return await action.run(params.value, { ...run, caller, depth: job.depth });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return verdict(error);
    }
  };
}

/** A refusal as the end of an attempt. What the service cannot do now it may do later; everything else that it refuses, it has refused. */
export function verdict({ code, message, data }: Refused): EffectResult {
  const isPassing = ERRORS[code].status >= 500 || ERRORS[code].status === 429;
  if (isPassing) return { kind: 'retry', reason: `${code}: ${message}` };
  const fields = (data.errors ?? []).map(sentence).join('; ');
  return { kind: 'failed', code, reason: fields === '' ? message : `${message} ${fields}`.slice(0, 500) };
}

/** The parameters as the action takes them, or what is wrong with them. */
export function checked(
  action: Action,
  params: unknown,
): { value: object } | { objections: { field: string; message: string }[] } {
  if (typeof params !== 'object' || params === null || Array.isArray(params))
    return { objections: [{ field: 'params', message: 'must be an object' }] };
  const value = plainToInstance(action.Params, params, { enableImplicitConversion: false });
  const errors = validateSync(value, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false });
  return errors.length > 0 ? { objections: fieldErrors(errors, 'params') } : { value };
}

const sentence = ({ field, message }: { field: string; message: string }): string => `${field}: ${message}`;
