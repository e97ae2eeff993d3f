import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { decodeCursor, encodeCursor } from '../../platform/paging.js';
import { READERS } from '../roles.js';
import { listJobs } from './jobs.js';
import { JobPage, ListJobs, ListLogs, LogPage } from './log.dto.js';
import { listLogs } from './logs.js';

/** What rules have done, and why (R001-77). */
@ApiTags('automation')
@Roles(...READERS)
@Controller('api/automation')
export class LogsController {
  constructor(private readonly database: Database) {}

  /** How rules took events and how their jobs ended, newest first. */
  @Get('logs')
  async logs(@CurrentCaller() { tenant }: Caller, @Query() { limit, cursor, ...filter }: ListLogs): Promise<LogPage> {
    const before = positionOf(cursor);
    const data = await this.database.transaction(tenant, (tx) => listLogs(tx, filter, before, limit));
    return { data, nextCursor: nextOf(data.length === limit ? data.at(-1)?.log_id : undefined) };
  }

  /** The actions that rules have asked for and how far they are, newest first. */
  @Get('jobs')
  async jobs(@CurrentCaller() { tenant }: Caller, @Query() { limit, cursor, ...filter }: ListJobs): Promise<JobPage> {
    const before = positionOf(cursor);
    const data = await this.database.transaction(tenant, (tx) => listJobs(tx, filter, before, limit));
    return { data, nextCursor: nextOf(data.length === limit ? data.at(-1)?.job_id : undefined) };
  }
}

function positionOf(cursor: string | undefined): number | null {
  const row = decodeCursor(cursor, { id: 'number' });
  return row && Number(row.id);
}

const nextOf = (id: number | undefined): string | null => (id === undefined ? null : encodeCursor({ id: String(id) }));
