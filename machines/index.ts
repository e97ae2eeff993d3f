import type { defineLifecycle } from '../src/engine/authoring.js';
import { bulk } from './bulk.js';
import { candidate } from './candidate.js';
import { drip } from './drip.js';
import { event } from './event.js';
import { execution } from './execution.js';
import { firing } from './firing.js';
import { followup } from './followup.js';
import { functionRun } from './function.js';
import { investment } from './investment.js';
import { nda } from './nda.js';
import { operation } from './operation.js';
import { production } from './production.js';
import { pursuit } from './pursuit.js';
import { schedule } from './schedule.js';
import { signal } from './signal.js';
import { sla } from './sla.js';
import { spotlight } from './spotlight.js';
import { task } from './task.js';
import { trial } from './trial.js';

/** Every lifecycle by its name. */
export const catalogue: Readonly<Record<string, ReturnType<typeof defineLifecycle>>> = {
  investment,
  production,
  nda,
  signal,
  candidate,
  pursuit,
  sla,
  spotlight,
  bulk,
  operation,
  trial,
  drip,
  event,
  firing,
  schedule,
  followup,
  execution,
  task,
  function: functionRun,
};
