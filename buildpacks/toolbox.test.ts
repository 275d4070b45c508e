import assert from 'node:assert/strict';
import { chmod, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { startBuildRig } from '../test/kit/build-rig.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { installToolbox } from './toolbox.ts';

describe('the toolbox of build jobs', () => {
  it('is installed once, also by two at a time, and nobody but its owner can change it', async (t) => {
    const dir = await makeTemp(t, 'slip-tools-');
    const [first, second] = await Promise.all([installToolbox(dir), installToolbox(dir)]);
    assert.deepEqual(second, first);
    const before = (await stat(first.node)).ino;
    assert.deepEqual(await installToolbox(dir), first);
    assert.equal((await stat(first.node)).ino, before);
    assert.equal((await readdir(dir)).length, 1, 'no half of one is left');
    for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (entry.isSymbolicLink()) continue;
      const { mode } = await stat(join(entry.parentPath, entry.name));
      assert.equal(mode & 0o022, 0, `${entry.parentPath}/${entry.name} is writable by others`);
      assert.equal(mode & 0o004, 0o004, `${entry.parentPath}/${entry.name} is not readable by others`);
    }
  });

  it('runs a whole build by itself, as a user who can read nothing else', { skip: process.getuid?.() !== 0 && 'another user needs root' }, async (t) => {
    const dir = await makeTemp(t, 'slip-tools-');
    await chmod(dir, 0o711);
    const { node, lifecycle } = await installToolbox(join(dir, 'toolbox'));
    await chmod(dirname(dirname(node)), 0o755);
    const rig = await startBuildRig(t);
    const build = await rig.build({ 'package.json': '{"name":"a","scripts":{"start":"node server.js","build":"id -u"},"dependencies":{"ms":"2.1.3"}}', 'server.js': '' }, { node, main: lifecycle, uid: 64_321 });
    assert.equal(build.outcome?.status, 'SUCCEEDED', build.output);
    assert.match(build.output, /\n64321\n/);
  });
});
