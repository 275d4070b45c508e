// Everything generated that is committed: Prisma's client, the printed schema, its reference, the typed documents of our clients. `--release-schema`: what is printed becomes the promise that `npm run check` holds the next ones to.
import { spawnSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { ensureReady } from './ready.mjs';

const { root, node } = ensureReady({ dev: true });
const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` };
for (const args of [
  ['node_modules/.bin/prisma', 'generate', '--config', 'prisma/prisma.config.ts'],
  ['schema/print.ts'],
  ['node_modules/.bin/graphql-codegen', '--config', 'codegen.ts'],
  ['schema/reference/write.ts'],
  ...(process.argv.includes('--release-schema') ? [['schema/release-contract.ts']] : []),
]) {
  const { status, stdout, stderr } = spawnSync(node, args, { cwd: root, env, encoding: 'utf8' });
  if (status !== 0) {
    process.stderr.write(`${args[0]} failed:\n${stdout}${stderr}`);
    process.exit(1);
  }
}
// What the platform knows of its clients stands beside its schema: no process reads another's files.
renameSync(join(root, 'cli/gql/persisted-documents.json'), join(root, 'schema/persisted-documents.json'));
