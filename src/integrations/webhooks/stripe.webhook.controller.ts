import { Controller, Headers, HttpCode, Post, Req, type RawBodyRequest } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Stripe } from 'stripe';
import { InboxIntake } from '../../engine/inbox.intake.js';
import { Config } from '../../platform/config.js';
import { refuse } from '../../platform/errors.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { Public } from '../../platform/public.js';
import { Received } from './received.dto.js';

/** Takes Stripe's events in (R000-79, R000-85). What they mean is decided afterwards. */
@ApiTags('webhooks')
@Public()
@Controller('webhooks/stripe')
export class StripeWebhookController {
  constructor(
    private readonly config: Config,
    private readonly intake: InboxIntake,
  ) {}

  /** @throws WEBHOOK_SIGNATURE */
  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'An event of Stripe; answered once it is kept' })
  @ApiOkResponse({ type: Received })
  @ApiProblems('WEBHOOK_SIGNATURE')
  async receive(
    @Req() { rawBody }: RawBodyRequest<FastifyRequest>,
    @Headers('stripe-signature') signature = '',
  ): Promise<Received> {
    const body = rawBody?.toString('utf8') ?? '';
    const { id: providerEventId, type } = verified(body, signature, this.config.stripe?.webhookSecrets ?? []);
    await this.intake.accept('stripe', { providerEventId, type, body, headers: { 'stripe-signature': signature } });
    return { received: true };
  }
}

/** The event, if one of the secrets signed it, not more than five minutes ago. */
function verified(body: string, signature: string, secrets: readonly string[]): Stripe.Event {
  for (const secret of secrets) {
    try {
      return Stripe.webhooks.constructEvent(body, signature, secret);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
    }
  }
  throw refuse('WEBHOOK_SIGNATURE');
}
