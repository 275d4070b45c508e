import { open, readdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyCriLine, parseCriLine } from '../cri/cri-line.ts';
import { criMicros } from '../cri/cri-time.ts';
import { gunzipHead, openGunzipped } from './gzip-file.ts';

/** An open log file. It stays readable when it is renamed or deleted. */
export interface LogFile {
  handle: FileHandle;
  /** Its inode; where it was compressed, of the compressed file. */
  i: number;
  /** What tells it from the source's other files, and grows from one to the next: the ordinal of its first line or, where its writer gives none, the time of that line in microseconds; -1: neither can be read. */
  f: number;
}

export interface FilePlace { f: number; i: number }

/** `missed`: files between the one before and this one may be gone, and nothing in them says how many lines they had. */
export interface NextFile { file: LogFile | null; missed: boolean }

/** `<n>.log` is being written, by the n-th life of its container; `<n>.log.<stamp>` was rotated, `<n>.log.<stamp>.gz` compressed after that. */
const NAME = /^(\d+)\.log(?:\.([\d-]+)(\.gz)?)?$/;

interface Candidate { path: string; counted: boolean; i: number; f: number; handle: FileHandle | null }

/** Enough for the time, stream and tags of a first line. */
const HEAD_BYTES = 128;

/** The file that follows `after` (null: the oldest there is), opened. No file: there is none yet, or it has no line yet. */
export async function openNextFile(dirs: readonly string[], after: FilePlace | null): Promise<NextFile> {
  const files = await listFiles(dirs);
  const { file, missed } = chooseNext(files, after);
  return { file: await openChosen(files, file), missed };
}

function chooseNext(files: Candidate[], after: FilePlace | null): { file: Candidate | undefined; missed: boolean } {
  if (after === null) return { file: files[0], missed: false };
  // Ordinals count what is missing by themselves.
  if (files.some(({ counted }) => counted)) return { file: files.find(({ f }) => f > after.f), missed: false };
  const index = files.findIndex((file) => isSame(file, after));
  if (index >= 0) return { file: files[index + 1], missed: false };
  const later = files.find(({ f }) => f > after.f);
  return { file: later, missed: later !== undefined };
}

/** The file at this place, opened; where it is gone, the one after it: its rest was missed. */
export async function reopenFile(dirs: readonly string[], place: FilePlace): Promise<NextFile & { isSame: boolean }> {
  const files = await listFiles(dirs);
  const same = files.find((file) => isSame(file, place));
  if (same) return { file: await openChosen(files, same), missed: false, isSame: true };
  const { file } = chooseNext(files, place);
  return { file: await openChosen(files, file), missed: file !== undefined && !file.counted, isSame: false };
}

const isSame = (file: FilePlace, { f, i }: FilePlace): boolean => file.f === f && (f !== -1 || file.i === i);

async function openChosen(files: Candidate[], chosen: Candidate | undefined): Promise<LogFile | null> {
  await closeAll(files.filter((file) => file !== chosen));
  if (!chosen) return null;
  const handle = chosen.handle ?? await openGunzipped(chosen.path).catch(nullIfMissing);
  return handle && { handle, i: chosen.i, f: chosen.f };
}

async function closeAll(files: Candidate[]): Promise<void> {
  for (const { handle } of files) await handle?.close();
}

/** A rotation between two looks takes a moment; who finds one each time has files that are deleted faster than they can be opened. */
const LOOKS = 10;

/** All files that have a line, oldest first. One that is renamed while we look would be missing between its neighbours: then we look again. */
async function listFiles(dirs: readonly string[]): Promise<Candidate[]> {
  for (let look = 1; ; look++) {
    const { files, wentMissing } = await lookOnce(dirs);
    if (!wentMissing || look === LOOKS) return files.some(({ counted }) => counted) ? files.sort((a, b) => a.f - b.f) : files;
    await closeAll(files);
  }
}

async function lookOnce(dirs: readonly string[]): Promise<{ files: Candidate[]; wentMissing: boolean }> {
  const files: Candidate[] = [];
  let wentMissing = false;
  for (const dir of dirs) {
    for (const name of await namesIn(dir)) {
      const file = await (name.endsWith('.gz') ? lookAtGzip : lookAtPlain)(join(dir, name));
      if (file === 'missing') wentMissing = true;
      // While it is compressed, a file is there in both forms.
      else if (file !== 'empty' && !files.some((other) => isSame(other, file))) files.push(file);
      else if (file !== 'empty') await file.handle?.close();
    }
  }
  return { files, wentMissing };
}

/** Names of log files in the order in which they were written. */
async function namesIn(dir: string): Promise<string[]> {
  const names = (await readdir(dir).catch(nullIfMissing)) ?? [];
  const keyed = names.flatMap((name) => {
    const [match, life, stamp, gzip] = NAME.exec(name) ?? [];
    return match === undefined ? [] : [{ name, key: `${String(life).padStart(10, '0')} ${stamp ?? '~'}${gzip ? '.' : ''}` }];
  });
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ name }) => name);
}

type Look = Candidate | 'missing' | 'empty';

async function lookAtPlain(path: string): Promise<Look> {
  const handle = await open(path, 'r').catch(nullIfMissing);
  if (!handle) return 'missing';
  const head = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
  const first = firstLine(head.subarray(0, bytesRead));
  if (!first) { await handle.close(); return 'empty'; }
  return { path, handle, i: Number((await handle.stat()).ino), ...first };
}

async function lookAtGzip(path: string): Promise<Look> {
  const found = await stat(path).catch(nullIfMissing);
  const head = found && await gunzipHead(path, HEAD_BYTES).catch(nullIfMissing);
  if (!head) return 'missing';
  const first = firstLine(head);
  return first ? { path, handle: null, i: Number(found.ino), ...first } : 'empty';
}

/** What the first line says of its file; null: there is no first line yet. */
function firstLine(head: Buffer): { f: number; counted: boolean } | null {
  const newline = head.indexOf(0x0a);
  if (newline === -1 && head.length < HEAD_BYTES) return null;
  const line = emptyCriLine();
  parseCriLine(head, 0, newline === -1 ? head.length : newline, line);
  return line.ordinal === null ? { f: criMicros(head), counted: false } : { f: line.ordinal, counted: true };
}

/** Whether the open file is still the one that is written. */
export async function isCurrent(dirs: readonly string[], file: LogFile): Promise<boolean> {
  for (const dir of dirs.toReversed()) {
    const name = (await namesIn(dir)).filter((each) => each.endsWith('.log')).at(-1);
    const current = name === undefined ? null : await stat(join(dir, name)).catch(nullIfMissing);
    if (current) return Number(current.ino) === file.i;
  }
  return false;
}

export async function anyExists(dirs: readonly string[]): Promise<boolean> {
  for (const dir of dirs) if (await stat(dir).catch(nullIfMissing)) return true;
  return false;
}

export function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
