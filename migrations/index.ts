import { Platform1700000000010 } from './1700000000010-platform.js';
import { Auth1700000000020 } from './1700000000020-auth.js';
import { Instances1700000000030 } from './1700000000030-instances.js';
import { Work1700000000040 } from './1700000000040-work.js';
import { Record1700000000045 } from './1700000000045-record.js';
import { Views1700000000050 } from './1700000000050-views.js';
import { Deals1700000000060 } from './1700000000060-deals.js';
import { Notifications1700000000065 } from './1700000000065-notifications.js';
import { Reconciliation1700000000070 } from './1700000000070-reconciliation.js';
import { Documents1700000000080 } from './1700000000080-documents.js';
import { Channels1700000000085 } from './1700000000085-channels.js';
import { Webhooks1700000000075 } from './1700000000075-webhooks.js';
import { Checkpoints1700000000090 } from './1700000000090-checkpoints.js';

/** Every migration, in the order in which they run. */
export const migrations = [
  Platform1700000000010,
  Auth1700000000020,
  Instances1700000000030,
  Work1700000000040,
  Record1700000000045,
  Views1700000000050,
  Deals1700000000060,
  Notifications1700000000065,
  Reconciliation1700000000070,
  Documents1700000000080,
  Channels1700000000085,
  Webhooks1700000000075,
  Checkpoints1700000000090,
];
