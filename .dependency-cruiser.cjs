/** Who may import whom: arrows only go down (docs/architecture.md), and never in a circle. */

/** Folders of src, and those below them that they may import. Everybody may import what npm installed. */
const MAY_IMPORT = {
  admin: ['machines', 'engine', 'auth', 'platform'],
  diagrams: ['engine', 'auth', 'platform', 'machines'],
  console: ['engine', 'auth', 'platform'],
  deals: ['machines', 'tasks', 'notifications', 'integrations', 'engine', 'auth', 'platform'],
  workstream: ['machines', 'actions', 'tasks', 'notifications', 'integrations', 'engine', 'auth', 'platform'],
  events: ['machines', 'tasks', 'notifications', 'integrations', 'engine', 'auth', 'platform'],
  automation: ['machines', 'actions', 'tasks', 'notifications', 'integrations', 'engine', 'auth', 'platform'],
  functions: ['machines', 'tasks', 'notifications', 'integrations', 'engine', 'auth', 'platform'],
  actions: ['engine', 'auth', 'platform'],
  tasks: ['machines', 'integrations', 'engine', 'auth', 'platform'],
  notifications: ['machines', 'integrations', 'engine', 'auth', 'platform'],
  integrations: ['engine', 'auth', 'platform'],
  engine: ['auth', 'platform'],
  auth: ['platform'],
  platform: ['migrations'],
};

const pathOf = (folder) => (folder === 'machines' || folder === 'migrations' ? `^${folder}/` : `^src/${folder}/`);

const table = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import ${allowed.join(', ')}`,
  severity: 'error',
  from: { path: pathOf(folder) },
  to: { path: '^(src|machines|migrations)/', pathNot: [folder, ...allowed].map(pathOf) },
}));

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'cyclic modules crash when they are loaded; a type is gone by then',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'machines-are-pure',
      comment: 'machines know xstate, the words they are written in, and each other',
      severity: 'error',
      from: { path: '^machines/' },
      to: {
        pathNot: [
          '^machines/',
          '^node_modules/xstate/',
          '^src/engine/authoring\\.ts$',
          '^src/engine/core/lifecycle\\.ts$',
        ],
      },
    },
    {
      name: 'core-is-pure',
      comment: 'the core decides; it knows neither Nest nor SQL nor the machine it runs on',
      severity: 'error',
      from: { path: '^src/engine/core/' },
      to: {
        pathNot: [
          '^src/engine/core/',
          '^src/engine/authoring\\.ts$',
          '^node_modules/(xstate|canonicalize)/',
          '^crypto$',
        ],
      },
    },
    {
      name: 'no-unknown-package',
      comment: 'what is imported is in package.json',
      severity: 'error',
      from: { path: '^(src|machines|migrations)/' },
      to: { dependencyTypes: ['unknown', 'undetermined', 'npm-no-pkg', 'npm-unknown'] },
    },
    ...table,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
};
