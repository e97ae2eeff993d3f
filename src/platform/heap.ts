import { setFlagsFromString } from 'node:v8';

/** The old heap may grow by this much, in percent, over what was alive when it was last swept; V8 alone allows several times as much. */
const GROWTH = 75;

/**
 * Sets up V8's heap for a service whose objects live as long as a request. Call it before anything is loaded. Measured in docs/performance.md.
 *
 * V8 watches which objects survive and makes such ones old at birth. What waits for a commit with 64 others survives often enough to be taken
 * for old, and whatever it refers to lives on with it until the whole heap is swept: twice as much work for the collector.
 */
export function setUpHeap(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
