import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { mountSmallDisk } from '../test/kit/small-disk.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { openCriFile, rotatedFiles } from './cri-file.ts';
import type { CriFileOptions, SourceMeta } from './cri-file.ts';
import { emptyCriLine, parseCriLine } from './cri-line.ts';

const meta: SourceMeta = { appId: 'a', source: 'APP', sourceId: 's', process: 'web', replica: 'web.1', release: 7, build: null };

interface Read { stream: string; partial: boolean; ordinal: number | null; text: string }

function parse(bytes: Buffer): Read[] {
  const lines: Read[] = [];
  const line = emptyCriLine();
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start);
    assert.notEqual(end, -1, 'a file ends with a newline');
    assert.ok(parseCriLine(bytes, start, end, line), bytes.toString('utf8', start, end).slice(0, 100));
    lines.push({ stream: line.stream, partial: line.partial, ordinal: line.ordinal, text: bytes.toString('utf8', line.textStart, line.textEnd) });
    start = end + 1;
  }
  return lines;
}

async function open(t: TestContext, options?: CriFileOptions) {
  const dir = join(await makeTemp(t, 'slip-cri-'), 'a/APP/s');
  const file = openCriFile(dir, meta, options);
  const read = (): Read[] => [...rotatedFiles(dir), '0.log'].filter((name) => existsSync(join(dir, name))).flatMap((name) => parse(readFileSync(join(dir, name))));
  return { dir, file, read };
}
const texts = (lines: Read[]): string[] => lines.map(({ stream, text }) => `${stream} ${text}`);

