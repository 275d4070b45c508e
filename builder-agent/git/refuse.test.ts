import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { startGitRig } from '../../test/kit/git-rig.ts';
import type { GitRig } from '../../test/kit/git-rig.ts';
import { listDescendants } from '../../test/kit/processes.ts';
import { until } from '../../test/kit/wait.ts';

const MAX_PUSH_BYTES = 3 * 1024 * 1024;

describe('a push that is refused', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let rig: GitRig;
  before(async () => { rig = await startGitRig(scope, { SLIPWAY_MAX_PUSH_BYTES: String(MAX_PUSH_BYTES) }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const leftovers = async (bare: string): Promise<string[]> => (await readdir(join(bare, 'objects'))).filter((name) => name.startsWith('tmp_'));

  it('for a wrong key: the reason is told, and an unknown app looks like one of somebody else', async () => {
    const { name, repository } = await rig.createApp();
    await repository.commit({ 'a.txt': 'one' });
    const wrong = await rig.otherCopy(name, 'slip_wrong');
    await wrong.commit({ 'a.txt': 'one' });
    const refused = await wrong.push();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /remote: This API key is not known, has expired, or was revoked\./);
    rig.platform.keys.set('slip_stranger', { apps: [] });
    const outputs = await Promise.all([name, 'no-such-app'].map(async (app) => {
      const stranger = await rig.otherCopy(app, 'slip_stranger');
      await stranger.commit({ 'a.txt': 'one' });
      return (await stranger.push()).output.replaceAll(app, 'APP');
    }));
    assert.match(outputs[0] ?? '', /There is no app "APP"/);
    assert.equal(outputs[0], outputs[1]);
  });

  it('takes the key from a credential helper, as password or as user', async () => {
    const { name, repository, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    rig.platform.onBuild = (build) => build.goLive();
    const helper = join(repository.dir, '.git/helper');
    await writeFile(helper, `#!/bin/sh\n[ "$1" = get ] && printf 'username=ann@example.org\\npassword=%s\\n' ${rig.apiKey}\nexit 0\n`);
    await chmod(helper, 0o755);
    await repository.git('remote', 'set-url', 'slipway', `http://127.0.0.1:${rig.port}/git/${name}.git`);
    await repository.git('config', 'credential.helper', helper);
    const push = await repository.push();
    assert.equal(push.code, 0, push.output);
    await repository.git('config', '--unset', 'credential.helper');
    await repository.git('remote', 'set-url', 'slipway', `http://${rig.apiKey}:ignored@127.0.0.1:${rig.port}/git/${name}.git`);
    assert.equal(await tip(), commit);
    rig.platform.onBuild = null;
  });

  it('for deleting main, for main and master at once, for what is no branch or tag; other branches come and go', async () => {
    const { repository, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    const count = rig.platform.builds.length;
    const feature = await repository.push('main:feature', 'main:refs/tags/v1');
    assert.equal(feature.code, 0, feature.output);
    assert.match(feature.output, /feature is stored; only main and master are deployed/);
    assert.equal(await tip('feature'), commit);
    const both = await repository.push('main', 'main:master');
    assert.equal(both.code, 1);
    assert.match(both.output, /main and master cannot be pushed together/);
    for (const ref of ['refs/slipway/builds/x', 'refs/notes/commits']) {
      const foreign = await repository.push(`main:${ref}`);
      assert.equal(foreign.code, 1, foreign.output);
    }
    assert.equal(rig.platform.builds.length, count);
    rig.platform.onBuild = (build) => build.goLive();
    assert.equal((await repository.push()).code, 0);
    const deletion = await repository.push(':main');
    assert.equal(deletion.code, 1);
    assert.match(deletion.output, /cannot be deleted/);
    assert.equal(await tip(), commit);
    const gone = await repository.push(':feature');
    assert.equal(gone.code, 0, gone.output);
    assert.match(gone.output, /feature is deleted/);
    assert.equal(await tip('feature'), null);
    rig.platform.onBuild = null;
  });

  it('for nothing to build: a repository without a commit, a commit without a file, a tag in place of a commit', async () => {
    const { repository, tip } = await rig.createApp();
    const count = rig.platform.builds.length;
    assert.notEqual((await repository.push()).code, 0);
    await repository.commit({}, 'Nothing yet');
    const empty = await repository.push();
    assert.equal(empty.code, 1);
    assert.match(empty.output, /This commit has no files/);
    await repository.commit({ 'a.txt': 'one' });
    await repository.git('tag', '-a', 'v1', '-m', 'One');
    const tag = await repository.push('v1:refs/heads/main');
    assert.equal(tag.code, 1, tag.output);
    assert.equal(rig.platform.builds.length, count);
    assert.equal(await tip(), null);
  });

  it('unless it is forced, when it does not contain what is deployed; a forced one says so', async () => {
    const { repository, name, tip } = await rig.createApp();
    await repository.commit({ 'a.txt': 'one' });
    rig.platform.onBuild = (build) => build.goLive();
    assert.equal((await repository.push()).code, 0);
    const other = await rig.otherCopy(name);
    const commit = await other.commit({ 'a.txt': 'another history' });
    const plain = await other.push();
    assert.equal(plain.code, 1);
    assert.match(plain.output, /fetch first|non-fast-forward/);
    const forced = await other.push('--force', 'main');
    assert.equal(forced.code, 0, forced.output);
    assert.match(forced.output, /Forced push: main was at/);
    assert.equal(await tip(), commit);
    rig.platform.onBuild = null;
  });

  it('while another commit is built that it does not contain, forced or not; one that contains it waits its turn', async () => {
    const { repository, name } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    const next = rig.platform.build(rig.platform.builds.length + 1);
    const first = repository.startPush();
    const build = await next;
    build.set({ status: 'RUNNING' });
    const other = await rig.otherCopy(name);
    await other.commit({ 'a.txt': 'other' });
    for (const args of [['main'], ['--force', 'main']]) {
      const second = await other.push(...args);
      assert.equal(second.code, 1, second.output);
      assert.match(second.output, new RegExp(`A push of ${commit.slice(0, 8)} is being built.*fetch and try again`));
    }
    await repository.commit({ 'a.txt': 'two' });
    const third = repository.startPush();
    const later = await rig.platform.build(rig.platform.builds.length + 1);
    await build.goLive();
    assert.equal((await first.ended).code, 0, first.output());
    await later.goLive();
    assert.equal((await third.ended).code, 0, third.output());
  });

  it('over the limit, and nothing of it stays; under it, it passes in chunks', async () => {
    const { repository, bare, tip } = await rig.createApp();
    await repository.commit({ 'big.bin': randomBytes(20 * 1024 * 1024) });
    const large = await repository.push();
    assert.equal(large.code, 1, large.output);
    assert.match(large.output, /remote: {2}! {5}This push is larger than the 3 MiB that are allowed; nothing of it is kept\./);
    await until(async () => (await leftovers(bare)).length === 0, { within: 60_000, what: () => 'the quarantine is gone' });
    assert.equal(await tip(), null);
    await repository.git('checkout', '-q', '--orphan', 'small');
    await repository.commit({ 'big.bin': randomBytes(2 * 1024 * 1024) });
    rig.platform.onBuild = (build) => build.goLive();
    const small = await repository.push('small:main');
    assert.equal(small.code, 0, small.output);
    rig.platform.onBuild = null;
  });

  it('within seconds when the database is away, and when storage is: nothing is half-done', async () => {
    const { repository, bare, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    rig.platform.databaseAway = true;
    const away = await repository.push();
    assert.notEqual(away.code, 0);
    assert.match(away.output, /The platform is not ready.*try again/);
    rig.platform.databaseAway = false;
    for (const [status, told] of [[503, /push again/], [507, /disk of the platform's storage is full/], [413, /SOURCE_INVALID/]] as const) {
      rig.platform.storageStatus = status;
      const push = await repository.push();
      assert.equal(push.code, 1, push.output);
      assert.match(push.output, told);
    }
    rig.platform.storageStatus = 201;
    const { stdout } = await promisify(execFile)('git', ['-C', bare, 'for-each-ref']);
    assert.equal(stdout, '');
    rig.platform.onBuild = (build) => build.goLive();
    assert.equal((await repository.push()).code, 0);
    assert.equal(await tip(), commit);
    rig.platform.onBuild = null;
  });

  const untilNothingRuns = (): Promise<void> => until(() => listDescendants(rig.pid()).length === 0, { within: 60_000, what: () => `git has ended: ${listDescendants(rig.pid()).join(', ')}` });

  /** The status of a whole answer, or how it broke off. */
  const post = (name: string, headers: Record<string, string>, body: () => Iterable<Buffer>): Promise<number | string> => new Promise((resolve) => {
    const push = request({
      port: rig.port, host: '127.0.0.1', method: 'POST', path: `/git/${name}.git/git-receive-pack`, agent: false,
      headers: { authorization: `Basic ${Buffer.from(`x:${rig.apiKey}`).toString('base64')}`, 'content-type': 'application/x-git-receive-pack-request', ...headers },
    }, (response) => { response.on('error', (error) => { resolve(error.message); }).on('end', () => { resolve(response.statusCode ?? 0); }).resume(); });
    push.on('error', (error) => { resolve(error.message); });
    Readable.from(body()).pipe(push);
  });

  it('when its commands come in gzip, as a bomb would', async () => {
    const { name } = await rig.createApp();
    assert.equal(await post(name, { 'content-encoding': 'gzip' }, () => [gzipSync('0000')]), 415);
  });

  it('when it names more refs than memory should hold', async () => {
    const { name } = await rig.createApp();
    let sent = 0;
    const many = function* (): Generator<Buffer> {
      for (; sent < 200_000; sent++) {
        const command = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/${String(sent).padStart(60, 'x')}${sent === 0 ? '\0 report-status' : ''}`;
        yield Buffer.from(`${(command.length + 4).toString(16).padStart(4, '0')}${command}`);
      }
      yield Buffer.from('0000');
    };
    const answer = await post(name, {}, many);
    assert.equal(typeof answer, 'string', `${answer} after ${sent}`);
    assert.ok(sent < 150_000, `${sent} were read`);
    await untilNothingRuns();
  });

  it('when its pusher breaks off before all of what he said he would send, which git alone would wait for at full speed', async () => {
    const { name } = await rig.createApp();
    const command = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/main\0 report-status side-band-64k`;
    const push = request({
      port: rig.port, host: '127.0.0.1', method: 'POST', path: `/git/${name}.git/git-receive-pack`, agent: false,
      headers: { authorization: `Basic ${Buffer.from(`x:${rig.apiKey}`).toString('base64')}`, 'content-type': 'application/x-git-receive-pack-request', 'content-length': '1070' },
    });
    push.on('error', () => undefined);
    push.write(`${(command.length + 4).toString(16).padStart(4, '0')}${command}`);
    await until(() => listDescendants(rig.pid()).length > 0, { within: 60_000, what: () => 'git runs' });
    push.destroy();
    await untilNothingRuns();
  });

  it('when its pusher breaks off while sending: nothing of it stays, and the next push works', async () => {
    const { repository, bare, name, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    assert.equal((await repository.push('main:feature')).code, 0);
    const command = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/main\0 report-status side-band-64k`;
    const push = request({
      port: rig.port, host: '127.0.0.1', method: 'POST', path: `/git/${name}.git/git-receive-pack`, agent: false,
      headers: { authorization: `Basic ${Buffer.from(`x:${rig.apiKey}`).toString('base64')}`, 'content-type': 'application/x-git-receive-pack-request' },
    });
    push.on('error', () => undefined);
    push.write(Buffer.concat([Buffer.from(`${(command.length + 4).toString(16).padStart(4, '0')}${command}0000`), Buffer.from('PACK\0\0\0\u0002\0\u0001\0\0', 'latin1')]));
    await until(async () => (await leftovers(bare)).length > 0, { within: 60_000, what: () => 'the pack is being received' });
    push.destroy();
    await until(async () => (await leftovers(bare)).length === 0, { within: 60_000, what: () => 'the quarantine is gone' });
    rig.platform.onBuild = (build) => build.goLive();
    assert.equal((await repository.push()).code, 0);
    assert.equal(await tip(), commit);
    rig.platform.onBuild = null;
  });
});
