// `npm test [files]`: every test that needs no cluster, on real databases. `--faults`: the fault runs; `--bench`: the benchmarks; `--cluster`: the flow tests and Kubernetes' own, in the cluster of kubectl.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureReady } from './ready.mjs';

const { root, node } = ensureReady({ dev: true });
const args = process.argv.slice(2);
const named = args.filter((arg) => !arg.startsWith('--'));

/** All test files below a folder, by their names' end. */
function testFiles(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).filter(({ name }) => !/^(\.|node_modules$|examples$)/.test(name)).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return testFiles(path);
    return path.endsWith('.test.ts') ? [path] : [];
  }).sort();
}

const isSlow = (file) => /^(test|docs)\//.test(file);

const cluster = args.includes('--cluster');

function chosenFiles(faults) {
  if (cluster) return faults ? ['test/cluster/faults.test.ts'] : [...testFiles('test/flows'), ...testFiles('test/cluster')];
  return testFiles('').filter((file) => file.startsWith('test/faults/') === faults && !file.startsWith('test/cluster/'));
}

function testArgs() {
  if (args.includes('--bench')) return [join(root, 'bench/main.ts'), ...named];
  const faults = args.includes('--faults');
  const files = named.length > 0 ? named : chosenFiles(faults);
  // Flows and the documentation take longest: begun last, they would be waited for alone.
  files.sort((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  return ['--test', '--test-reporter=spec', `--test-concurrency=${faults ? 1 : 3}`, `--test-timeout=${faults ? 600_000 : 300_000}`, ...files];
}

// It starts what all tests share, and then Node's own runner, whose summary is the last that is printed.
const child = spawn(node, [join(root, cluster ? 'test/kit/run-cluster-tests.ts' : 'test/kit/run-tests.ts'), ...testArgs()], { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: { ...process.env, NODE_NO_WARNINGS: '1', ...(cluster && args.includes('--faults') ? { SLIPWAY_TEST_FAULT_RUNS: process.env.SLIPWAY_TEST_FAULT_RUNS ?? '30' } : {}) } });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { child.kill(signal); });
child.on('exit', (code, signal) => { process.exit(code ?? (signal ? 1 : 0)); });
