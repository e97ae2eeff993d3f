import type { Tx } from '../platform/database.js';
import type { Contact } from './notifications.dto.js';

/** How a user can be reached besides mail; everything is null until he says so. */
export const contactOf = async (tx: Tx, userId: string): Promise<Contact> =>
  (await tx.one<Contact>(
    `select phone, push_token as "pushToken", locale from notifications.contacts where tenant = engine.tenant() and user_id = $1`,
    [userId],
  )) ?? { phone: null, pushToken: null, locale: null };

/** Replaces what is known about a user. */
export const putContact = (tx: Tx, userId: string, { phone, pushToken, locale }: Contact): Promise<number> =>
  tx.run(
    `insert into notifications.contacts (tenant, user_id, phone, push_token, locale) values (engine.tenant(), $1, $2, $3, $4)
     on conflict (tenant, user_id) do update
        set phone = excluded.phone, push_token = excluded.push_token, locale = excluded.locale`,
    [userId, phone, pushToken, locale],
  );
