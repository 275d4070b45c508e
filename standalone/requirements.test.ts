import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { makeTemp } from '../test/kit/temp.ts';
import { checkGit, checkPort, checkUser } from './requirements.ts';

async function withGit(t: TestContext, script: string | null): Promise<void> {
  const dir = await makeTemp(t, 'slip-git-');
  if (script !== null) {
    writeFileSync(join(dir, 'git'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(dir, 'git'), 0o755);
  }
  const path = process.env.PATH;
  process.env.PATH = dir;
  try { await checkGit(); } finally { process.env.PATH = path; }
}

describe('what a start needs', () => {
  it('is git', (t) => assert.rejects(withGit(t, null), { message: /^Slipway needs git: run ".*" and start again\.$/ }));
  it('is a git that can leave moving a branch to us', (t) => assert.rejects(withGit(t, 'echo git version 2.28.0'), { message: /^Slipway needs git 2\.29\.0 or newer and this is 2\.28\.0: run/ }));
  it('is no newer git than that', (t) => withGit(t, 'echo git version 2.29.0.windows.1'));

  it('is another user than root where apps get none of their own', () => {
    assert.throws(() => { checkUser('darwin', 0); }, { message: 'On macOS, Slipway runs as your own user: start it without sudo.' });
    checkUser('darwin', 501);
    checkUser('linux', 0);
  });

  it('is a port that nobody else has', async (t) => {
    const server = createServer();
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    t.after(() => { server.close(); });
    const { port } = server.address() as AddressInfo;
    await assert.rejects(checkPort('127.0.0.1', port), { message: `Port ${port} is taken: stop what listens there, or set SLIPWAY_PORT to another.` });
    await assert.rejects(checkPort('192.0.2.1', port), { message: `Slipway cannot listen on 192.0.2.1:${port} (EADDRNOTAVAIL): set SLIPWAY_LISTEN to an address of this machine.` });
  });
});
