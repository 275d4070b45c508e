import { defineConfig } from 'oxlint';

const processes = ['installer', 'gateway', 'controller', 'builder-agent/git', 'builder-agent/build', 'log-agent', 'router', 'local-node', 'standalone', 'cli'];
const everything = [...processes, 'schema', 'platform', 'prisma', 'bus', 'cluster', 'blobs', 'buildpacks', 'cri', 'service', 'test', 'bench'];

/** What each folder may import, beside itself, node: and the libraries that are its own. */
const mayImport: Record<string, string[]> = {
  service: [],
  bus: ['service'],
  blobs: ['service'],
  prisma: ['service'],
  cri: ['service'],
  buildpacks: ['bus'],
  cluster: ['bus', 'cri', 'service'],
  platform: ['prisma', 'bus', 'blobs', 'service', 'cri'],
  schema: ['platform', 'prisma', 'bus', 'service', 'blobs'],
  gateway: ['schema', 'platform', 'prisma', 'bus', 'blobs', 'service'],
  controller: ['platform', 'cluster', 'prisma', 'bus', 'blobs', 'service'],
  'builder-agent/git': ['bus', 'service'],
  'builder-agent/build': ['cluster', 'bus', 'service'],
  'log-agent': ['cluster', 'cri', 'bus', 'service'],
  router: ['cri', 'bus', 'service'],
  'local-node': ['buildpacks', 'cri', 'bus', 'service'],
  installer: ['platform', 'cluster', 'prisma', 'bus', 'blobs', 'service'],
  standalone: ['platform', 'prisma', 'bus', 'blobs', 'service'],
  cli: [],
};

/** Libraries that stand for an outside system: one folder owns each. */
const libraryOwners: Record<string, string[]> = {
  '@nats-io/': ['bus'],
  '@prisma/': ['prisma'],
  pg: ['prisma'],
  'graphql-yoga': ['gateway'],
  'graphql-ws': ['gateway', 'cli'],
  '@pothos/': ['schema'],
  '@kubernetes/': ['cluster', 'installer'],
  httpxy: ['router'],
};

const advice: Record<string, string> = {
  processes: 'Processes never import each other: they meet in rows (platform/) and messages (bus/). Move what both need to the folder that owns it.',
  schema: 'Only gateway/ serves the API. Call a use case of platform/ instead.',
  platform: 'Use cases live in platform/, and only schema/, gateway/, controller/, standalone/ and installer/ call them. Ask over bus/ instead.',
  cluster: 'Only controller/, builder-agent/build, log-agent/ and installer/ know that there is a cluster. Write rows, or ask over bus/ instead.',
  prisma: 'This folder has no database. Ask the gateway over bus/ instead.',
};

function importRule(folder: string): object[] {
  const allowed = new Set([folder, ...(mayImport[folder] ?? [])]);
  const folders = everything.filter((other) => !allowed.has(other) && !other.startsWith(`${folder}/`)).map((other) => ({
    regex: `^(\\.\\./)+${other}/`,
    message: (processes.includes(other) ? advice.processes : advice[other]) ?? `${folder}/ may import only ${[...allowed].join('/, ')}/ (see ARCHITECTURE.md, "Who may import what").`,
  }));
  const libraries = Object.entries(libraryOwners).filter(([, owners]) => !owners.includes(folder)).map(([library, owners]) => ({
    regex: library.endsWith('/') ? `^${library}` : `^${library}(/|$)`,
    message: `${library} belongs to ${owners.join('/ and ')}/: use what that folder exports instead.`,
  }));
  return [...folders, ...libraries];
}

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'oxc', 'node', 'promise'],
  categories: { correctness: 'error' },
  ignorePatterns: ['node_modules', 'prisma/generated', '**/gql/**', 'examples', 'prisma/schema-engine.mjs'],
  rules: {
    'import/no-cycle': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'eslint/no-console': 'error',
    // `!= null` asks for null and undefined at once, as GraphQL's inputs need it.
    'eslint/eqeqeq': ['error', 'always', { null: 'ignore' }],
    'eslint/max-lines': ['error', { max: 300 }],
    // 60 is what a function should stay under; a factory holds the functions it returns, and may be twice that.
    'eslint/max-lines-per-function': ['error', { max: 120, skipBlankLines: true, skipComments: true }],
    'eslint/max-depth': ['error', { max: 4 }],
    // Loaders and tables make some promises on purpose without a catch of their own.
    'promise/always-return': 'off',
    'promise/catch-or-return': 'off',
    'unicorn/no-thenable': 'off',
    // Our objects are closures: their methods need no `this`.
    'typescript/unbound-method': 'off',
    'node/no-new-require': 'error',
  },
  overrides: [
    ...Object.keys(mayImport).map((folder) => ({
      files: [`${folder}/**/*.ts`],
      excludeFiles: [`${folder}/**/*.test.ts`],
      rules: { 'eslint/no-restricted-imports': ['error', { patterns: importRule(folder) }] as ['error', { patterns: object[] }] },
    })),
    // A test tells its story in one describe block.
    { files: ['**/*.test.ts', 'test/**', 'bench/**'], rules: { 'eslint/max-lines-per-function': 'off', 'typescript/no-floating-promises': 'off' } },
    { files: ['bin/**', 'cli/**', 'bench/**'], rules: { 'eslint/no-console': 'off' } },
  ],
});
