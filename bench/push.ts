import { execFile, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createApp } from '../test/kit/app.ts';
import { freePort } from '../test/kit/free-port.ts';
import { sampleApp } from '../test/kit/sample-app.ts';
import type { Slipway } from '../test/kit/slipway.ts';
import { makeTemp } from '../test/kit/temp.ts';
import type { Scope } from '../test/kit/temp.ts';
import { ms, percentile, ratioOf } from './row.ts';
import type { Row } from './row.ts';

const RUNS = 12;
const LOOK_MS = 5;

/** From `git push` of a one-line change to the first answer of the new version, less what git, the build and the app itself take. */
export async function measurePush(scope: Scope, slipway: Slipway, node: string): Promise<Row[]> {
  const app = await createApp(scope, slipway, 'bench');
  await app.repository.commit(sampleApp('0', node));
  const first = await app.repository.push();
  if (first.code !== 0) throw new Error(first.output);
  const bare = await makeTemp(scope, 'bench-bare-');
  await promisify(execFile)('git', ['init', '-q', '--bare', bare]);
  await app.repository.git('push', '-q', bare, 'main');
  const [totals, gits, builds, starts, overheads]: number[][] = [[], [], [], [], []];
  for (let run = 1; run <= RUNS; run++) {
    await app.repository.commit({ 'version.txt': `${run}\n` });
    const begun = performance.now();
    const push = app.repository.startPush();
    // Without a pause the looking itself would take a core of the deploy's.
    while ((await slipway.get('/', { app: app.name })).text !== `version ${run} `) await pause(LOOK_MS);
    const total = performance.now() - begun;
    await push.ended;
    const gitBegun = performance.now();
    await app.repository.git('push', '-q', bare, 'main');
    const git = performance.now() - gitBegun;
    const build = (await app.state()).builds.nodes[0]?.steps.reduce((sum, step) => sum + (step.durationMs ?? 0), 0) ?? 0;
    const start = await appStart(node, app.repository.dir);
    totals?.push(total);
    gits?.push(git);
    builds?.push(build);
    starts?.push(start);
    overheads?.push(total - git - build - start);
  }
  const parts = [gits, builds, starts].map((values) => percentile(values ?? [], 0.5));
  const floor = parts.reduce((sum, part) => sum + part, 0);
  return [
    { what: 'push → first 200, whole, p50 (floor: git to a bare repository + build steps + app start)', ours: ms(percentile(totals ?? [], 0.5)), floor: parts.map(ms).join(' + '), ratio: ratioOf(percentile(totals ?? [], 0.5), floor) },
    { what: 'push → first 200, what the platform adds, p50', ours: ms(percentile(overheads ?? [], 0.5)), floor: '-', ratio: '-' },
    { what: 'push → first 200, what the platform adds, p95 (aim: 150 ms)', ours: ms(percentile(overheads ?? [], 0.95)), floor: '-', ratio: '-' },
  ];
}

/** How long the app itself takes from its start to a taken connection. */
async function appStart(node: string, dir: string): Promise<number> {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(node, [join(dir, 'server.js')], { cwd: dir, env: { PORT: String(port), PATH: process.env.PATH }, stdio: 'ignore' });
  while (!await takes(port)) await new Promise((resolve) => { setTimeout(resolve, 2); });
  const took = performance.now() - begun;
  child.kill('SIGKILL');
  return took;
}

function takes(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => { resolve(false); });
  });
}
