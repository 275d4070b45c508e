import { AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CreateMultipartUploadCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import type { CompletedPart } from '@aws-sdk/client-s3';
import type { FileHandle } from 'node:fs/promises';
import { createSlots, inSlot } from '../../service/slots.ts';
import { sizeOf } from './bucket.ts';
import type { Bucket } from './bucket.ts';
import { isMissing } from './problem.ts';

/** What is in memory of a file at once, and sent again when it fails. S3 takes 10,000 parts: 80 GB. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Of one file, and of all files of the process: 32 MB of memory. */
const PARTS_AT_ONCE = 4;

type FileUpload = (key: string, file: FileHandle, size: number) => Promise<void>;

/** Uploads files so that an object is there whole or not at all: in one piece, or in parts that become the object with the last request. */
export function createFileUpload(bucket: Bucket): FileUpload {
  const inTurn = createTurns(PARTS_AT_ONCE);
  return async (key, file, size) => {
    if (size > PART_BYTES) return uploadParts(bucket, key, file, size, inTurn);
    await inTurn(async (memory) => bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key: key, ContentLength: size, Body: await readPart(file, 0, memory.subarray(0, size)) })));
  };
}

async function uploadParts(bucket: Bucket, key: string, file: FileHandle, size: number, inTurn: Turns): Promise<void> {
  const { client, name } = bucket;
  const target = { Bucket: name, Key: key, UploadId: (await client.send(new CreateMultipartUploadCommand({ Bucket: name, Key: key }))).UploadId };
  try {
    const Parts = await sendParts(Math.ceil(size / PART_BYTES), (index, abortSignal) => inTurn(async (memory) => {
      abortSignal.throwIfAborted();
      const Body = await readPart(file, index * PART_BYTES, memory.subarray(0, size - index * PART_BYTES));
      const { ETag } = await client.send(new UploadPartCommand({ ...target, PartNumber: index + 1, Body }), { abortSignal });
      return { ETag, PartNumber: index + 1 };
    }));
    await client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } })).catch(async (error: unknown) => {
      // An answer that was lost: the second request finds no upload, and the object.
      if (!isMissing(error) || await sizeOf(bucket, key) !== size) throw error;
    });
  } catch (error) {
    // What cannot be aborted now is swept later.
    await client.send(new AbortMultipartUploadCommand(target)).catch(() => undefined);
    throw error;
  }
}

/** Sends all parts, some at a time; the first failure ends those under way, and it is told when nothing is under way any more. */
async function sendParts(count: number, send: (index: number, signal: AbortSignal) => Promise<CompletedPart>): Promise<CompletedPart[]> {
  const parts: CompletedPart[] = [];
  const failed = new AbortController();
  let next = 0;
  const sendSome = async (): Promise<void> => {
    try {
      while (next < count && !failed.signal.aborted) {
        const index = next++;
        parts[index] = await send(index, failed.signal);
      }
    } catch (error) { failed.abort(error); }
  };
  await Promise.all(Array.from({ length: Math.min(PARTS_AT_ONCE, count) }, sendSome));
  failed.signal.throwIfAborted();
  return parts;
}

async function readPart(file: FileHandle, start: number, part: Buffer): Promise<Buffer> {
  for (let filled = 0; filled < part.length;) {
    const { bytesRead } = await file.read(part, filled, part.length - filled, start + filled);
    if (bytesRead === 0) throw new Error('An upload became shorter while it was stored.');
    filled += bytesRead;
  }
  return part;
}

type Turns = <T>(work: (memory: Buffer) => Promise<T>) => Promise<T>;

/** So much at a time, in the order in which it was asked for; each has the memory for one part. What was still being sent from it after a failure is refused there: its signature has its digest. */
function createTurns(atOnce: number): Turns {
  const slots = createSlots(atOnce);
  const unused: Buffer[] = [];
  return (work) => inSlot(slots, async () => {
    const memory = unused.pop() ?? Buffer.allocUnsafeSlow(PART_BYTES);
    try { return await work(memory); } finally { unused.push(memory); }
  });
}
