import type { Config } from './platform/config.js';

/** What a newcomer needs to go on: addresses, and in the sandbox the keys. @param address where the service really listens */
export function banner(config: Config, address: string): string {
  const places = [
    ['Console', `${address}/`],
    ['API docs', `${address}/api/docs`],
    ['Health', `${address}/health/ready`],
    ['Metrics', `${address}/metrics`],
    ...(config.sandboxUrl ? [['Stand-ins for providers', config.sandboxUrl]] : []),
    ...(config.mode === 'sandbox' && config.databaseUrl ? [['Database (development)', config.databaseUrl]] : []),
  ];
  const keys = Object.entries(config.sandboxKeys);
  return [
    '',
    `Statewright is running (${config.mode}).`,
    '',
    ...aligned(places),
    ...(keys.length > 0
      ? [
          '',
          `API keys of tenant ${config.bootstrapTenant}, one for each role (Authorization: Bearer <key>):`,
          '',
          ...aligned(keys),
        ]
      : []),
    '',
  ].join('\n');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([name = '']) => name.length));
  return rows.map(([name = '', value = '']) => `  ${name.padEnd(width)}  ${value}`);
}
