/** Jest runs the sources as ES modules; `npm test` builds first, because process tests and the database setup use the build. */
export default {
  testEnvironment: 'node',
  // XState's development build prints the warnings that its production build leaves out.
  testEnvironmentOptions: { customExportConditions: ['node', 'node-addons', 'development'] },
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  resolver: '<rootDir>/test/support/resolver.cjs',
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  maxWorkers: 2,
  // Modules of a spec are never let go by the process that ran it; after some 200 specs there would be no heap left.
  workerIdleMemoryLimit: '1GB',
  testSequencer: '<rootDir>/test/support/sequencer.mjs',
  // A busy machine is no failure; what hangs is still found.
  testTimeout: 120_000,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
};
