// Rules that types cannot express. Who may import whom is in .dependency-cruiser.cjs.
import tseslint from 'typescript-eslint';

const CLOCKS = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time is an argument here.' },
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Time is an argument here.',
  },
];
const IMPURE = [
  { regex: '^@nestjs/|^(typeorm|pg|fastify|rxjs)$', message: 'This part is pure: facts come in, decisions go out.' },
  { regex: '^node:(?!crypto$)', message: 'This part is pure: facts come in, decisions go out.' },
];

const UNTYPED = Object.fromEntries(
  ['assignment', 'argument', 'call', 'member-access', 'return'].map((kind) => [
    `@typescript-eslint/no-unsafe-${kind}`,
    'off',
  ]),
);

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.statewright/', 'docs/'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      // `_` says that a parameter is there for its position only.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Methods that answer a promise by contract need not wait for anything.
      '@typescript-eslint/require-await': 'off',
      // What was thrown may be anything, and String() is how it is shown.
      '@typescript-eslint/no-base-to-string': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['src/**/*.ts', 'console/**/*.{ts,tsx}'], rules: { 'max-lines': ['error', { max: 250 }] } },
  {
    files: ['machines/**/*.ts', 'src/engine/core/**/*.ts', 'src/engine/authoring.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...CLOCKS],
      'no-restricted-imports': ['error', { patterns: IMPURE }],
    },
  },
  // Commands talk to whoever runs them.
  { files: ['src/cli.ts', 'src/diagrams/write.ts'], rules: { 'no-console': 'off' } },
  // XState types machines in general as any; tests read answers whose shape they are about to prove.
  { files: ['src/engine/core/**/*.ts', 'test/**/*.ts'], rules: UNTYPED },
  { files: ['test/**/*.ts'], rules: { 'no-console': 'off', '@typescript-eslint/no-implied-eval': 'off' } },
  { files: ['**/*.{mjs,cjs,js}'], extends: [tseslint.configs.base], rules: { 'no-undef': 'off', eqeqeq: 'error' } },
  // Written by a program.
  { files: ['console/api/schema.ts'], rules: { 'max-lines': 'off' } },
);
