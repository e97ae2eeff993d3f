import type { Environment } from './environment.js';
import type { SandboxSecrets } from './sandbox.secrets.js';

/** How Stripe is reached and its webhooks verified. */
export interface StripeConfig {
  readonly secretKey: string;
  /** Any of them may have signed a webhook, so that they can be rotated. */
  readonly webhookSecrets: readonly string[];
  /** Undefined: Stripe itself. */
  readonly apiBase: string | undefined;
}

/** How DocuSign is reached and its webhooks verified. */
export interface DocusignConfig {
  readonly integrationKey: string;
  readonly userId: string;
  readonly accountId: string;
  /** PEM, RSA. */
  readonly privateKey: string;
  /** `https://…/restapi`. */
  readonly basePath: string;
  /** `https://account…`. */
  readonly oauthBase: string;
  readonly webhookSecrets: readonly string[];
}

/** Stripe as configured, else the local stand-in, else undefined. A half-configured provider is a problem. */
export function stripe(
  env: Environment,
  made: SandboxSecrets | undefined,
  standIn: string | undefined,
): StripeConfig | undefined {
  const apiBase = env.address('STRIPE_API_BASE', ['https', 'http']);
  const secrets = env.list('STRIPE_WEBHOOK_SECRET');
  const standInBase = apiBase ?? standIn;
  if (env.text('STRIPE_SECRET_KEY') === undefined && made) {
    return standInBase === undefined
      ? undefined
      : {
          secretKey: 'sk_test_sandbox',
          webhookSecrets: [...secrets, made.stripeWebhookSecret],
          apiBase: standInBase,
        };
  }
  if (!some(env, 'STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET')) return undefined;
  return {
    secretKey: env.needed('STRIPE_SECRET_KEY', 'to use Stripe'),
    webhookSecrets: needList(env, secrets, 'STRIPE_WEBHOOK_SECRET', 'to tell Stripe’s webhooks from others'),
    apiBase,
  };
}

/** DocuSign as configured, else the local stand-in, else undefined. */
export function docusign(
  env: Environment,
  made: SandboxSecrets | undefined,
  standIn: string | undefined,
): DocusignConfig | undefined {
  // R000-11: the older name counts where the newer one is not set.
  const secrets =
    [env.list('DOCUSIGN_WEBHOOK_SECRET'), env.list('WEBHOOK_SECRET')].find((list) => list.length > 0) ?? [];
  const basePath = env.address('DOCUSIGN_BASE_PATH', ['https', 'http']);
  const oauthBase = env.address('DOCUSIGN_OAUTH_BASE', ['https', 'http']);
  if (env.text('DOCUSIGN_INTEGRATION_KEY') === undefined && made) {
    if (standIn === undefined) return undefined;
    return {
      integrationKey: made.docusignIntegrationKey,
      userId: made.docusignUserId,
      accountId: made.docusignAccountId,
      privateKey: made.docusignPrivateKey,
      basePath: basePath ?? `${standIn}/restapi`,
      oauthBase: oauthBase ?? standIn,
      webhookSecrets: [...secrets, made.docusignWebhookSecret],
    };
  }
  const names = [
    'DOCUSIGN_INTEGRATION_KEY',
    'DOCUSIGN_USER_ID',
    'DOCUSIGN_ACCOUNT_ID',
    'DOCUSIGN_PRIVATE_KEY',
    'DOCUSIGN_WEBHOOK_SECRET',
  ];
  if (!some(env, ...names)) return undefined;
  const needed = (name: string) => env.needed(name, 'to use DocuSign');
  return {
    integrationKey: needed('DOCUSIGN_INTEGRATION_KEY'),
    userId: needed('DOCUSIGN_USER_ID'),
    accountId: needed('DOCUSIGN_ACCOUNT_ID'),
    // Many places that keep variables cannot keep line breaks.
    privateKey: needed('DOCUSIGN_PRIVATE_KEY').replaceAll('\\n', '\n'),
    basePath: basePath ?? needed('DOCUSIGN_BASE_PATH'),
    oauthBase: oauthBase ?? needed('DOCUSIGN_OAUTH_BASE'),
    webhookSecrets: needList(env, secrets, 'DOCUSIGN_WEBHOOK_SECRET', 'to tell DocuSign’s webhooks from others'),
  };
}

const some = (env: Environment, ...names: string[]): boolean => names.some((name) => env.text(name) !== undefined);

function needList(env: Environment, list: string[], name: string, because: string): string[] {
  if (list.length === 0) env.needed(name, because);
  return list;
}
