import { ArrayMaxSize, IsArray, IsEmail } from 'class-validator';

/** What a tenant may set for notifications. */
export class NotificationSettings {
  /** Who reads mail to the legal team; its messages are in the app in any case. */
  @IsArray() @ArrayMaxSize(20) @IsEmail({}, { each: true }) legalTeamEmails: string[] = [];
  /** Who reads mail to the sales team; its messages are in the app in any case. */
  @IsArray() @ArrayMaxSize(20) @IsEmail({}, { each: true }) salesTeamEmails: string[] = [];
}
