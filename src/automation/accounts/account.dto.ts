import { ApiProperty } from '@nestjs/swagger';
import { PageMetadata } from '../envelope.js';

/** What an account may have, and what it has used since the month began (R002-7). Without limits they are null, and events are not counted. */
export class AccountView {
  /** The tenant. */
  id!: string;
  /** `free`, `starter`, `pro` or `enterprise`; null where the operator has set no limits. */
  plan!: string | null;
  email!: string | null;
  maxWorkflows!: number | null;
  maxExecutionsPerMonth!: number | null;
  maxEventsPerMonth!: number | null;
  currentWorkflows!: number;
  currentExecutions!: number;
  currentEvents!: number | null;
  /** `2026-03`, UTC. */
  month!: string;
  /** When executions and events begin anew. */
  resetsAt!: Date;
  /** When an event last came in or an execution started. */
  lastActivity!: Date | null;
}

/** Answer of `GET /api/automation/account`. */
export class AccountAnswer {
  success!: boolean;
  data!: AccountView;
}

/** What an account has used in a month that is over (R002-77). */
export class UsageReportView {
  /** `2026-03`, UTC. */
  month!: string;
  plan!: string;
  maxWorkflows!: number;
  maxExecutionsPerMonth!: number;
  maxEventsPerMonth!: number;
  /** When the report was made. */
  workflows!: number;
  /** That were started in the month. */
  executions!: number;
  /** Of these. */
  completed!: number;
  failed!: number;
  events!: number;
  createdAt!: Date;
}

/** Answer of `GET /api/automation/account/usage`. */
export class UsagePage {
  success!: boolean;
  @ApiProperty({ type: () => [UsageReportView] }) data!: UsageReportView[];
  metadata!: PageMetadata;
}
