// Types, lint with the import rules, the API's promises, and committed generated files: all run, all mistakes shown, one exit code.
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureReady } from './ready.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { node } = ensureReady({ dev: true });
const tool = (name) => `${root}node_modules/.bin/${name}`;
const generated = ['schema/schema.graphql', 'schema/persisted-documents.json', 'docs/api', 'prisma/generated', 'cli/gql', 'test/gql'];

const fingerprint = () => generated.map((path) => execFileSync('git', ['-C', root, 'ls-files', '-s', '--', path], { encoding: 'utf8' })).join('')
  + execFileSync('git', ['-C', root, 'status', '--porcelain', '--', ...generated], { encoding: 'utf8' });

function check(title, run) {
  process.stdout.write(`${title} … `);
  const started = Date.now();
  const problem = run();
  process.stdout.write(problem ? `FAILED\n${problem}\n` : `ok (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  return !problem;
}

function command(file, args) {
  const result = spawnSync(file, args, { cwd: root, encoding: 'utf8', env: { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH}` } });
  return result.status === 0 ? '' : `${result.stdout}${result.stderr}` || String(result.error ?? `exit code ${result.status}`);
}

const results = [
  check('types', () => command(node, [tool('tsc'), '-p', '.'])),
  check('lint and import rules', () => command(node, [tool('oxlint'), '--type-aware', '--deny-warnings'])),
  check('the API keeps its promises', () => command(node, ['schema/check-contract.ts'])),
  check('generated files are up to date', () => {
    const before = fingerprint();
    const failed = command(node, ['bin/generate.mjs']);
    if (failed) return failed;
    const after = fingerprint();
    return before === after ? '' : `They differ from what is committed; run "npm run generate" and commit:\n${execFileSync('git', ['-C', root, 'status', '--porcelain', '--', ...generated], { encoding: 'utf8' })}`;
  }),
];
process.exitCode = results.every(Boolean) ? 0 : 1;
