import type { Environment } from './environment.js';

/** A secret that speaks for an account. */
export interface AccountSecret {
  readonly tenant: string;
  readonly secret: string;
}

const SHORTEST_SECRET = 16;
const ACCOUNT = /^([a-z0-9][a-z0-9_-]{0,62}):(.+)$/;

/** Who sends messages of Payload CMS (R002-20). A secret is one account's: it alone says whose a message is. @param first whose secret WEBHOOK_SECRET is */
export function payloadAccounts(env: Environment, first: string): AccountSecret[] {
  const given = env.list('PAYLOAD_WEBHOOK_SECRETS');
  // The name of the original service, which has one account.
  if (given.length === 0) return env.list('WEBHOOK_SECRET').map((secret) => ({ tenant: first, secret }));
  const accounts = given.flatMap((text) => {
    const [, tenant, secret = ''] = ACCOUNT.exec(text) ?? [];
    return tenant === undefined || secret.length < SHORTEST_SECRET ? [] : [{ tenant, secret }];
  });
  const secrets = new Set(accounts.map(({ secret }) => secret));
  if (accounts.length < given.length || secrets.size < accounts.length)
    env.problems.push(
      `PAYLOAD_WEBHOOK_SECRETS must be <account>:<secret> with commas between them, each secret of one account and of at least ${SHORTEST_SECRET} characters.`,
    );
  return accounts;
}
