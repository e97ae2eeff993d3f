import { Controller, Get } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { CallWebhook } from './call.webhook.js';

/** Answer of `GET /api/automation/webhook-secrets`. */
export class WebhookSecrets {
  /** The newest first; a signature by any of them is ours. */
  @ApiProperty({ type: [String] }) secrets!: string[];
}

/** What receivers of webhooks need to know. */
@ApiTags('automation')
@Roles('admin')
@Controller('api/automation/webhook-secrets')
export class WebhookController {
  constructor(private readonly webhooks: CallWebhook) {}

  /** The secrets with which the bodies of this tenant's webhooks are signed. */
  @Get()
  secrets(@CurrentCaller() { tenant }: Caller): WebhookSecrets {
    return { secrets: this.webhooks.secrets(tenant) };
  }
}
