import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { ClientRequest } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startGitRig } from '../../test/kit/git-rig.ts';
import type { GitRig } from '../../test/kit/git-rig.ts';
import { until } from '../../test/kit/wait.ts';

const REVOKED = { code: 'UNAUTHENTICATED', message: 'The API key was revoked, or has expired.' };

describe('a push whose rights end', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let rig: GitRig;
  before(async () => { rig = await startGitRig(scope); });
  beforeEach(() => { rig.platform.refused = null; rig.platform.onAsk = null; });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const waiting = async () => {
    const app = await rig.createApp();
    const commit = await app.repository.commit({ 'a.txt': 'one' });
    const next = rig.platform.build(rig.platform.builds.length + 1);
    const push = app.repository.startPush();
    const build = await next;
    build.set({ status: 'RUNNING' });
    await until(() => push.output().includes('Build '), { within: 60_000, what: push.output });
    return { ...app, commit, push, build };
  };

  it('while it waits for its build ends within seconds, and says so; the build goes on, and moves the branch', async () => {
    const { push, build, commit, tip } = await waiting();
    rig.platform.refused = REVOKED;
    rig.platform.tellAccess();
    const { code, output } = await push.ended;
    assert.notEqual(code, 0);
    assert.match(output, /remote: +!     The API key was revoked, or has expired\. This push ends here; a build that it has asked for already goes on\./);
    assert.match(output, /rejected.*its rights have ended/);
    assert.equal(output.match(/was revoked/g)?.length, 1, output);
    rig.platform.refused = null;
    await build.goLive();
    await until(async () => await tip() === commit, { within: 60_000, what: () => 'the branch is moved' });
  });

  it('ends also where nobody tells: a key that expires, a notice that was lost, a role that is gone', async () => {
    for (const [refused, message] of [[REVOKED, /was revoked, or has expired/], [{ code: 'FORBIDDEN', message: 'You may not push to this app: it takes the role DEPLOYER or a higher one, and yours is VIEWER.' }, /yours is VIEWER\. This push ends here/], [{ code: 'NOT_FOUND', message: 'There is no app "0b"' }, /The app was deleted, or you have no role on it any more/]] as const) {
      const { push } = await waiting();
      rig.platform.refused = refused;
      await until(() => push.child.exitCode !== null, { within: 60_000, what: push.output });
      assert.match((await push.ended).output, message, `${push.output()}\n${rig.output()}`);
      rig.platform.refused = null;
    }
  });

  it('goes on where the platform cannot say, and where it was another key that ended', async () => {
    const { push, build } = await waiting();
    let looks = 0;
    rig.platform.onAsk = (subject) => { if (subject === 'push.held') looks++; };
    rig.platform.databaseAway = true;
    rig.platform.tellAccess();
    await until(() => looks > 0, { within: 60_000, what: () => 'it is looked at' });
    rig.platform.databaseAway = false;
    await build.goLive();
    assert.equal((await push.ended).code, 0, push.output());
  });

  it('while it is received ends within seconds, with a message, and nothing of it is kept', async () => {
    const { name, tip } = await rig.createApp();
    const command = `${'0'.repeat(40)} ${'a'.repeat(40)} refs/heads/main\0 report-status side-band-64k agent=git/2.39`;
    let sending: ClientRequest | undefined;
    const answer = new Promise<string>((resolve) => {
      let text = '';
      sending = request({ port: rig.port, method: 'POST', path: `/git/${name}.git/git-receive-pack`, headers: { 'content-type': 'application/x-git-receive-pack-request', authorization: `Basic ${Buffer.from(`x:${rig.apiKey}`).toString('base64')}` } }, (response) => {
        response.on('data', (chunk: Buffer) => { text += chunk.toString('latin1'); });
        response.on('error', () => undefined);
        response.on('close', () => { resolve(text); });
        rig.platform.refused = REVOKED;
        rig.platform.tellAccess();
      });
      sending.on('error', () => undefined);
      sending.write(`${(command.length + 4).toString(16).padStart(4, '0')}${command}0000`);
      sending.write(Buffer.concat([Buffer.from('PACK'), Buffer.from([0, 0, 0, 2, 0, 0, 0, 9])]));
    });
    assert.match(await answer, /The API key was revoked, or has expired\. This push ends here/);
    await until(() => sending?.destroyed === true || sending?.socket?.destroyed === true, { within: 60_000, what: () => 'the connection ends too' });
    rig.platform.refused = null;
    assert.equal(await tip(), null);
  });
});

describe('a push', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let rig: GitRig;
  before(async () => { rig = await startGitRig({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  it('tells the platform where it comes from, as the router saw it', async () => {
    const { repository } = await rig.createApp();
    await repository.git('-c', 'http.extraHeader=X-Forwarded-For: 6.6.6.6, 203.0.113.9', 'ls-remote', 'slipway');
    assert.equal(rig.platform.addresses.at(-1), '203.0.113.9');
  });

  it('to a former address of its app works, and says the new one, once', async () => {
    const { repository, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    const key = rig.platform.keys.get(rig.apiKey);
    if (key) key.movedTo = 'http://localhost:4000/git/new-name.git';
    rig.platform.onBuild = (build) => build.goLive();
    const { code, output } = await repository.push();
    assert.equal(code, 0, output);
    assert.equal(await tip(), commit);
    assert.equal(output.match(/git remote set-url slipway http:\/\/localhost:4000\/git\/new-name\.git/g)?.length, 1, output);
  });
});
