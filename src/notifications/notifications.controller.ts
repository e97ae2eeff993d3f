import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Roles } from '../auth/auth.guard.js';
import { Database } from '../platform/database.js';
import { refuse } from '../platform/errors.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../platform/paging.js';
import { Settings } from '../platform/settings.js';
import { NotificationSettings } from './notification.settings.dto.js';
import { contactOf, putContact } from './contacts.js';
import {
  ChangePreference,
  Contact,
  ListNotifications,
  MarkNotification,
  NotificationPage,
  type NotificationView,
} from './notifications.dto.js';
import { CHANNELS } from './templates.js';

/** What the caller has been told. */
@ApiTags('notifications')
@Controller()
export class NotificationsController {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  /** The caller's messages, newest first. */
  @Get('api/notifications')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor, read }: ListNotifications,
  ): Promise<NotificationPage> {
    const after = decodeCursor(cursor, { createdAt: 'time', id: 'id' });
    const data = await this.database.transaction(caller.tenant, (tx) =>
      tx.query<NotificationView>(
        // To the microsecond: the next page begins exactly behind this one.
        `select id, user_id, type, priority, subject, body, data, read,
                to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at
           from notifications.messages
          where tenant = engine.tenant() and user_id = any($1) and ($2::boolean is null or read = $2)
            and ($3::timestamptz is null or (created_at, id) < ($3, $4))
          order by notifications.messages.created_at desc, id desc limit $5`,
        [
          mailboxes(caller),
          read === undefined ? null : read === 'true',
          after?.createdAt ?? null,
          after?.id ?? null,
          limit,
        ],
      ),
    );
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ createdAt: last.created_at, id: last.id }) : null };
  }

  /** Marks a message as read, or as unread again. */
  @Put('api/notifications/:id')
  @ApiProblems('NOT_FOUND')
  async mark(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { read }: MarkNotification,
  ): Promise<{ id: string; read: boolean }> {
    const marked = await this.database.transaction(caller.tenant, (tx) =>
      tx.run(
        `update notifications.messages set read = $3 where tenant = engine.tenant() and id = $1 and user_id = any($2)`,
        [id, mailboxes(caller), read],
      ),
    );
    if (marked === 0) throw refuse('NOT_FOUND');
    return { id, read };
  }

  /** How the caller can be reached besides mail. */
  @Get('api/notifications/contact')
  contact(@CurrentCaller() caller: Caller): Promise<Contact> {
    return this.database.transaction(caller.tenant, (tx) => contactOf(tx, caller.userId));
  }

  /** Replaces how the caller can be reached; what is left out is forgotten. */
  @Put('api/notifications/contact')
  async changeContact(@CurrentCaller() caller: Caller, @Body() contact: Contact): Promise<Contact> {
    await this.database.transaction(caller.tenant, (tx) => putContact(tx, caller.userId, contact));
    return contact;
  }

  /** Switches a type of message on or off in one channel. */
  @Put('api/notifications/preferences/:type/:channel')
  async prefer(
    @CurrentCaller() caller: Caller,
    @Param('type') type: string,
    @Param('channel') channel: string,
    @Body() { enabled }: ChangePreference,
  ): Promise<{ type: string; channel: string; enabled: boolean }> {
    if (!CHANNELS.some((name) => name === channel))
      throw refuse('WF006', { detail: `A channel is one of: ${CHANNELS.join(', ')}.` });
    await this.database.transaction(caller.tenant, (tx) =>
      tx.run(
        `insert into notifications.preferences (tenant, user_id, type, channel, enabled) values (engine.tenant(), $1, $2, $3, $4)
         on conflict (tenant, user_id, type, channel) do update set enabled = excluded.enabled`,
        [caller.userId, type, channel, enabled],
      ),
    );
    return { type, channel, enabled };
  }

  /** What the tenant has set for notifications, defaults included. */
  @Get('admin/settings/notifications')
  @Roles('admin')
  settingsOf(@CurrentCaller() caller: Caller): Promise<NotificationSettings> {
    return this.database.transaction(caller.tenant, (tx) =>
      this.settings.read(tx, 'notifications', NotificationSettings),
    );
  }

  /** Changes the named settings; null takes the default back. */
  @Put('admin/settings/notifications')
  @Roles('admin')
  change(@CurrentCaller() caller: Caller, @Body() changes: object): Promise<NotificationSettings> {
    return this.database.transaction(caller.tenant, (tx) =>
      this.settings.write(tx, 'notifications', NotificationSettings, changes, caller.userId),
    );
  }
}

/** A user's own messages, and those of the teams he belongs to. */
const mailboxes = ({ userId, roles }: Caller): string[] => [
  userId,
  ...(roles.includes('legal') ? ['legal-team'] : []),
  ...(roles.includes('sales') ? ['sales-team'] : []),
];
