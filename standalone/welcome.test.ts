import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeTemp } from '../test/kit/temp.ts';
import { slipwayCommand } from './welcome.ts';

describe('the next commands', () => {
  it('can be pasted into a shell from whatever folder we are in', async (t) => {
    const dir = await makeTemp(t, "slip it's a $HOME ");
    const own = join(dir, 'slipway');
    writeFileSync(own, '#!/bin/sh\necho "ran with $1"\n', { mode: 0o755 });
    assert.equal(execFileSync('sh', ['-c', `${slipwayCommand(own, '/usr/bin')} create`], { encoding: 'utf8' }), 'ran with create\n');
    assert.equal(slipwayCommand('/opt/slipway/bin/slipway', '/usr/bin'), '/opt/slipway/bin/slipway');
  });

  it('are short where the command is on the PATH', async (t) => {
    const dir = await makeTemp(t, 'slip-');
    writeFileSync(join(dir, 'slipway'), '');
    assert.equal(slipwayCommand('/opt/slipway/bin/slipway', `/usr/bin:${dir}`), 'slipway');
  });
});
