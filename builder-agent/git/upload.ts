import type { IncomingMessage } from 'node:http';
import { createPktWalk } from './pkt-walk.ts';

/** What is known of a push while it comes in. */
export interface Upload {
  /** Of the pack, so far. */
  bytes(): number;
  isComplete(): boolean;
  /** Whether the client shows progress of its own: it has a terminal. */
  showsProgress(): boolean;
}

/** Some fifty thousand refs. git holds all of them in memory, and has no limit of its own. */
const MAX_COMMAND_BYTES = 8 * 1024 * 1024;

/** Watches a push come in: its commands as pkt-lines, then its pack. Each is called once; git itself refuses the pack at the same byte, but not the commands. */
export function watchUpload(request: IncomingMessage, maxBytes: number, { onTooLarge, onTooMany }: { onTooLarge(): void; onTooMany(): void }): Upload {
  const commands = createPktWalk();
  let commandBytes = 0;
  let isFirst = true;
  let inPack = false;
  let bytes = 0;
  let isComplete = false;
  let isQuiet = false;
  request.on('data', (chunk: Buffer) => {
    // The first command carries what the client can and wants; "quiet" comes from one without a terminal.
    if (isFirst) isQuiet = /\0[^\0\n]* quiet\b/.test(chunk.toString('latin1', 0, 2_000));
    isFirst = false;
    const before = inPack ? 0 : commands.walk(chunk);
    // The letters "PACK", read as a length, may have come in an earlier chunk: they are too few to matter.
    inPack ||= before < chunk.length;
    const wereFew = commandBytes <= MAX_COMMAND_BYTES;
    commandBytes += before;
    if (wereFew && commandBytes > MAX_COMMAND_BYTES) onTooMany();
    const wasAllowed = bytes <= maxBytes;
    bytes += chunk.length - Math.max(0, before);
    if (wasAllowed && bytes > maxBytes) onTooLarge();
  });
  request.once('end', () => { isComplete = true; });
  return { bytes: () => bytes, isComplete: () => isComplete, showsProgress: () => !isQuiet };
}

/** "1 GiB", "1.5 MiB" */
export function readableBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power] ?? ''}`;
}
