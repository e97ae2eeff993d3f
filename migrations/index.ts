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
import { Advance1700000000100 } from './1700000000100-advance.js';
import { WorkCalls1700000000115 } from './1700000000115-work-calls.js';
import { Steps1700000000116 } from './1700000000116-steps.js';
import { Starts1700000000117 } from './1700000000117-starts.js';
import { Forces1700000000118 } from './1700000000118-forces.js';
import { Production1700000000130 } from './1700000000130-production.js';
import { Letters1700000000131 } from './1700000000131-letters.js';
import { ProductionViews1700000000132 } from './1700000000132-production-views.js';
import { Ndas1700000000150 } from './1700000000150-ndas.js';
import { NdaFigures1700000000151 } from './1700000000151-nda-figures.js';
import { Pace1700000000160 } from './1700000000160-pace.js';
import { Workstream1700000000200 } from './1700000000200-workstream.js';
import { Clusters1700000000201 } from './1700000000201-clusters.js';
import { App1700000000202 } from './1700000000202-app.js';
import { Imports1700000000203 } from './1700000000203-imports.js';
import { Sla1700000000220 } from './1700000000220-sla.js';
import { Spotlights1700000000225 } from './1700000000225-spotlights.js';
import { Waiting1700000000230 } from './1700000000230-waiting.js';
import { Today1700000000235 } from './1700000000235-today.js';
import { Proposals1700000000240 } from './1700000000240-proposals.js';
import { Figures1700000000241 } from './1700000000241-figures.js';
import { Catalogs1700000000242 } from './1700000000242-catalogs.js';
import { Screening1700000000243 } from './1700000000243-screening.js';
import { Faces1700000000244 } from './1700000000244-faces.js';
import { Automation1700000000250 } from './1700000000250-automation.js';
import { AutomationRetention1700000000251 } from './1700000000251-automation-retention.js';
import { Hearing1700000000252 } from './1700000000252-hearing.js';
import { ImportRows1700000000253 } from './1700000000253-import-rows.js';
import { Workflows1700000000260 } from './1700000000260-workflows.js';
import { Library1700000000261 } from './1700000000261-library.js';
import { WorkflowSchedules1700000000262 } from './1700000000262-workflow-schedules.js';
import { Patterns1700000000270 } from './1700000000270-patterns.js';
import { Integrations1700000000274 } from './1700000000274-integrations.js';
import { PatternUsers1700000000273 } from './1700000000273-pattern-users.js';
import { PatternWorkflows1700000000271 } from './1700000000271-pattern-workflows.js';
import { Events1700000000300 } from './1700000000300-events.js';
import { EventCalls1700000000301 } from './1700000000301-event-calls.js';
import { EventWebhooks1700000000303 } from './1700000000303-event-webhooks.js';
import { Usage1700000000304 } from './1700000000304-usage.js';
import { Charging1700000000305 } from './1700000000305-charging.js';
import { WebhookLines1700000000306 } from './1700000000306-webhook-lines.js';
import { EventViews1700000000309 } from './1700000000309-event-views.js';
import { EventSteps1700000000310 } from './1700000000310-event-steps.js';
import { EventShards1700000000311 } from './1700000000311-event-shards.js';
import { Tasks1700000000320 } from './1700000000320-tasks.js';
import { Functions1700000000340 } from './1700000000340-functions.js';
import { FunctionEvents1700000000341 } from './1700000000341-function-events.js';
import { FunctionTasks1700000000342 } from './1700000000342-function-tasks.js';
import { FunctionSecrets1700000000343 } from './1700000000343-function-secrets.js';
import { FunctionFaces1700000000344 } from './1700000000344-function-faces.js';
import { Workers1700000000345 } from './1700000000345-workers.js';
import { FunctionFeed1700000000346 } from './1700000000346-function-feed.js';
import { InnerDocuments1700000000350 } from './1700000000350-inner-documents.js';
import { SettingsRequests1700000000351 } from './1700000000351-settings-requests.js';
import { DeadTimers1700000000352 } from './1700000000352-dead-timers.js';
import { Bulk1700000000357 } from './1700000000357-bulk.js';
import { Trials1700000000358 } from './1700000000358-trials.js';

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
  Advance1700000000100,
  WorkCalls1700000000115,
  Steps1700000000116,
  Starts1700000000117,
  Forces1700000000118,
  Production1700000000130,
  Letters1700000000131,
  ProductionViews1700000000132,
  Ndas1700000000150,
  NdaFigures1700000000151,
  Pace1700000000160,
  Workstream1700000000200,
  Clusters1700000000201,
  App1700000000202,
  Imports1700000000203,
  Sla1700000000220,
  Spotlights1700000000225,
  Waiting1700000000230,
  Today1700000000235,
  Proposals1700000000240,
  Figures1700000000241,
  Catalogs1700000000242,
  Screening1700000000243,
  Faces1700000000244,
  Automation1700000000250,
  AutomationRetention1700000000251,
  Hearing1700000000252,
  ImportRows1700000000253,
  Workflows1700000000260,
  Library1700000000261,
  WorkflowSchedules1700000000262,
  Patterns1700000000270,
  PatternWorkflows1700000000271,
  PatternUsers1700000000273,
  Integrations1700000000274,
  Events1700000000300,
  EventCalls1700000000301,
  EventWebhooks1700000000303,
  Usage1700000000304,
  Charging1700000000305,
  WebhookLines1700000000306,
  EventViews1700000000309,
  EventSteps1700000000310,
  EventShards1700000000311,
  Tasks1700000000320,
  Functions1700000000340,
  FunctionEvents1700000000341,
  FunctionTasks1700000000342,
  FunctionSecrets1700000000343,
  FunctionFaces1700000000344,
  Workers1700000000345,
  FunctionFeed1700000000346,
  InnerDocuments1700000000350,
  SettingsRequests1700000000351,
  DeadTimers1700000000352,
  Bulk1700000000357,
  Trials1700000000358,
];
