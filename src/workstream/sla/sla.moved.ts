import type { ItemType } from '../../../machines/sla.js';
import type { Transitioned } from '../../engine/host.js';
import type { Mover } from './sla.clocks.js';

/** Who moved an item, and where: `signal.touched`. */
export const moverOf = (
  itemType: ItemType,
  { cause, from, state }: Pick<Transitioned, 'cause' | 'from' | 'state'>,
): Mover => ({
  actor: cause.actor,
  correlationId: cause.correlationId,
  why: `${itemType}.${state}`,
  // A new pursuit moves its candidate too, which is not new.
  isNew: from === null && itemType !== 'pursuit',
});
