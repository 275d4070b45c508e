// `npm test [files]`: every test that needs no cluster, on real databases. `--faults`: the fault runs; `--bench`: the benchmarks.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureReady } from './ready.mjs';

const { root, node } = ensureReady({ dev: true });
const args = process.argv.slice(2);
const named = args.filter((arg) => !arg.startsWith('--'));
// One directory for the run, so that nats-server is unpacked once.
const shared = mkdtempSync(join(tmpdir(), 'slipway-tests-'));

/** All test files below a folder, by their names' end. */
function testFiles(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).filter(({ name }) => !/^(\.|node_modules$|examples$)/.test(name)).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return testFiles(path);
    return path.endsWith('.test.ts') ? [path] : [];
  }).sort();
}

function testArgs() {
  if (args.includes('--bench')) return [join(root, 'bench/main.ts'), ...named];
  const faults = args.includes('--faults');
  const files = named.length > 0 ? named : testFiles('').filter((file) => file.startsWith('test/faults/') === faults);
  return ['--test', '--test-reporter=spec', `--test-concurrency=${faults ? 1 : 2}`, `--test-timeout=${faults ? 600_000 : 300_000}`, ...files];
}

const child = spawn(node, testArgs(), { cwd: root, stdio: 'inherit', env: { ...process.env, SLIPWAY_TEST_NATS_DIR: shared, NODE_NO_WARNINGS: '1' } });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { child.kill(signal); });
child.on('exit', (code, signal) => {
  rmSync(shared, { recursive: true, force: true });
  process.exit(code ?? (signal ? 1 : 0));
});
