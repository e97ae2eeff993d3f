import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Config } from './config.js';
import { refuse } from './errors.js';
import { HealthAnswer } from './health.dto.js';
import { Health, type HealthReport } from './health.js';
import { Metrics } from './metrics.js';
import { ApiProblems } from './openapi.problems.js';
import { Public } from './public.js';
import { VERSION } from './version.js';

/** For load balancers, orchestrators and Prometheus; asks for no credential and tells nothing about tenants. */
@Public()
@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(
    private readonly config: Config,
    private readonly health: Health,
    private readonly metrics: Metrics,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What is here, and where to go on' })
  home(): { service: string; version: string; docs: string; openapi: string; health: string } {
    return {
      service: 'statewright',
      version: VERSION,
      docs: '/api/docs',
      openapi: '/api/openapi.json',
      health: '/health/ready',
    };
  }

  @Get('health')
  @ApiOperation({ summary: 'Which service this is (R000-23)' })
  healthy(): HealthAnswer {
    return { status: 'healthy', timestamp: new Date().toISOString(), version: VERSION, environment: this.config.mode };
  }

  @Get('health/live')
  @ApiOperation({ summary: 'Whether the process runs; restart it when this does not answer' })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('healthz')
  @ApiOperation({ summary: 'Whether the process runs, for clients of the workstream (R001-82)' })
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('api/health')
  @ApiOperation({ summary: 'Whether the API can reach its database (R001-82)' })
  @ApiProblems('NOT_READY')
  async connected(): Promise<{ status: 'ok'; database: HealthReport }> {
    const { database } = await this.health.report();
    insist({ database });
    return { status: 'ok', database };
  }

  @Get('health/ready')
  @ApiOperation({ summary: 'Whether the process can do its work; send it no requests while it cannot' })
  @ApiProblems('NOT_READY')
  async ready(): Promise<{ status: 'ready'; checks: Record<string, HealthReport> }> {
    const checks = await this.health.report();
    insist(checks);
    return { status: 'ready', checks };
  }

  @Get('metrics')
  @ApiOperation({ summary: 'Figures for Prometheus' })
  @ApiProduces('text/plain')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  figures(): Promise<string> {
    return this.metrics.text();
  }
}

/** @throws NOT_READY, naming the checks that fail */
function insist(checks: Readonly<Record<string, HealthReport>>): void {
  const failing = Object.entries(checks).filter(([, { ok }]) => !ok);
  if (failing.length === 0) return;
  throw refuse('NOT_READY', {
    retryAfter: 1,
    errors: failing.map(([field, { reason }]) => ({ field, message: String(reason ?? 'not ready') })),
  });
}
