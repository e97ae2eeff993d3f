/** Loaded into the service by the soak: on request it collects garbage and tells how much memory is left in use. */
process.on('message', (message) => {
  if (message !== 'measure') return;
  // Twice: what the first pass finalises the second can take away.
  globalThis.gc();
  globalThis.gc();
  process.send(process.memoryUsage());
});
// Waiting to be asked must not keep the process alive.
process.channel?.unref();
