import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ask } from '../bus/ask.ts';
import { nodeJobForget, nodeJobStart } from '../bus/node.ts';
import { startNodeRig } from '../test/kit/node-rig.ts';
import type { NodeRig } from '../test/kit/node-rig.ts';
import { until } from '../test/kit/wait.ts';

/** A web process that does this when it is asked for a path. */
const server = (answers: Record<string, string>, begin = ''): string => `
const fs = require('node:fs');
const answers = { ${Object.entries(answers).map(([path, code]) => `${JSON.stringify(path)}: () => { ${code} }`).join(', ')} };
require('node:http').createServer((request, response) => {
  let said = 'done';
  try { said = answers[request.url]?.() ?? said; } catch (error) { said = error.message; }
  response.end(String(said));
}).listen(process.env.PORT);
const own = (name) => fs.readdirSync('/proc').filter((pid) => { try { return /^\\d+$/.test(pid) && fs.statSync('/proc/' + pid).uid === process.getuid() && fs.readFileSync('/proc/' + pid + '/comm', 'utf8').trim() === name; } catch { return false; } });
${begin}
`;

/** Stops the first tar of its own user, and enters the directory into which that unpacks. */
const enterTar = `(function look() {
  const [tar] = own('tar');
  if (tar === undefined) { setImmediate(look); return; }
  try { process.kill(Number(tar), 'SIGSTOP'); process.chdir('/proc/' + tar + '/cwd'); process.kill(Number(tar), 'SIGCONT'); } catch { setImmediate(look); }
})();`;

describe('a hostile app', { skip: process.getuid?.() !== 0 && 'the wall between users needs root' }, () => {
  const cleanups: (() => Promise<void>)[] = [];
  let rig: NodeRig;
  before(async () => { rig = await startNodeRig({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const up = async (files: Record<string, string | Buffer>, more: { appId?: string; index?: number } = {}) => {
    const want = rig.want(await rig.slug(files), `${rig.node} server.js`, more);
    return { want, wait: async () => {
      const { port } = await rig.untilReplica(want.id, 'it is up', (state) => state?.status === 'UP');
      return async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })).text();
    } };
  };
  const start = async (files: Record<string, string | Buffer>) => {
    const { want, wait } = await up(files);
    await rig.apply(want.appId, [want]);
    return { want, tell: await wait() };
  };

  it('writes no file where only root may, by swapping folders while its next slug is unpacked', async () => {
    const victim = join(rig.dir, 'victim');
    mkdirSync(victim, { mode: 0o700 });
    const { want, tell } = await start({ 'server.js': server({ '/swap': `fs.renameSync('bin', 'was'); fs.symlinkSync(${JSON.stringify(victim)}, 'bin');` }, enterTar) });
    const files = { 'server.js': server({}), 'bin/tool': Buffer.alloc(2 * 1024 * 1024, '#') };
    const [second, third] = [await up(files, { appId: want.appId, index: 2 }), await up(files, { appId: want.appId, index: 3 })];
    await rig.apply(want.appId, [want, second.want]);
    await second.wait();
    await tell('/swap');
    await rig.apply(want.appId, [want, second.want, third.want]);
    await third.wait();
    assert.deepEqual(readdirSync(victim), []);
    await rig.apply(want.appId, []);
  });

  it('fills no memory of the node by a large exit file', async () => {
    const { want, tell } = await start({ 'server.js': server({ '/grow': "fs.truncateSync(process.cwd().replace('replicas', 'programs').replace(/app$/, 'exit'), 1.5e9);" }) });
    assert.equal(await tell('/grow'), 'done');
    await rig.apply(want.appId, []);
    await rig.untilReplica(want.id, 'it is gone', (state) => state === undefined);
    const most = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${rig.pid()}/status`, 'utf8'))?.[1]) / 1024;
    assert.ok(most < 1_000, `${most} MB`);
  });

  it('keeps the node from nothing by filling a directory that is being removed', async () => {
    const fill = "const [pid] = own('sleep'); process.chdir('/proc/' + pid + '/cwd'); let n = 0; setInterval(() => { for (const until = Date.now() + 50; Date.now() < until;) try { fs.writeFileSync('f' + n++, ''); } catch {} }, 1);";
    const { want, tell } = await start({ 'server.js': server({ '/fill': fill }) });
    // It ends when the other is in its directory, however late.
    const spec = { kind: 'command' as const, id: 'release-1', appId: want.appId, appName: 'blog', releaseId: want.releaseId, releaseVersion: 1, slugDigest: want.slugDigest, process: 'release', command: 'sleep 1000 & until [ -e f0 ]; do sleep 0.1; done; sleep 2', memoryBytes: 2 ** 28, seconds: 120 };
    await ask(rig.controller, nodeJobStart, spec, 60_000);
    await until(async () => await tell('/fill') === 'done', { within: 60_000, what: () => 'it is in the other directory' });
    assert.equal((await rig.untilEnded(spec.id)).exitCode, 0);
    await ask(rig.controller, nodeJobForget, { id: spec.id }, 60_000);
    await rig.kill('SIGKILL');
    await rig.start();
    assert.equal((await rig.replica(want.id))?.status, 'UP');
    await rig.apply(want.appId, []);
  });

  it('ends no node by an outcome of its build that is larger than a message', async () => {
    const forged = JSON.stringify({ type: 'outcome', outcome: { status: 'FAILED', reason: 'INTERNAL', message: 'x'.repeat(1_500_000), hint: null, lines: [] } });
    const spec = await rig.buildJob({ '.buildpacks': './pack\n', Procfile: 'web: true\n', forged, 'pack/bin/compile': '#!/bin/bash\nevents=$(echo "${1%/jobs/*}/programs/$(basename "${1%/app/app}")/events")\n(cat "$1/forged"; echo) >> "$events"\necho forged\n' });
    await ask(rig.controller, nodeJobStart, spec, 60_000);
    const ended = await rig.untilEnded(spec.id);
    assert.match(rig.log(spec.context.appId, 'BUILD', spec.id), /forged/);
    assert.equal(ended.outcome?.status, 'SUCCEEDED', JSON.stringify(ended).slice(0, 2_000));
  });
});
