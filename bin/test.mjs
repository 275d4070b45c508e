// `npm test [files]`: every test that needs no cluster, on real databases. `--faults`: the fault runs; `--bench`: the benchmarks; `--cluster`: the flow tests and Kubernetes' own (or its benchmarks), in the cluster of kubectl.
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

const [cluster, faults, bench] = ['--cluster', '--faults', '--bench'].map((option) => args.includes(option));
/** The log agent is measured on the files of a node that is played. */
const needsCluster = cluster && !(bench && named.join() === 'logs');

/** Folders of tests in the cluster, in the order of their names, as Node sorts them: the longest come first, those that stop what all others need last. */
const clusterFolders = ['test/flows', 'test/kubernetes', 'test/losses', 'test/outages'];

/** The backup of a whole platform takes minutes. */
const RESTORE = 'test/outages/restore.test.ts';
const longOutages = ['test/outages/faults.test.ts', RESTORE];

function chosenFiles() {
  if (cluster) return faults ? longOutages : clusterFolders.flatMap(testFiles).filter((file) => file !== RESTORE);
  return testFiles('').filter((file) => file.startsWith('test/faults/') === faults && !/^test\/(kubernetes|outages)\//.test(file));
}

function testArgs() {
  if (bench) return [join(root, cluster ? 'bench/cluster.ts' : 'bench/main.ts'), ...named];
  const files = named.length > 0 ? named : chosenFiles();
  // Flows and the documentation take longest: begun last, they would be waited for alone.
  if (!cluster) files.sort((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  // Of a suite in the cluster, waiting for its turn is a part.
  const seconds = cluster ? 1_800 : 600;
  return ['--test', '--test-reporter=spec', `--test-concurrency=${faults ? 1 : cluster ? 5 : 4}`, `--test-timeout=${seconds * 1000}`, ...files];
}

const env = { ...process.env, NODE_NO_WARNINGS: '1' };
if (cluster && faults) env.SLIPWAY_TEST_FAULT_RUNS ??= '30';
// It starts what all tests share, and then Node's own runner, whose summary is the last that is printed.
const child = spawn(node, [join(root, needsCluster ? 'test/kit/run-cluster-tests.ts' : 'test/kit/run-tests.ts'), ...testArgs()], { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { child.kill(signal); });
child.on('exit', (code, signal) => { process.exit(code ?? (signal ? 1 : 0)); });
