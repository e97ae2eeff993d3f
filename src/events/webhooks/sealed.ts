/** Address and secret of a webhook: sealed in its row, opened where they are used. */
import { seal, unseal, type SealingKey } from '../../platform/sealing.js';

interface Secrets {
  url: string;
  secret: string;
}

const placeOf = (tenant: string, id: string, name: keyof Secrets): string[] => [tenant, 'events.webhooks', id, name];

/** As they are kept. */
export const sealed = (keys: readonly SealingKey[], tenant: string, id: string, { url, secret }: Secrets): Secrets => ({
  url: seal(keys, placeOf(tenant, id, 'url'), url),
  secret: seal(keys, placeOf(tenant, id, 'secret'), secret),
});

/** As they are meant. @throws Error when a key is gone that they were sealed with */
export const opened = (
  keys: readonly SealingKey[],
  tenant: string,
  { webhook_id, url, secret }: Secrets & { webhook_id: string },
): Secrets => ({
  url: unseal(keys, placeOf(tenant, webhook_id, 'url'), url),
  secret: unseal(keys, placeOf(tenant, webhook_id, 'secret'), secret),
});
