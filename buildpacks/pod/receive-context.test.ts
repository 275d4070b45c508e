import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { BuildContext } from '../../bus/build.ts';
import { receiveContext } from './receive-context.ts';

const context: BuildContext = {
  buildId: randomUUID(), appId: randomUUID(), appName: 'blog', number: 1, commit: 'c0ffee', clean: false, sourceUrl: 'http://blobs/s', sourceDigest: 'aa', slugPutUrl: 'http://blobs/p', cacheUrl: null, cachePutUrl: 'http://blobs/c',
  config: [{ key: 'A', value: Buffer.from('é'.repeat(5000)).toString('base64') }], limits: { seconds: 1, memoryBytes: 1, diskBytes: 1, outputBytes: 1, slugBytes: 1 },
};
const line = `\n${JSON.stringify(context)}\n`;

describe('the context of a build on standard input', () => {
  it('is taken however it comes in pieces', async () => {
    const input = new PassThrough();
    const received = receiveContext(input);
    for (let at = 0; at < line.length; at += 777) input.write(line.slice(at, at + 777));
    assert.deepEqual(await received, context);
  });

  it('is taken after what a builder left half-written when it died', async () => {
    const input = new PassThrough();
    const received = receiveContext(input);
    input.write(line.slice(0, 900));
    input.write(line);
    assert.deepEqual(await received, context);
  });

  it('is taken once, and what comes after it is read away', async () => {
    const input = new PassThrough({ highWaterMark: 100 });
    const received = receiveContext(input);
    input.write(line);
    assert.deepEqual(await received, context);
    await new Promise<void>((resolve) => { input.write(line.repeat(50), () => { resolve(); }); });
  });

  it('fails when there will be none', async () => {
    const input = new PassThrough();
    const received = receiveContext(input);
    input.end('nonsense\n');
    await assert.rejects(received, /ended before/);
  });
});
