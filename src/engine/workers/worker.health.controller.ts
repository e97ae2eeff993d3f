import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { refuse } from '../../platform/errors.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { Public } from '../../platform/public.js';
import { Pulse, PULSE_MS } from './pulse.js';

/** Without a worker that works the answer is 503, with the figures and `health: unhealthy`. */
const STATUSES = ['healthy', 'degraded'] as const;

/** How the workers are, all processes together. Counts since each has started. */
export class WorkerHealth {
  @ApiProperty({ enum: STATUSES }) status!: (typeof STATUSES)[number];
  workerCount!: number;
  healthyWorkers!: number;
  /** At capacity, or with an error in the last five minutes. */
  degradedWorkers!: number;
  /** Not heard of for 15 seconds. */
  unhealthyWorkers!: number;
  /** Attempts of effects that have ended. */
  eventsProcessed!: number;
  eventsSucceeded!: number;
  /** Those that are tried again are among them. */
  eventsFailed!: number;
  activeEvents!: number;
  timestamp!: string;
}

/** Whether anybody works off what is written down; tells nothing about tenants. */
@Public()
@ApiTags('operations')
@Controller('api/health/worker')
export class WorkerHealthController {
  constructor(private readonly pulse: Pulse) {}

  @Get()
  @ApiOperation({ summary: 'How the workers of all processes are; 503 when none of them works (R004-58)' })
  @ApiProblems('NOT_READY')
  async health(): Promise<WorkerHealth> {
    const { workers, healthy, degraded, unhealthy, processed, succeeded, failed, active } = await this.pulse.fleet();
    const figures = {
      workerCount: workers,
      healthyWorkers: healthy,
      degradedWorkers: degraded,
      unhealthyWorkers: unhealthy,
      eventsProcessed: processed,
      eventsSucceeded: succeeded,
      eventsFailed: failed,
      activeEvents: active,
      timestamp: new Date().toISOString(),
    };
    if (healthy + degraded === 0)
      throw refuse('NOT_READY', {
        detail: 'No worker works: effects, timers and messages of providers wait.',
        retryAfter: PULSE_MS / 1_000,
        members: { health: 'unhealthy', ...figures },
      });
    return { status: degraded + unhealthy > 0 ? 'degraded' : 'healthy', ...figures };
  }
}
