import { IsBoolean, IsIn, Matches, ValidateIf } from 'class-validator';
import { PageQuery } from '../platform/paging.js';
import { MayBeAbsent } from '../platform/validation.js';
import { CHANNELS, type Channel } from './templates.js';

/** Query of `GET /api/notifications`. */
export class ListNotifications extends PageQuery {
  /** `false` shows what has not been read yet. */
  @MayBeAbsent() @IsIn(['true', 'false']) read?: string;
}

/** Body of `PUT /api/notifications/:id`. */
export class MarkNotification {
  @IsBoolean() read!: boolean;
}

/** Body of `PUT /api/notifications/preferences/:type/:channel`. */
export class ChangePreference {
  /** False: messages of this type are no longer sent by this channel. */
  @IsBoolean() enabled!: boolean;
}

/** A message in the app (R000-86). */
export class NotificationView {
  id!: string;
  user_id!: string;
  type!: string;
  priority!: string;
  subject!: string;
  body!: string;
  data!: object;
  read!: boolean;
  created_at!: string;
}

/** One page of messages, newest first. */
export class NotificationPage {
  data!: NotificationView[];
  nextCursor!: string | null;
}

/** The field may be null, which is also what leaving it out means. */
const OrNull = (): PropertyDecorator => ValidateIf((_, value) => value !== null && value !== undefined);

/** How the caller can be reached besides mail. */
export class Contact {
  /** E.164; gets what is urgent as a text message. */
  @OrNull() @Matches(/^\+[1-9]\d{6,14}$/, { message: 'phone must be like +15551234567' }) phone: string | null = null;
  /** The device that push messages go to. */
  @OrNull() @Matches(/^[\x21-\x7e]{1,512}$/) pushToken: string | null = null;
  /** How amounts and dates are written, such as `en-US` or `de-AT`. */
  @OrNull() @Matches(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/) locale: string | null = null;
}

/** What the delivery log can be asked for. */
export interface DeliveryFilter {
  channel?: Channel;
  status?: string;
  recipientId?: string;
}

/** Query of `GET /admin/notifications/deliveries`. */
export class ListDeliveries extends PageQuery implements DeliveryFilter {
  @MayBeAbsent() @IsIn(CHANNELS) channel?: Channel;
  @MayBeAbsent() @IsIn(['delivered', 'retrying', 'failed']) status?: string;
  @MayBeAbsent() @Matches(/^[A-Za-z0-9_.:-]{1,128}$/) recipientId?: string;
}

/** How the last attempt to deliver a message by a channel ended. */
export class DeliveryView {
  messageId!: string;
  channel!: string;
  recipientId!: string;
  status!: string;
  /** Why it failed for good; `NOT_CONFIGURED` where the channel has no provider. */
  code!: string | null;
  reason!: string | null;
  /** The provider's id of the message. */
  providerId!: string | null;
  at!: string;
}

/** One page of the delivery log, newest first. */
export class DeliveryPage {
  data!: DeliveryView[];
  nextCursor!: string | null;
}
