import { closeSync, constants, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
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
/** Time, stream and tags of a line, with room for any ordinal. */
const HEAD_BYTES = 64;
const NEWLINE = 10;

/** Where lines are put together, of all files: a call fills and empties it before it returns. */
const scratch = Buffer.allocUnsafe(128 * 1024);

/**
 * Opens a source's log files for appending, in the kubelet's format; the same source again goes on where it was. The first line of each write carries
 * its ordinal in the source (from 0) as a second tag, so that a reader can count what it missed: rotated away, or lost to a full disk, for which this never throws.
 */
export function openCriFile(dir: string, meta: SourceMeta, { maxBytes = MAX_BYTES, keep = KEEP }: CriFileOptions = {}): CriFile {
  const current = join(dir, '0.log');
  const held = { stdout: new Held(), stderr: new Held() };
  let file: number | null = null;
  let size = 0;
  let ordinal = 0;
  let used = 0;
  let head = { stream: '', full: Buffer.alloc(0), partial: Buffer.alloc(0), time: '' };
  let described = false;

  const describe = (): void => {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeAside(join(dir, 'meta.json'), JSON.stringify(meta));
    described = true;
  };
  const rotate = (): void => {
    if (file !== null) closeSync(file);
    file = null;
    renameSync(current, join(dir, rotatedName(readdirSync(dir))));
    for (const old of rotatedFiles(dir).slice(0, -keep)) rmSync(join(dir, old), { force: true });
  };
  /** One write of all that was put together. What cannot be written is lost, and the ordinal of the next line says so. */
  const flush = (): void => {
    const bytes = scratch.subarray(0, used);
    used = 0;
    if (bytes.length === 0) return;
    survivingDisk(() => {
      if (!described) describe();
      if (file === null) {
        file = openSync(current, constants.O_RDWR | constants.O_CREAT, 0o600);
        size = fstatSync(file).size;
      }
      size += append(file, bytes, size);
      if (size >= maxBytes) rotate();
    });
  };
  const put = (text: Uint8Array, partial: boolean): void => {
    if (used + HEAD_BYTES + text.length + 1 > scratch.length) flush();
    if (used === 0) used += scratch.write(`${head.time} ${head.stream} ${partial ? 'P' : 'F'}:${ordinal} `, 0, 'latin1');
    else {
      scratch.set(partial ? head.partial : head.full, used);
      used += head.full.length;
    }
    scratch.set(text, used);
    used += text.length;
    scratch[used++] = NEWLINE;
    ordinal++;
  };
  const putLine = (text: Uint8Array, more: boolean): void => {
    for (let at = 0; ;) {
      const end = partEnd(text, at);
      put(text.subarray(at, end), end < text.length || more);
      at = end;
      if (at >= text.length) return;
    }
  };
  const begin = (stream: string): void => {
    const time = new Date().toISOString();
    if (head.time !== time || head.stream !== stream) head = { stream, time, full: Buffer.from(`${time} ${stream} F `), partial: Buffer.from(`${time} ${stream} P `) };
  };
  survivingDisk(() => { describe(); ordinal = nextOrdinal(dir); });
  return {
    write: (stream, chunk) => {
      begin(stream);
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const before = held[stream];
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        const rest = bytes.subarray(start, end);
        putLine(before.bytes === 0 ? rest : before.take(rest), false);
        start = end + 1;
      }
      for (; before.bytes + bytes.length - start >= HOLD_BYTES;) {
        const end = start + HOLD_BYTES - before.bytes;
        putLine(before.take(bytes.subarray(start, end)), true);
        start = end;
      }
      before.add(bytes.subarray(start));
      flush();
    },
    line: (stream, text) => {
      begin(stream);
      putLine(Buffer.from(text), false);
      flush();
    },
    close: (ended) => {
      for (const stream of ['stdout', 'stderr'] as const) {
        if (held[stream].bytes === 0) continue;
        begin(stream);
        putLine(held[stream].take(), false);
        flush();
      }
      if (file !== null) closeSync(file);
      file = null;
      if (ended) survivingDisk(() => { writeFileSync(join(dir, 'ended'), '', { mode: 0o600 }); });
    },
  };
}

/** Rotated files of a source, oldest first. */
export function rotatedFiles(dir: string): string[] {
  return readdirSync(dir).filter((name) => name.startsWith('0.log.')).sort();
}

/** `0.log.<YYYYMMDD-HHMMSS>[-<k>]`; k has three digits, so that names sort by age. */
function rotatedName(taken: readonly string[]): string {
  const name = `0.log.${new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}`;
  const last = taken.filter((other) => other === name || other.startsWith(`${name}-`)).sort().at(-1);
  if (last === undefined) return name;
  return `${name}-${String(Number(last.slice(name.length + 1) || 0) + 1).padStart(3, '0')}`;
}

/** Runs what may fail for a full or broken disk; then it is as if it had not been tried. */
function survivingDisk(act: () => void): void {
  try { act(); } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

/** Text that waits for its newline. */
class Held {
  bytes = 0;
  private parts: Uint8Array[] = [];
  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    // A copy: the chunk is a view of a large buffer that would live as long.
    this.parts.push(Uint8Array.prototype.slice.call(chunk));
    this.bytes += chunk.length;
    // Single bytes would each cost an object.
    if (this.parts.length > 64) this.parts = [Buffer.concat(this.parts)];
  }
  take(last: Uint8Array = new Uint8Array()): Uint8Array {
    const all = Buffer.concat([...this.parts, last]);
    this.parts = [];
    this.bytes = 0;
    return all;
  }
}

/** Where a part that starts at `at` ends: never inside a character. */
function partEnd(text: Uint8Array, at: number): number {
  let end = at + PART_BYTES;
  if (end >= text.length) return text.length;
  for (let back = 0; back < 3 && ((text[end] ?? 0) & 0xc0) === 0x80; back++) end--;
  return ((text[end] ?? 0) & 0xc0) === 0x80 ? at + PART_BYTES : end;
}

/** Writes at a position and answers how much. Of what a full disk cut off, whole lines stay (a reader may have seen them) and the torn one goes. */
function append(file: number, bytes: Uint8Array, position: number): number {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(file, bytes, written, bytes.length - written, position + written);
  } catch (error) {
    survivingDisk(() => { throw error; });
    written = bytes.subarray(0, written).lastIndexOf(NEWLINE) + 1;
    ftruncateSync(file, position + written);
  }
  return written;
}

function writeAside(path: string, content: string): void {
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** After a restart of the writer the count goes on: from the last ordinal told, by the lines since. A line torn by the restart is cut off. */
function nextOrdinal(dir: string): number {
  const current = join(dir, '0.log');
  const files = [...rotatedFiles(dir).map((name) => join(dir, name)), ...(existsSync(current) ? [current] : [])];
  for (const path of files.reverse()) {
    const content = readFileSync(path);
    const whole = content.lastIndexOf(NEWLINE) + 1;
    if (whole < content.length) truncateSync(path, whole);
    for (let end = whole, lines = 1; end > 0; lines++) {
      const start = end < 2 ? 0 : content.lastIndexOf(NEWLINE, end - 2) + 1;
      const told = /^\S+ \S+ [FP]:(\d+) /.exec(content.toString('latin1', start, Math.min(end, start + 80)))?.[1];
      if (told !== undefined) return Number(told) + lines;
      end = start;
    }
  }
  return 0;
}
