import { closeSync, constants, existsSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What the log agent reads first of a source; nulls where a field does not fit. */
export interface SourceMeta {
  appId: string; source: 'BUILD' | 'APP' | 'ROUTER'; sourceId: string;
  process: string | null; replica: string | null; release: number | null; build: string | null;
}

export interface CriFileOptions { maxBytes?: number; keep?: number }

export interface CriFile {
  /** Takes output as it comes; a line goes to the file when its newline has come, or 64 KiB of it. */
  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): void;
  line(stream: 'stdout' | 'stderr', text: string): void;
  /** Writes what has no newline yet. `ended`: nothing ever comes again, and readers may know. */
  close(ended: boolean): void;
}

/** The kubelet's: a file is rotated at 10 MB, five rotated ones are kept, and a CRI line holds 16 KiB of text. */
const MAX_BYTES = 10 * 1024 * 1024;
const KEEP = 5;
const PART_BYTES = 16 * 1024;
/** Text without a newline is held back up to here. */
const HOLD_BYTES = 64 * 1024;
const NEWLINE = 10;

/**
 * Opens a source's log files for appending, in the kubelet's format. The first line of each file, and the first after a loss (a full disk), carries
 * the ordinal of that CRI line in the source as a second tag, so that a reader can count what it missed. Never throws for a disk that is full.
 */
export function openCriFile(dir: string, meta: SourceMeta, { maxBytes = MAX_BYTES, keep = KEEP }: CriFileOptions = {}): CriFile {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const current = join(dir, '0.log');
  let ordinal = 0;
  let file: number | null = null;
  let size = 0;
  let tell = true;
  const held = { stdout: new Held(), stderr: new Held() };
  writeAside(join(dir, 'meta.json'), JSON.stringify(meta));
  ordinal = nextOrdinal(dir);

  const rotate = (): void => {
    if (file !== null) closeSync(file);
    file = null;
    const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
    const taken = new Set(readdirSync(dir));
    let name = `0.log.${stamp}`;
    for (let k = 1; taken.has(name); k++) name = `0.log.${stamp}-${String(k).padStart(3, '0')}`;
    renameSync(current, join(dir, name));
    for (const old of rotatedFiles(dir).slice(0, -keep)) rmSync(join(dir, old), { force: true });
  };
  const put = (stream: string, time: string, partial: boolean, text: Uint8Array): void => {
    const tag = `${partial ? 'P' : 'F'}${tell ? `:${ordinal}` : ''}`;
    ordinal++;
    try {
      if (file === null) {
        file = openSync(current, constants.O_RDWR | constants.O_CREAT, 0o600);
        size = fstatSync(file).size;
      }
      const record = Buffer.concat([Buffer.from(`${time} ${stream} ${tag} `), text, Buffer.of(NEWLINE)]);
      writeWhole(file, record, size);
      size += record.length;
      tell = false;
      if (size >= maxBytes && !partial) { rotate(); tell = true; }
    } catch (error) {
      // Whatever the disk's trouble is: this line is lost, and the next one that can be written says so by its ordinal.
      if (!(error instanceof Error && 'code' in error)) throw error;
      tell = true;
    }
  };
  const putLine = (stream: 'stdout' | 'stderr', text: Uint8Array, more: boolean): void => {
    const time = new Date().toISOString();
    for (let at = 0; ; at += PART_BYTES) {
      const last = at + PART_BYTES >= text.length;
      put(stream, time, !last || more, text.subarray(at, at + PART_BYTES));
      if (last) return;
    }
  };
  return {
    write: (stream, chunk) => {
      const buffer = held[stream];
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        putLine(stream, buffer.take(chunk.subarray(start, end)), false);
        start = end + 1;
      }
      buffer.add(chunk.subarray(start));
      if (buffer.bytes >= HOLD_BYTES) putLine(stream, buffer.take(), true);
    },
    line: (stream, text) => { putLine(stream, Buffer.from(text), false); },
    close: (ended) => {
      for (const stream of ['stdout', 'stderr'] as const) if (held[stream].bytes > 0) putLine(stream, held[stream].take(), false);
      if (file !== null) closeSync(file);
      file = null;
      if (ended) writeFileSync(join(dir, 'ended'), '', { mode: 0o600 });
    },
  };
}

/** Rotated files of a source, oldest first. */
export function rotatedFiles(dir: string): string[] {
  return readdirSync(dir).filter((name) => name.startsWith('0.log.')).sort();
}

/** Text that waits for its newline. */
class Held {
  bytes = 0;
  private parts: Uint8Array[] = [];
  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    // A copy: the chunk may be a view of a large buffer that the reader uses again.
    this.parts.push(Uint8Array.prototype.slice.call(chunk));
    this.bytes += chunk.length;
  }
  take(last: Uint8Array = new Uint8Array()): Uint8Array {
    const all = this.parts.length === 0 ? last : Buffer.concat([...this.parts, last]);
    this.parts = [];
    this.bytes = 0;
    return all;
  }
}

/** At `size`, not at the end: what a full disk left of a record is written over by the next one. */
function writeWhole(file: number, record: Uint8Array, size: number): void {
  let written = 0;
  while (written < record.length) written += writeSync(file, record, written, record.length - written, size + written);
}

function writeAside(path: string, content: string): void {
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** After a restart of the writer the count goes on: from the last ordinal told, by the lines since. A line torn by the restart is cut off. */
function nextOrdinal(dir: string): number {
  const current = join(dir, '0.log');
  const newest = existsSync(current) ? current : rotatedFiles(dir).map((name) => join(dir, name)).at(-1);
  if (newest === undefined) return 0;
  const content = readFileSync(newest);
  const whole = content.lastIndexOf(NEWLINE) + 1;
  if (whole < content.length) truncateSync(newest, whole);
  let ordinal = 0;
  for (let start = 0; start < whole; start = content.indexOf(NEWLINE, start) + 1) {
    const told = /^\S+ \S+ [FP]:(\d+) /.exec(content.toString('latin1', start, start + 80))?.[1];
    ordinal = (told === undefined ? ordinal : Number(told)) + 1;
  }
  return ordinal;
}
