import type { ClientBase } from 'pg';

/**
 * Belongs to the options of every pool. The server may say goodbye in the very bytes that greet a new connection or end an answer:
 * the pool has just stopped listening then, whoever was given the connection has not begun, and an error that nobody hears ends the process.
 * Its statement says it again to whoever uses the connection, and the pool drops it.
 */
export const heard = { onConnect: (client: ClientBase) => void client.on('error', () => undefined) };
