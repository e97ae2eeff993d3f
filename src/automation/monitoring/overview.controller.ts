import { Controller, Get } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { VERSION } from '../../platform/version.js';
import { READERS } from '../roles.js';

/** Where everything is. */
export class OverviewEndpoints {
  ingestion!: string;
  patterns!: string;
  workflows!: string;
  monitoring!: string;
}

/** Answer of `GET /api/automation`. */
export class Overview {
  name!: string;
  version!: string;
  status!: string;
  @ApiProperty({ type: () => OverviewEndpoints }) endpoints!: OverviewEndpoints;
}

/** What this part of the service is called, and where its parts are (R002-14). */
@ApiTags('workflows')
@Roles(...READERS)
@Controller('api/automation')
export class OverviewController {
  /** Name, version and addresses. */
  @Get()
  overview(): Overview {
    return {
      name: 'Event-Driven Automation Platform',
      version: VERSION,
      status: 'healthy',
      endpoints: {
        ingestion: '/api/events',
        patterns: '/api/automation/patterns',
        workflows: '/api/automation/workflows',
        monitoring: '/api/automation/monitoring',
      },
    };
  }
}
