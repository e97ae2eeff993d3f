import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** A migrated database for one test file. */
export interface TestDatabase {
  url: string;
  /** Takes it away, connections included. */
  drop(): Promise<void>;
}

/** Clones the migrated template that the run has made. */
export async function testDatabase(): Promise<TestDatabase> {
  const template = variable('STATEWRIGHT_TEST_TEMPLATE');
  const name = template.replace(/template$/, randomUUID().slice(0, 8));
  await onServer(`create database ${name} template ${template}`);
  const url = new URL(testServer());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(`drop database if exists ${name} with (force)`) };
}

/** Address of the server's maintenance database, as its owner. */
export const testServer = (): string => variable('STATEWRIGHT_TEST_SERVER');

/** Runs one statement as the server's owner. */
export async function onServer(sql: string, server = testServer()): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests with their global setup`);
  return value;
}
