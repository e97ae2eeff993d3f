/** Parameters that may carry secrets are sealed in what is kept of a firing: whoever looks at it sees that there is something, and not what. */
import { mapped, type Action } from '../../actions/action.js';
import type { FiringJob } from '../../../machines/firing.js';
import type { Json } from '../../engine/core/driver.js';
import { isSealed, seal, unseal, type SealingKey } from '../../platform/sealing.js';

/** The job as it is kept. */
export const sealJob = (
  keys: readonly SealingKey[],
  tenant: string,
  action: Pick<Action, 'secrets'> | undefined,
  job: FiringJob,
): FiringJob => ({
  ...job,
  params: mapped(job.params, action?.secrets ?? [], (value, name) =>
    seal(keys, [tenant, job.key, name], JSON.stringify(value)),
  ),
});

/** Its parameters as they are used. @throws Error when a key is gone that they were sealed with */
export const openJob = (
  keys: readonly SealingKey[],
  tenant: string,
  action: Pick<Action, 'secrets'>,
  job: FiringJob,
): { [name: string]: Json } =>
  mapped(job.params, action.secrets ?? [], (value, name) =>
    typeof value === 'string' && isSealed(value)
      ? (JSON.parse(unseal(keys, [tenant, job.key, name], value)) as Json)
      : value,
  );
