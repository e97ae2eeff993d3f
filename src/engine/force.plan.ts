/** Works a force out: the step it makes, and what it would do with everything that entering does. Pure but for the driver. */
import { refuse } from '../platform/errors.js';
import { EngineFault, type Step } from './core/driver.js';
import { asEvent } from './decisions.js';
import type { Cause, Happened } from './recording.js';
import type { Hosted } from './registry.js';
import type { Locked } from './store/instances.js';

export interface ForceRequest {
  /** The state the administrator believes the instance is in; `PACKED` or, more exactly, `PACKED.sealed`. */
  fromState: string;
  toState: string;
  reason: string;
  /** False keeps timers but leaves out what entering would do in the world (R000-22). */
  runEntryEffects: boolean;
  expectedRevision?: number | undefined;
}

/** Who forces, who let him, and whether it takes an earlier force back. */
export interface Forcer {
  userId: string;
  roles: readonly string[];
  correlationId: string;
  /** The second administrator, where one is needed. */
  approvedBy?: string;
  /** seq of the force that is taken back. */
  undoes?: number;
}

/** The step a force makes. */
export interface Forced {
  step: Step;
  /** The same step with everything that entering does in the world, whether it is done or left out. */
  whole: Step;
  happened: Happened;
  cause: Cause;
}

/** @throws WF002, WF006, REVISION_MISMATCH, INSTANCE_QUARANTINED */
export async function planForce(
  hosted: Hosted,
  instance: Locked,
  request: ForceRequest,
  { userId, roles, correlationId, approvedBy, undoes }: Forcer,
): Promise<Forced> {
  if (request.expectedRevision !== undefined && request.expectedRevision !== instance.revision) {
    throw refuse('REVISION_MISMATCH', {
      detail: `The instance is at revision ${instance.revision}, not ${request.expectedRevision}.`,
    });
  }
  if (request.fromState !== instance.state && request.fromState !== path(instance)) {
    throw refuse('WF002', { detail: `The instance is in ${path(instance)}, not in ${request.fromState}.` });
  }
  const { toState: to, runEntryEffects, reason } = request;
  const cause: Cause = { kind: 'force', cause: 'admin', actor: userId, roles, correlationId };
  const happened: Happened = {
    type: 'admin.force_transition',
    payload: {
      ...{ to, from: instance.state, reason, runEntryEffects },
      ...(approvedBy === undefined ? {} : { approvedBy }),
      ...(undoes === undefined ? {} : { undoes }),
    },
    facts: {},
    at: instance.at,
  };
  try {
    const go = (suppressEffects: boolean): Promise<Step> =>
      hosted.driver.force(instance.snapshot, to, asEvent(happened, cause), { suppressEffects });
    const whole = await go(false);
    return { step: runEntryEffects ? whole : await go(true), whole, happened, cause };
  } catch (error) {
    if (error instanceof EngineFault && error.code === 'UNKNOWN_STATE')
      throw refuse('WF006', { detail: `${instance.lifecycle} has no state ${to}.` });
    if (error instanceof EngineFault && error.code === 'INCOMPATIBLE_SNAPSHOT') throw refuse('INSTANCE_QUARANTINED');
    if (error instanceof EngineFault)
      throw refuse('WF002', { detail: `It cannot enter ${to} as it is: ${error.message}` });
    throw error;
  }
}

/** State and phase as one path. */
export const path = ({ state, phase }: { state: string; phase: string | null }): string =>
  phase === null ? state : `${state}.${phase}`;
