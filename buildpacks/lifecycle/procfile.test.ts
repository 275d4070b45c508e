import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BuildFailure } from './failure.ts';
import { parseProcfile } from './procfile.ts';

describe('a Procfile', () => {
  const good: [string, string, [string, string][]][] = [
    ['names process types and commands', 'web: node server.js\nworker: node worker.js --queue a:b\n', [['web', 'node server.js'], ['worker', 'node worker.js --queue a:b']]],
    ['may have comments, empty lines, Windows line ends, a byte order mark and no last newline', '\uFEFF# who runs\r\n\r\nweb:node a.js\r\nrelease:   ./migrate', [['web', 'node a.js'], ['release', './migrate']]],
    ['may be empty', '\n', []],
  ];
  for (const [name, text, want] of good) it(name, () => { assert.deepEqual(parseProcfile(text).map(({ type, command }) => [type, command]), want); });

  const bad: [string, string, RegExp][] = [
    ['without a colon', 'web: a\nthis is no Procfile\n', /line 2: "this is no Procfile"/],
    ['with a blank in the type', 'my web: a\n', /line 1/],
    ['without a command', '\n\nweb:  \n', /line 3: the process type "web" has no command/],
    ['that comes twice', 'web: a\nweb: b\n', /line 2: the process type "web" is there twice/],
    ['with a very long type', `${'w'.repeat(31)}: a\n`, /line 1: the process type .* is longer than 30/],
  ];
  for (const [name, text, message] of bad) {
    it(`with a line ${name} is refused with the line's number`, () => {
      assert.throws(() => parseProcfile(text), (error) => error instanceof BuildFailure && error.reason === 'INVALID_PROCFILE' && message.test(error.message));
    });
  }
});
