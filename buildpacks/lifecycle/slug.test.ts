import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { x } from 'tar';
import { makeTemp } from '../../test/kit/temp.ts';
import { packSlug } from './slug.ts';

const execute = promisify(execFile);

const paths = Array.from({ length: 40 }, (_, index) => `${'dir/'.repeat(index % 4)}file-${(index * 7919) % 100}-${'é'.repeat(index)}`);

async function makeTree(dir: string, order: string[], mode: number, time: number): Promise<void> {
  for (const path of order) {
    const file = join(dir, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 + (mode & 0o077) });
    await writeFile(file, `content of ${path}`, { mode });
    await utimes(file, time, time);
  }
  await symlink('file', join(dir, 'link'));
  await writeFile(join(dir, 'large'), Buffer.alloc(5 * 1024 * 1024, 'large'), { mode: mode | 0o100 });
}

describe('a slug', () => {
  it('has the same bytes for the same files, whatever the order, times and modes they were written with', async (t) => {
    const dir = await makeTemp(t, 'slip-slug-');
    const digests: string[] = [];
    for (const [name, order, mode, time] of [['one', paths, 0o644, 1_000_000], ['two', paths.toReversed(), 0o600, 1_700_000_000]] as const) {
      await makeTree(join(dir, name), [...order], mode, time);
      digests.push((await packSlug(join(dir, name), join(dir, `${name}.tar.zst`), 2 ** 30)).digest);
    }
    assert.equal(digests[0], digests[1]);
    await writeFile(join(dir, 'two/large'), Buffer.alloc(5 * 1024 * 1024, 'other'));
    assert.notEqual((await packSlug(join(dir, 'two'), join(dir, 'three.tar.zst'), 2 ** 30)).digest, digests[0]);
  });

  it('gives back all files, links, empty directories and what is executable', async (t) => {
    const dir = await makeTemp(t, 'slip-slug-');
    await makeTree(join(dir, 'tree'), paths, 0o600, 1);
    await mkdir(join(dir, 'tree/empty'));
    await chmod(join(dir, 'tree/empty'), 0o700);
    await execute('mkfifo', [join(dir, 'tree/fifo')]);
    await packSlug(join(dir, 'tree'), join(dir, 'slug'), 2 ** 30);
    await mkdir(join(dir, 'out'));
    await x({ file: join(dir, 'slug'), cwd: join(dir, 'out'), maxDecompressionRatio: Infinity });
    const list = async (name: string): Promise<string[]> => (await readdir(join(dir, name), { recursive: true })).sort();
    assert.deepEqual(await list('out'), (await list('tree')).filter((path) => path !== 'fifo'));
    for (const path of paths) assert.equal(await readFile(join(dir, 'out', path), 'utf8'), `content of ${path}`);
    assert.ok((await lstat(join(dir, 'out/link'))).isSymbolicLink());
    assert.equal((await lstat(join(dir, 'out/large'))).mode & 0o111, 0o111);
    assert.equal((await lstat(join(dir, 'out', paths[0] ?? ''))).mode & 0o777, 0o644);
  });
});
