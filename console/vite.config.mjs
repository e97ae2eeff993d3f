/** `vite build console` writes dist/console, which the service serves; `vite console` serves it with live reload before a running service. */
import { defineConfig } from 'vite';

const SERVICE = process.env.STATEWRIGHT_URL ?? 'http://127.0.0.1:3000';

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // Every file under a name of its own content: it may be kept for ever.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      // Packages mark for servers what runs in browsers; here everything does.
      onLog: (level, log, next) => (log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : next(level, log)),
    },
  },
  server: { proxy: { '/api': SERVICE, '/admin': SERVICE, '/health': SERVICE } },
  logLevel: 'warn',
});
