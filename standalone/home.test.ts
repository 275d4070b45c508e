import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeTemp } from '../test/kit/temp.ts';
import { checkDisk, prepareHome } from './home.ts';
import { StartError } from './start-error.ts';
import { chooseUidBlock, countUids } from './uid-block.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;
const isRoot = process.getuid?.() === 0;

describe('the data directory', () => {
  it('keeps keys, blobs, repositories and logs from other users, and its choices over starts', async (t) => {
    const dir = join(await makeTemp(t, 'slip-home-'), 'deep/er');
    const home = prepareHome(dir);
    for (const name of ['keys', 'blobs', 'repositories', 'logs']) assert.equal(modeOf(join(dir, name)), 0o700, name);
    assert.equal(modeOf(dir), isRoot ? 0o711 : 0o700);
    assert.equal(modeOf(home.masterKeyFile), 0o600);
    assert.equal(Buffer.from(readFileSync(home.masterKeyFile, 'utf8'), 'base64').length, 32);
    const key = readFileSync(home.masterKeyFile, 'utf8');
    assert.deepEqual(prepareHome(dir), home);
    assert.equal(readFileSync(home.masterKeyFile, 'utf8'), key);
  });

  it('that cannot be made or written is told in one sentence, and at once', async (t) => {
    const dir = await makeTemp(t, 'slip-home-');
    writeFileSync(join(dir, 'file'), '');
    for (const path of [join(dir, 'file'), join(dir, 'file/below'), '/proc/slipway/home']) {
      assert.throws(() => prepareHome(path), (error: Error) => error instanceof StartError && /^The data directory .* cannot be written \(E[A-Z]+\): set SLIPWAY_HOME to one that can\.$/.test(error.message));
    }
  });

  it('on a disk that is almost full is refused with what is free and what is needed', async (t) => {
    const dir = await makeTemp(t, 'slip-home-');
    assert.throws(() => { checkDisk(dir, 2 ** 60); }, { message: /^The disk of .* is almost full \(\d+ MB free\): Slipway needs at least 1099511627776 MB\.$/ });
    checkDisk(dir, 1);
  });

  it('with a long path has its sockets where their paths are short enough, for this user alone', async (t) => {
    const dir = join(await makeTemp(t, 'slip-home-'), 'a'.repeat(120));
    const home = prepareHome(dir);
    t.after(() => { rmSync(home.run, { recursive: true, force: true }); });
    assert.ok(Buffer.byteLength(join(home.run, 'postgres/.s.PGSQL.5432')) < 104, home.run);
    assert.equal(prepareHome(dir).run, home.run);
    chmodSync(home.run, 0o777);
    assert.throws(() => prepareHome(dir), /belongs to somebody else/);
  });

  it('that other users cannot enter has what they need elsewhere', { skip: isRoot ? false : 'only root runs apps as other users' }, async (t) => {
    const closed = join(await makeTemp(t, 'slip-home-'), 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const home = prepareHome(join(closed, 'home'));
    t.after(() => { rmSync(home.open, { recursive: true, force: true }); });
    assert.ok(!home.open.startsWith(closed), home.open);
    assert.ok(home.postgresSocketDir.startsWith(home.open));
    assert.ok(existsSync(home.open));
  });
});

describe('the block of users of a platform', () => {
  const cases: [string, string, (first: number) => boolean][] = [
    ['a whole machine', '         0          0 4294967295\n', (first) => first >= 4 * 32_768 && first < 2 ** 31],
    ['a container with 65,536 users', '0 100000 65536\n', (first) => first === 32_768],
    ['a container with several ranges', '0 1000 1\n1 100000 65536\n', (first) => first === 32_768],
    ['a container with few', '0 100000 1000\n', (first) => first === 32_768],
  ];
  for (const [name, map, isGood] of cases) {
    it(`is aligned and within ${name}`, () => {
      const first = chooseUidBlock(map);
      assert.equal(first % 32_768, 0);
      assert.ok(isGood(first), String(first));
    });
  }

  it('counts no more users than there are', () => { assert.equal(countUids('0 0 65536'), 65_536); });
});
