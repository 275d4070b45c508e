import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type { StoredBatch } from '../../bus/log-store.ts';
import type { LogSegment } from '../../prisma/generated/client/client.ts';
import type { Platform } from '../platform.ts';
import { decodeLogMessage } from './message.ts';
import type { LogMessage } from './message.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Bytes of batches in one segment: small enough to be held in memory by who reads one. */
export const SEGMENT_BYTES = 4 * 1024 * 1024;
/** What decompression may give at most: a segment and one batch. */
const MAX_RAW_BYTES = SEGMENT_BYTES + 2 * 1024 * 1024;

/** Stores batches as one compressed blob: for each a line of sequence, time, subject and JSON. */
export async function putSegment({ blobs }: Pick<Platform, 'blobs'>, batches: readonly StoredBatch[]): Promise<{ key: string; size: number }> {
  const raw = Buffer.concat(batches.flatMap(({ seq, storedAt, subject, data }) => [Buffer.from(`${seq} ${storedAt} ${subject} `), data, Buffer.of(0x0a)]));
  const packed = await compress(raw, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  const { digest, size } = await blobs.put('logs', Readable.from([packed]), packed.length);
  return { key: digest, size };
}

/** The messages of a segment, in order; null: its blob is gone. */
export async function getSegment({ blobs }: Pick<Platform, 'blobs'>, { key, epoch }: Pick<LogSegment, 'key' | 'epoch'>): Promise<LogMessage[] | null> {
  const blob = await blobs.get('logs', key);
  if (!blob) return null;
  const raw = await decompress(await buffer(blob.stream), { maxOutputLength: MAX_RAW_BYTES });
  const messages: LogMessage[] = [];
  for (let start = 0; start < raw.length;) {
    const end = raw.indexOf(0x0a, start);
    const first = raw.indexOf(0x20, start);
    const second = raw.indexOf(0x20, first + 1);
    const third = raw.indexOf(0x20, second + 1);
    messages.push(decodeLogMessage(Number(epoch), {
      seq: Number(raw.toString('latin1', start, first)), storedAt: Number(raw.toString('latin1', first + 1, second)), subject: raw.toString('latin1', second + 1, third), data: raw.subarray(third + 1, end),
    }));
    start = end + 1;
  }
  return messages;
}