describe('a CRI log file', () => {
  it('begins with what its source is', async (t) => {
    const { dir } = await open(t);
    assert.deepEqual(JSON.parse(readFileSync(join(dir, 'meta.json'), 'utf8')), meta);
  });

  it('has a line for each newline, whatever the chunks are, and keeps the streams apart', async (t) => {
    const { file, read } = await open(t);
    for (const [stream, chunk] of [['stdout', 'one\ntw'], ['stderr', 'oops'], ['stdout', 'o'], ['stdout', '\n\nthree\n'], ['stderr', '!\n']] as const) file.write(stream, Buffer.from(chunk));
    assert.deepEqual(texts(read()), ['o one', 'o two', 'o ', 'o three', 'e oops!']);
    assert.deepEqual(read().map(({ ordinal }) => ordinal), [0, 1, null, null, 4]);
  });

  it('holds back a line until its newline, and writes it at the end without one', async (t) => {
    const { dir, file, read } = await open(t);
    file.write('stdout', Buffer.from('no newline'));
    assert.equal(existsSync(join(dir, '0.log')), false);
    file.close(true);
    assert.deepEqual(texts(read()), ['o no newline']);
    assert.ok(existsSync(join(dir, 'ended')));
  });

  it('does not keep the memory of a chunk that its reader uses again', async (t) => {
    const { file, read } = await open(t);
    const chunk = Buffer.from('abc');
    file.write('stdout', chunk);
    chunk.fill('x');
    file.write('stdout', Buffer.from('\n'));
    assert.deepEqual(texts(read()), ['o abc']);
  });

  it('splits a line at 16 KiB, never inside a character, and marks all parts but the last', async (t) => {
    const { file, read } = await open(t);
    const text = 'x'.repeat(16 * 1024 - 1) + 'é' + 'y'.repeat(20_000);
    file.line('stdout', text);
    assert.deepEqual(read().map((line) => [line.partial, Buffer.byteLength(line.text)]), [[true, 16 * 1024 - 1], [true, 16 * 1024], [false, 20_000 + 2 - 16 * 1024]]);
    assert.equal(read().map((line) => line.text).join(''), text);
  });

  it('holds back no more than 64 KiB of a line without an end', async (t) => {
    const { file, read } = await open(t);
    for (let i = 0; i < 100; i++) file.write('stdout', Buffer.alloc(1_999, 0x61 + (i % 26)));
    assert.equal(read().reduce((sum, { text }) => sum + text.length, 0), 3 * 64 * 1024);
    assert.ok(read().every(({ partial }) => partial));
    file.write('stdout', Buffer.from('\nnext\n'));
    const lines = read();
    assert.equal(lines.filter(({ partial }) => !partial).length, 2);
    assert.equal(lines.slice(0, -1).reduce((sum, { text }) => sum + text.length, 0), 199_900);
    assert.deepEqual(lines.map(({ ordinal }, index) => ordinal ?? index), lines.map((_, index) => index));
  });

  it('keeps bytes that are no UTF-8', async (t) => {
    const { dir, file } = await open(t);
    file.write('stdout', Buffer.from([0xff, 0x80, 0x0d, 0x00, 0x0a]));
    assert.deepEqual([...readFileSync(join(dir, '0.log')).subarray(-5)], [0xff, 0x80, 0x0d, 0x00, 0x0a]);
  });

  it('is rotated at its size; old files go, and each tells the ordinal of its first line', async (t) => {
    const { dir, file, read } = await open(t, { maxBytes: 1_000, keep: 3 });
    for (let i = 0; i < 200; i++) file.line('stdout', `line ${i}`);
    assert.equal(rotatedFiles(dir).length, 3);
    for (const name of [...rotatedFiles(dir), ...(existsSync(join(dir, '0.log')) ? ['0.log'] : [])]) assert.notEqual(parse(readFileSync(join(dir, name)))[0]?.ordinal, null);
    for (const name of rotatedFiles(dir)) assert.match(name, /^0\.log\.\d{8}-\d{6}(-\d{3})?$/);
    const lines = read();
    assert.equal(lines.at(-1)?.text, 'line 199');
    assert.deepEqual(lines.map(({ text, ordinal }) => [text, ordinal]), lines.map((_, index) => [`line ${200 - lines.length + index}`, 200 - lines.length + index]));
  });

  it('goes on with the count after a restart of its writer, also where a line was torn', async (t) => {
    const { dir, file, read } = await open(t);
    file.write('stdout', Buffer.from('one\ntwo\nthree\n'));
    appendFileSync(join(dir, '0.log'), '2026-11-24T12:00:00.123Z stdo');
    openCriFile(dir, meta).line('stdout', 'four');
    assert.deepEqual(read().map(({ text, ordinal }) => [text, ordinal]), [['one', 0], ['two', null], ['three', null], ['four', 3]]);
  });

  it('goes on with the count after a restart that came just after a rotation', async (t) => {
    const { dir, file, read } = await open(t, { maxBytes: 60 });
    file.write('stdout', Buffer.from('one\ntwo\n'));
    assert.deepEqual([readdirSync(dir).includes('0.log'), rotatedFiles(dir).length], [false, 1]);
    openCriFile(dir, meta).line('stdout', 'three');
    assert.equal(read().at(-1)?.ordinal, 2);
  });

  it('tells by the ordinal what a disk that was full for a while has cost', { skip: process.getuid?.() !== 0 && 'a small file system needs root' }, async (t) => {
    const disk = await mountSmallDisk(t, '64k');
    if (disk === null) { t.skip('this machine lets us mount no disk'); return; }
    const dir = join(disk, 's');
    const file = openCriFile(dir, meta);
    t.after(() => { file.close(false); });
    for (let i = 0; i < 100; i++) file.write('stdout', Buffer.from(`${i} ${'x'.repeat(500)}\n${i} again ${'y'.repeat(500)}\n`));
    const before = parse(readFileSync(join(dir, '0.log')));
    assert.ok(before.length < 200 && before.length > 20, `${before.length} lines`);
    spawnSync('mount', ['-o', 'remount,size=1m', disk]);
    file.line('stdout', 'room again');
    const lines = parse(readFileSync(join(dir, '0.log')));
    assert.deepEqual([lines.length, lines.at(-1)?.text, lines.at(-1)?.ordinal], [before.length + 1, 'room again', 200]);
  });
});
