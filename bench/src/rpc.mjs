/** The child's end of `processes.mjs`: answers what the parent asks, and ends when the parent has ended. */

/** @param {Record<string, (...args: any[]) => unknown>} methods */
export function answer(methods) {
  // Ctrl-C reaches the whole group; the parent decides what is stopped when.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ id, method, args }) => {
    try {
      process.send?.({ id, result: await methods[method](...args) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}

/** Most that the process has held in memory so far, bytes. */
export const peakMemory = () => process.resourceUsage().maxRSS * 1024;
