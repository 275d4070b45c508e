import { defineConfig } from 'oxlint';

const processes = ['installer', 'gateway', 'controller', 'builder-agent/git', 'builder-agent/build', 'log-agent', 'router', 'local-node', 'standalone', 'cli'];
/** Where things can run; each implements the interfaces of cluster/. */
const clusters = ['cluster/local', 'cluster/kubernetes'];
const everything = [...processes, ...clusters, 'http', 'courier', 'registry', 'schema', 'platform', 'prisma', 'bus', 'cluster', 'blobs', 'buildpacks', 'cri', 'service', 'test', 'bench'];

/** What each folder may import, beside itself, node: and the libraries that are its own. */
const mayImport: Record<string, string[]> = {
  service: [],
  bus: ['service'],
  blobs: ['service'],
  prisma: ['service'],
  cri: ['service'],
  http: ['bus'],
  registry: [],
  buildpacks: ['registry', 'bus'],
  cluster: ['bus', 'cri', 'service'],
  'cluster/local': ['cluster', 'bus', 'cri', 'service'],
  'cluster/kubernetes': ['cluster', 'registry', 'bus', 'cri', 'service'],
  platform: ['prisma', 'bus', 'blobs', 'service', 'cri'],
  schema: ['platform', 'prisma', 'bus', 'service', 'blobs'],
  courier: ['platform', 'prisma', 'service'],
  gateway: ['schema', 'courier', 'platform', 'prisma', 'bus', 'blobs', 'http', 'service'],
  controller: ['platform', 'cluster', 'prisma', 'bus', 'blobs', 'service'],
  'builder-agent/git': ['bus', 'service'],
  'builder-agent/build': ['cluster', 'bus', 'service'],
  'log-agent': ['cluster', 'cri', 'bus', 'service'],
  router: ['http', 'cri', 'bus', 'service'],
  'local-node': ['buildpacks', 'cri', 'bus', 'service'],
  standalone: ['platform', 'prisma', 'bus', 'blobs', 'service'],
  // It is of Kubernetes alone.
  installer: ['platform', 'cluster', 'cluster/kubernetes', 'prisma', 'bus', 'blobs', 'service'],
  cli: [],
};

/** Libraries that stand for an outside system: one folder owns each. */
const libraryOwners: Record<string, string[]> = {
  '@aws-sdk/': ['blobs'],
  '@nats-io/': ['bus'],
  '@prisma/': ['prisma'],
  pg: ['prisma'],
  graphql: ['schema', 'gateway'],
  'graphql-yoga': ['gateway'],
  'graphql-ws': ['gateway', 'cli'],
  'graphql-sse': ['gateway'],
  negotiator: ['gateway'],
  '@pothos/': ['schema'],
  nodemailer: ['courier'],
  '@kubernetes/': ['cluster/kubernetes', 'installer'],
  httpxy: ['router'],
  '@opentelemetry/': ['service'],
};

/** The door to change an app, and what the platform changes of apps by itself: nobody asks for it. */
const ownChanges = ['app/change-app-as', 'idempotency', 'build/claim-build', 'build/finish-build', 'release/replica', 'sweep', 'release/verdict'].map((file) => `platform/${file}.ts`);

const advice: Record<string, string> = {
  processes: 'Processes never import each other: they meet in rows (platform/) and messages (bus/). Move what both need to the folder that owns it.',
  schema: 'Only gateway/ serves the API. Call a use case of platform/ instead.',
  platform: 'Use cases live in platform/, and only schema/, gateway/, controller/, standalone/ and installer/ call them. Ask over bus/ instead.',
  cluster: 'Only controller/, builder-agent/build, log-agent/ and installer/ know that there is a cluster. Write rows, or ask over bus/ instead.',
  courier: 'Mails are rows of the outbox: write one with platform/mail.ts, and the gateway sends it.',
  aCluster: 'Only cluster/open-….ts chooses where things run. Use the interface in cluster/ instead, and take what implements it as an argument.',
  prisma: 'This folder has no database. Ask the gateway over bus/ instead.',
  change: 'This changes an app without asking whether somebody may. Open the app with platform/app/change-app-as.ts, and change it by that.',
  http: 'This folder knows no transport. Take what the request says as plain arguments, and let gateway/ speak HTTP.',
};

/** How a file of one folder names a file of another: from the top, or past what the two have in common. */
function pathsTo(other: string, folder: string): string {
  const [parent = '', name] = other.split('/');
  if (name === undefined || folder.split('/')[0] !== parent) return `^(\\.\\./)+${other}/`;
  return folder === parent ? `^(\\./|(\\.\\./)+${parent}/)${name}/` : `^(\\.\\./)+(${parent}/)?${name}/`;
}

function adviceFor(other: string, allowed: Set<string>): string {
  if (processes.includes(other)) return advice.processes ?? '';
  if (clusters.includes(other)) return (allowed.has('cluster') ? advice.aCluster : advice.cluster) ?? '';
  return advice[other] ?? `${[...allowed][0]}/ may import only ${[...allowed].join('/, ')}/ (see ARCHITECTURE.md, "Who may import what").`;
}

function importRule(folder: string, also: string[] = [], changesApps = ['platform', 'schema', 'gateway']): object[] {
  const allowed = new Set([folder, ...(mayImport[folder] ?? []), ...also]);
  const folders = everything.filter((other) => !allowed.has(other)).map((other) => ({ regex: pathsTo(other, folder), message: adviceFor(other, allowed) }));
  const libraries = Object.entries(libraryOwners).filter(([, owners]) => !owners.includes(folder)).map(([library, owners]) => ({
    regex: library.endsWith('/') ? `^${library}` : `^${library}(/|$)`,
    message: `${library} belongs to ${owners.join('/ and ')}/: use what that folder exports instead.`,
  }));
  const changes = changesApps.includes(folder) ? [{ regex: '/change-app\\.ts$', allowTypeImports: true, message: advice.change }] : [];
  const http = folder === 'platform' || folder === 'schema' ? [{ regex: '^(node:)?https?2?$', message: advice.http }] : [];
  return [...folders, ...libraries, ...changes, ...http];
}

const forbid = (files: string[], patterns: object[]) => ({
  files, excludeFiles: ['**/*.test.ts'], rules: { 'eslint/no-restricted-imports': ['error', { patterns }] as ['error', { patterns: object[] }] },
});

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
    ...Object.keys(mayImport).map((folder) => forbid([`${folder}/**/*.ts`], importRule(folder))),
    forbid(['cluster/open-*.ts'], importRule('cluster', clusters)),
    forbid(ownChanges, importRule('platform', [], [])),
    // A test tells its story in one describe block.
    { files: ['**/*.test.ts', 'test/**', 'bench/**'], rules: { 'eslint/max-lines-per-function': 'off', 'typescript/no-floating-promises': 'off' } },
    { files: ['bin/**', 'cli/**', 'bench/**'], rules: { 'eslint/no-console': 'off' } },
  ],
});
