/** How large values are. Pure. */
import type { Value } from './execution.types.js';

/** Roughly the characters of a value's JSON; counting stops when there are more than `most`. */
export function sizeOf(value: Value, most: number): number {
  let size = 0;
  const open: Value[] = [value];
  for (let part = open.pop(); part !== undefined && size <= most; part = open.pop()) {
    size += 2;
    if (typeof part === 'string') size += part.length;
    else if (Array.isArray(part)) {
      size += part.length;
      if (size <= most) open.push(...part);
    } else if (part !== null && typeof part === 'object')
      for (const [name, item] of Object.entries(part)) {
        size += name.length + 4;
        open.push(item);
      }
    else size += 4;
  }
  return size;
}
