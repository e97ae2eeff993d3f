import { Injectable } from '@nestjs/common';
import { IsEmail, IsString, MaxLength, MinLength } from 'class-validator';
import type { Action } from '../../actions/action.js';
import { EmailClient } from '../../integrations/email/email.client.js';

/** Parameters of `comms.send_email`. */
export class SendEmailParams {
  /** One address. */
  @IsEmail() @MaxLength(254) to!: string;
  @IsString() @MinLength(1) @MaxLength(200) subject!: string;
  @IsString() @MinLength(1) @MaxLength(10_000) body!: string;
}

/** Mails somebody. The same job is the same letter, however often it is tried. */
@Injectable()
export class SendEmail {
  constructor(private readonly email: EmailClient) {}

  readonly action: Action<SendEmailParams> = {
    type: 'comms.send_email',
    title: 'Send an e-mail',
    kind: 'email',
    permission: 'comms.send',
    Params: SendEmailParams,
    // Line breaks in what fills a hole cannot make headers of their own.
    run: ({ to, subject, body }, run) =>
      this.email.send({ to, subject: subject.replaceAll(/\s+/g, ' ').trim(), text: body }, run),
  };
}
