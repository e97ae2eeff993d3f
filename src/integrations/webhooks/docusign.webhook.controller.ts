import { Controller, HttpCode, Post, Req, type RawBodyRequest } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { InboxIntake } from '../../engine/inbox.intake.js';
import { Config } from '../../platform/config.js';
import { refuse } from '../../platform/errors.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { Public } from '../../platform/public.js';
import { messageIdOf, readMessage } from './docusign.message.js';
import { isSignedByDocusign } from './docusign.signature.js';
import { Received } from './received.dto.js';

/** Takes the messages of DocuSign Connect in (R000-82, R000-85). What they mean is decided afterwards. */
@ApiTags('webhooks')
@Public()
@Controller('webhooks/docusign')
export class DocusignWebhookController {
  constructor(
    private readonly config: Config,
    private readonly intake: InboxIntake,
  ) {}

  /** @throws WEBHOOK_SIGNATURE; WF006 for a signed body that is no Connect message */
  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'A message of DocuSign Connect; answered once it is kept' })
  @ApiOkResponse({ type: Received })
  @ApiProblems('WEBHOOK_SIGNATURE', 'WF006')
  async receive(@Req() { rawBody = Buffer.alloc(0), headers }: RawBodyRequest<FastifyRequest>): Promise<Received> {
    if (!isSignedByDocusign(rawBody, headers, this.config.docusign?.webhookSecrets ?? []))
      throw refuse('WEBHOOK_SIGNATURE');
    const body = rawBody.toString('utf8');
    const message = readMessage(body);
    if (!message) throw refuse('WF006', { detail: 'The body is no message of DocuSign Connect.' });
    await this.intake.accept('docusign', {
      providerEventId: messageIdOf(message),
      type: message.event,
      body,
      headers: {},
    });
    return { received: true };
  }
}
