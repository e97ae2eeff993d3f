/** Takes everything away that global-setup.mjs made. */
export default () => globalThis.tearDown?.();
