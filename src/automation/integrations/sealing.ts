/** What is a secret in the configuration of an integration, and where it belongs. */
import type { Fields } from '../../../machines/execution.types.js';
import { isSealed } from '../../platform/sealing.js';
import { HIDDEN } from '../workflows/secrets.js';

/** The parts of a configuration that are sealed. */
export const INTEGRATION_SECRETS: { secrets: readonly string[] } = { secrets: ['auth', 'headers'] };

export const placeOf = (tenant: string, id: string): string[] => [tenant, 'automation.integrations', id];

/** Whether something is left hidden that would be shown to another address than before. */
export function isMovedBlindly({ endpoint, ...written }: Fields, earlier: Fields): boolean {
  const said = JSON.stringify([written['auth'] ?? null, written['headers'] ?? null]);
  const isHidden =
    said.includes(`"${HIDDEN}"`) || [...said.matchAll(/"([^"]+)"/g)].some(([, text = '']) => isSealed(text));
  return isHidden && endpoint !== earlier['endpoint'];
}
