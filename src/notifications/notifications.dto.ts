import { IsBoolean, IsIn } from 'class-validator';
import { PageQuery } from '../platform/paging.js';
import { MayBeAbsent } from '../platform/validation.js';

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
