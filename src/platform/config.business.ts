import type { Environment } from './environment.js';

/** A service that is called with a key of ours. */
export interface KeyedConfig {
  readonly apiBase: string;
  readonly key: string;
}

/** Linear, for tickets: they belong to a team. */
export interface TicketsConfig extends KeyedConfig {
  readonly teamId: string;
}

/** A language model behind the protocol of chat completions. */
export interface ModelConfig extends KeyedConfig {
  /** The model that is asked when nobody names one. */
  readonly model: string;
}

/** HubSpot as configured, else the local stand-in, else undefined. */
export const crm = (env: Environment, standIn: string | undefined): KeyedConfig | undefined =>
  keyed(env, 'HUBSPOT_API_KEY', 'HUBSPOT_API_BASE', 'https://api.hubapi.com', standIn && `${standIn}/hubspot`);

/** Resend as configured; its stand-in has to be asked for, because mail has one already. */
export const resend = (env: Environment): KeyedConfig | undefined =>
  keyed(env, 'RESEND_API_KEY', 'RESEND_API_BASE', 'https://api.resend.com', undefined);

/** Google Calendar as configured, else the local stand-in, else undefined. */
export const calendar = (env: Environment, standIn: string | undefined): KeyedConfig | undefined =>
  keyed(
    env,
    'GOOGLE_CALENDAR_TOKEN',
    'GOOGLE_CALENDAR_API_BASE',
    'https://www.googleapis.com',
    standIn && `${standIn}/google`,
  );

/** Linear as configured, else the local stand-in, else undefined. */
export function tickets(env: Environment, standIn: string | undefined): TicketsConfig | undefined {
  const config = keyed(
    env,
    'LINEAR_API_KEY',
    'LINEAR_API_BASE',
    'https://api.linear.app',
    standIn && `${standIn}/linear`,
  );
  if (!config) return undefined;
  const isStandIn = env.text('LINEAR_API_KEY') === undefined;
  return { ...config, teamId: isStandIn ? 'team_sandbox' : env.needed('LINEAR_TEAM_ID', 'to create tickets') };
}

/** A model as configured, else the local stand-in, else undefined. */
export function model(env: Environment, standIn: string | undefined): ModelConfig | undefined {
  const config = keyed(env, 'AI_API_KEY', 'AI_API_BASE', 'https://api.openai.com', standIn && `${standIn}/models`);
  return config && { ...config, model: env.text('AI_MODEL') ?? 'gpt-4o-mini' };
}

function keyed(
  env: Environment,
  keyName: string,
  baseName: string,
  usual: string,
  standIn: string | undefined,
): KeyedConfig | undefined {
  const apiBase = env.endpoint(baseName);
  const key = env.text(keyName);
  if (key !== undefined) return { apiBase: apiBase ?? usual, key };
  if (apiBase !== undefined) return { apiBase, key: env.needed(keyName, `with ${baseName}`) };
  return standIn === undefined ? undefined : { apiBase: standIn, key: 'sandbox' };
}
