import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import { SetConfig } from '../kit/documents.ts';
import { nodeForApps } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import type { Slipway } from '../kit/slipway.ts';

/** What a hostile program tries; each line it prints as OPEN is a hole. */
const attack = (secret: string): string => `
const fs = require('node:fs'); const net = require('node:net'); const path = require('node:path');
const home = process.argv[2]; const natsPort = Number(process.argv[3]); const platformPort = Number(process.argv[4]);
const open = []; const say = (what) => open.push(what);
const attempt = (what, fn) => { try { const got = fn(); if (got) say(what + ': ' + String(got).slice(0, 120)); } catch {} };
const walk = (dir, depth) => {
  let names = []; try { names = fs.readdirSync(dir, { withFileTypes: true }); } catch { return; }
  for (const name of names) {
    const file = path.join(dir, name.name);
    if (name.isDirectory() && depth < 8) { walk(file, depth + 1); continue; }
    if (!name.isFile()) continue;
    attempt('read ' + file, () => { const text = fs.readFileSync(file); return text.includes(${JSON.stringify(secret)}) || /keys|credentials/.test(file) ? 'readable' : ''; });
    attempt('write ' + file, () => { fs.accessSync(file, fs.constants.W_OK); return file.startsWith(process.cwd()) || file.startsWith(process.env.HOME ?? '/none') || /build|cache/.test(file) ? '' : 'writable'; });
  }
};
for (const dir of ['keys', 'nats', 'postgres', 'blobs', 'repositories', 'logs', 'run', '']) {
  attempt('list ' + dir, () => { fs.readdirSync(path.join(home, dir)); return ['keys', 'nats', 'postgres', 'blobs', 'repositories', 'logs', 'run'].includes(dir) ? 'listable' : ''; });
  walk(path.join(home, dir), dir === '' ? 0 : 1);
}
for (const pid of fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
  if (Number(pid) === process.pid || Number(pid) === process.ppid) continue;
  let own = false; try { own = fs.statSync('/proc/' + pid).uid === process.getuid(); } catch { continue; }
  if (own) continue;
  attempt('environ of ' + pid, () => fs.readFileSync('/proc/' + pid + '/environ').length ? 'readable' : '');
  attempt('signal to ' + pid, () => { process.kill(Number(pid), 0); return 'allowed'; });
  attempt('memory of ' + pid, () => { fs.closeSync(fs.openSync('/proc/' + pid + '/mem', 'r')); return 'readable'; });
}
if (process.getuid() === 0) say('it runs as root');
const socketTries = ['gateway.sock', 'git.sock', 'postgres/.s.PGSQL.5432'].map((name) => new Promise((resolve) => {
  const socket = net.connect(path.join(home, 'run', name)); socket.on('connect', () => { say('socket ' + name); socket.destroy(); resolve(); }); socket.on('error', resolve);
}));
const natsTry = new Promise((resolve) => {
  const socket = net.connect(natsPort, '127.0.0.1'); let got = ''; let sent = false;
  socket.on('data', (chunk) => {
    got += chunk; if (!sent && got.includes('INFO')) { sent = true; socket.write('CONNECT {"verbose":true}\\r\\nSUB > 1\\r\\nPING\\r\\n'); }
    if (got.includes('PONG')) { say('nats without a credential'); socket.destroy(); }
    if (got.includes('-ERR')) socket.destroy();
  });
  socket.on('close', resolve); socket.on('error', resolve); setTimeout(() => socket.destroy(), 3000).unref();
});
const apiTry = fetch('http://127.0.0.1:' + platformPort + '/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: '{ apps { nodes { name } } }' }) })
  .then((r) => r.json()).then((j) => { if (j.data && j.data.apps && j.data.apps.nodes.length) say('API without a key'); }).catch(() => {});
Promise.all([...socketTries, natsTry, apiTry]).then(() => { for (const hole of open) console.log('OPEN ' + hole); console.log('ATTACK DONE uid ' + process.getuid()); });
`;

describe('a hostile build and a hostile app', { skip: process.getuid?.() !== 0 && 'the wall between users needs root' }, () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  const secret = 'planted-4f9d2c-secret';
  let slipway: Slipway;
  let node: string;
  before(async () => {
    slipway = await startSlipway(scope);
    node = await nodeForApps(scope);
    const victim = await createApp(scope, slipway, 'victim');
    await slipway.query(SetConfig, { app: victim.name, set: [{ key: 'SECRET', value: secret }] });
    await victim.repository.commit(sampleApp('victim', node, { 'private.txt': secret }));
    const push = await victim.repository.push();
    assert.equal(push.code, 0, push.output);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const natsPort = (): string => /port:?\s*"?(\d+)/.exec(readFileSync(join(slipway.home, 'nats/nats.conf'), 'utf8'))?.[1] ?? readFileSync(join(slipway.home, 'nats/nats.conf'), 'utf8').match(/:(\d{4,5})/)?.[1] ?? '';
  const holes = (output: string): string[] => output.split('\n').filter((line) => line.includes('OPEN '));

  it('gets nothing while it builds', async (t) => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node, {
      'attack.js': attack(secret),
      '.buildpacks': './pack\n',
      'pack/bin/detect': '#!/bin/sh\necho hostile\n',
      'pack/bin/compile': `#!/bin/sh\ncd "$1" && exec ${node} attack.js ${slipway.home} ${natsPort()} ${slipway.port}\n`,
    }));
    const push = await app.repository.push();
    assert.match(push.output, /ATTACK DONE uid [1-9]/, push.output);
    assert.deepEqual(holes(push.output), []);
  });

  it('gets nothing while it runs', async (t) => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node, { 'attack.js': attack(secret), Procfile: `web: ${node} server.js\nrelease: ${node} attack.js ${slipway.home} ${natsPort()} ${slipway.port}\n` }));
    const push = await app.repository.push();
    assert.match(push.output, /ATTACK DONE uid [1-9]/, push.output);
    assert.deepEqual(holes(push.output), []);
  });
});
