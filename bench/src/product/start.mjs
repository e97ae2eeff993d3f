import { randomBytes } from 'node:crypto';
import { Helper } from '../processes.mjs';
import { query } from '../postgres.mjs';
import { NOTE } from './order.mjs';
import { copyRows } from './seed.mjs';

/** Enough that an event finds a quiet instance, as it does in a business. */
export const INSTANCES = 10_000;

const secrets = {
  BOOTSTRAP_ADMIN_KEY: `sw_${randomBytes(24).toString('base64url')}`,
  JWT_SECRET: randomBytes(32).toString('base64url'),
  ENCRYPTION_KEY: randomBytes(32).toString('base64'),
};

const authorization = `Bearer ${secrets.BOOTSTRAP_ADMIN_KEY}`;

/**
 * Starts a process of the product with production's rules. Only the limit on requests of one user is out of the way, because the
 * load generator is one user; it is still counted.
 * @param {string} databaseUrl @param {'api' | 'worker' | 'all'} role @param {import('../processes.mjs').Cleanup} cleanup
 */
export function startProduct(databaseUrl, role, cleanup) {
  const service = new Helper('product/service.mjs', {
    ...secrets,
    DATABASE_URL: databaseUrl,
    STATEWRIGHT_MODE: 'production',
    STATEWRIGHT_ROLE: role,
    RATE_LIMIT_PER_SECOND: '1000000',
    NODE_ENV: 'production',
  });
  cleanup.add(() => service.stop());
  return service;
}

/** Makes so many orders of one that was started through the door; answers their ids. */
export async function seedOrders(service, databaseUrl, prefix, count = INSTANCES) {
  const first = await service.call('begin', 'bench-order', { orderId: 'order_0' });
  const id = `'wf_${prefix}' || n`;
  await Promise.all([
    copyRows(databaseUrl, 'engine.instances', `id = '${first}'`, count, {
      id,
      parties: `jsonb_build_object('buyer', 'buyer_' || n)`,
      keys: `jsonb_build_object('order', 'order_' || n)`,
    }),
    copyRows(databaseUrl, 'engine.history', `instance_id = '${first}'`, count, { instance_id: id }),
  ]);
  await query(databaseUrl, 'analyze engine.instances, engine.history');
  return Array.from({ length: count }, (_, n) => `wf_${prefix}${n + 1}`);
}

/** What the load generator asks of the service: an event for any of these orders. */
export const orderTarget = (origin, ids) => ({
  origin,
  paths: ids.map((id) => `/api/instances/${id}/events`),
  headers: { authorization, 'content-type': 'application/json' },
  body: JSON.stringify({ type: 'advance', payload: { note: NOTE } }),
  keyed: true,
});
