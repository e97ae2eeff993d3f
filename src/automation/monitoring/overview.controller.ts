import { Controller, Get } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { VERSION } from '../../platform/version.js';
import { READERS } from '../roles.js';

/** Where everything is. */
export class OverviewEndpoints {
  @ApiProperty() ingestion!: string;
  @ApiProperty() patterns!: string;
  @ApiProperty() workflows!: string;
  @ApiProperty() monitoring!: string;
}

/** Answer of `GET /api/automation`. */
export class AutomationOverview {
  @ApiProperty() name!: string;
  @ApiProperty() version!: string;
  @ApiProperty() status!: string;
  @ApiProperty({ type: () => OverviewEndpoints }) endpoints!: OverviewEndpoints;
}

/** What this part of the service is called, and where its parts are (R002-14). */
@ApiTags('workflows')
@Roles(...READERS)
@Controller('api/automation')
export class AutomationOverviewController {
  /** Name, version and addresses. */
  @Get()
  overview(): AutomationOverview {
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
