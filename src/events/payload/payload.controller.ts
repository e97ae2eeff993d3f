import { Controller, Headers, HttpCode, Post, Req, type RawBodyRequest } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../platform/config.js';
import { refuse } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { Public } from '../../platform/public.js';
import { Accepting } from '../intake/accepting.js';
import { accountOf, eventIn } from './message.js';

/** The event that a message has become. */
export class PayloadEventId {
  @ApiProperty() eventId!: string;
}

/** Answer of `POST /webhooks/payload`. */
export class PayloadAccepted {
  @ApiProperty() success!: boolean;
  @ApiProperty() data!: PayloadEventId;
}

/** Takes in what Payload CMS tells of its documents (R002-20). Whose it is, is told by the secret that signed it. */
@ApiTags('webhooks')
@Public()
@Controller('webhooks/payload')
export class PayloadController {
  constructor(
    private readonly config: Config,
    private readonly accepting: Accepting,
  ) {}

  /** @throws INVALID_SIGNATURE; WEBHOOK_ERROR for a signed body that is no message */
  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'A message of Payload CMS; answered once it is an event' })
  @ApiHeader({ name: 'x-payload-signature', description: 'HMAC-SHA256 of the body, hex', required: false })
  @ApiProblems('INVALID_SIGNATURE', 'WEBHOOK_ERROR', 'QUOTA_EXCEEDED')
  async receive(
    @Req() { rawBody = Buffer.alloc(0) }: RawBodyRequest<FastifyRequest>,
    @Headers('x-payload-signature') signature = '',
  ): Promise<PayloadAccepted> {
    const tenant = accountOf(rawBody, signature, this.config.payloadAccounts);
    if (tenant === undefined) throw refuse('INVALID_SIGNATURE');
    const event = eventIn(rawBody);
    if (!event) throw refuse('WEBHOOK_ERROR', { detail: 'The body is { event, doc, collection }.' });
    const { event_id, payload, metadata, correlation_id = newId('payload') } = event;
    const sent = { event_id, payload, metadata, correlation_id, timestamp: undefined, debug: null };
    const sender = { id: 'system:payload_cms', roles: [] };
    await this.accepting.take(tenant, { ...sent, sender });
    return { success: true, data: { eventId: event_id } };
  }
}
