import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeTemp } from '../test/kit/temp.ts';
import { keyReload, parseKeys, readKeys } from './key-file.ts';
import type { Logger } from './log.ts';

const [older, newer] = [randomBytes(32), randomBytes(32)];
const line = (key: Buffer): string => `${key.toString('base64')}\n`;

describe('a key file', () => {
  it('has a key a line, the newest first; blanks count for nothing', () => {
    assert.deepEqual(parseKeys(`\n ${line(newer)}\n${line(older)}`), [newer, older]);
  });

  for (const [what, content, message] of [
    ['is empty', '\n', /no key/], ['has a short key', `${randomBytes(16).toString('base64')}\n`, /line 1/], ['has half a key after a whole one', `${line(older)}AAAA\n`, /line 2/], ['has a key twice', line(older) + line(older), /twice/],
  ] as const) it(`that ${what} is told of by what is wrong with it`, () => { assert.throws(() => parseKeys(content), message); });

  it('is named by what says that it is not right', async (t) => {
    const file = join(await makeTemp(t, 'slip-keys-'), 'some.key');
    await writeFile(file, 'no key');
    assert.throws(() => readKeys(file), /The key file \S+some\.key is not right: line 1 is not 32 bytes in base64\./);
  });

  it('that is not right when it is read again is logged once for each problem, and again when it was right between', () => {
    let problem: string | null = null;
    const logged: string[] = [];
    const log = { error: ({ error }: { error: Error }) => { logged.push(error.message); } } as unknown as Logger;
    const reload = keyReload(() => { if (problem !== null) throw new Error(problem); }, log);
    for (const next of [null, 'gone', 'gone', 'short', 'short', null, 'short']) { problem = next; reload(); }
    assert.deepEqual(logged, ['gone', 'short', 'short']);
  });
});
