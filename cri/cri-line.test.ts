import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyCriLine, parseCriLine } from './cri-line.ts';

function parse(text: string): { good: boolean; at: number; stream: string; partial: boolean; ordinal: number | null; text: string } {
  const bytes = Buffer.from(`before\n${text}\nafter`);
  const line = emptyCriLine();
  const good = parseCriLine(bytes, 7, bytes.length - 6, line);
  return { good, at: line.at, stream: line.stream, partial: line.partial, ordinal: line.ordinal, text: bytes.toString('utf8', line.textStart, line.textEnd) };
}
const at = Date.parse('2026-11-24T12:00:00.123Z');

describe('a line of a CRI file', () => {
  const good: [string, string, object][] = [
    ['is time, stream, tag and text', '2026-11-24T12:00:00.123456789Z stdout F hello  world ', { at, stream: 'o', partial: false, ordinal: null, text: 'hello  world ' }],
    ['may be of stderr, and partial', '2026-11-24T12:00:00.123456789Z stderr P half', { at, stream: 'e', partial: true, ordinal: null, text: 'half' }],
    ['may carry its ordinal', '2026-11-24T12:00:00.123Z stdout F:12034 x', { at, stream: 'o', partial: false, ordinal: 12034, text: 'x' }],
    ['may carry tags that nobody knows yet', '2026-11-24T12:00:00.123Z stdout P:7:new x', { at, stream: 'o', partial: true, ordinal: 7, text: 'x' }],
    ['may have a zone', '2026-11-24T14:00:00.123456789+02:00 stdout F x', { at, stream: 'o', partial: false, ordinal: null, text: 'x' }],
    ['may have no fraction of a second', '2026-11-24T12:00:00Z stdout F x', { at: at - 123, stream: 'o', partial: false, ordinal: null, text: 'x' }],
    ['may be empty', '2026-11-24T12:00:00.123Z stdout F ', { at, stream: 'o', partial: false, ordinal: null, text: '' }],
    ['may be empty and without its last space', '2026-11-24T12:00:00.123Z stdout F', { at, stream: 'o', partial: false, ordinal: null, text: '' }],
  ];
  for (const [name, text, expected] of good) it(name, () => { assert.deepEqual(parse(text), { good: true, ...expected }); });

  for (const text of ['', 'x', 'torn', '2026-11-24T12:00:00.123Z stdin F x', '2026-11-24T12:00:00.123Z stdout X x', '2026-99-24T12:00:00.123Z stdout F x', '2026-11-24T12:00:00.123Z stdout F:x y', '2026-11-24T12:00:00.123Z stdout Fx']) {
    it(`of another form is kept whole as text: "${text}"`, () => {
      assert.deepEqual(parse(text), { good: false, at: NaN, stream: 'o', partial: false, ordinal: null, text });
    });
  }
});
