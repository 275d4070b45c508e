import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readKeyCommand } from './key-command.ts';
import { KeyFileError } from './key-file.ts';

const read = (...args: string[]) => readKeyCommand(args, 'do', 'the key file');

describe('what is asked of the keys', () => {
  it('is one of two commands, of which one has a flag', () => {
    assert.deepEqual(read('add'), { name: 'add' });
    assert.deepEqual(read('remove-old'), { name: 'remove-old', now: false });
    assert.deepEqual(read('remove-old', '--now'), { name: 'remove-old', now: true });
  });

  for (const args of [[], ['frobnicate'], ['add', '--now'], ['remove-old', 'now'], ['remove-old', '--now', '--now']]) {
    it(`is refused with what there is to ask for: ${args.join(' ') || 'nothing'}`, () => {
      assert.throws(() => read(...args), (error) => error instanceof KeyFileError && /^(Say what to do\.|This is none of its commands: .*)\n\ndo add .* the key file; [^]*\ndo remove-old /.test(error.message));
    });
  }
});
