import { open, readdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyCriLine, parseCriLine } from '../cri/cri-line.ts';

/** The file that is being written; rotated ones are `0.log.<stamp>`. */
export const CURRENT = '0.log';

/** An open log file. It stays readable when it is renamed or deleted. */
export interface LogFile {
  handle: FileHandle;
  /** Its inode. */
  i: number;
  /** The ordinal of its first line, -1: its writer gives none. */
  f: number;
}

/** Enough for the time, stream and tags of a first line. */
const HEAD_BYTES = 128;

/** The file that follows `after` (null: the oldest there is), opened. Null: there is none yet, or it has no line yet. */
export async function openNextFile(dir: string, after: { f: number; i: number } | null): Promise<LogFile | null> {
  const files = await openAll(dir);
  let chosen: LogFile | undefined;
  if (files.some((file) => file.f === -1)) {
    // No ordinals: the names' stamps say the order.
    const index = files.findIndex((file) => file.i === after?.i);
    chosen = files[index + 1];
  } else {
    chosen = files.filter((file) => after === null || file.f > after.f).sort((a, b) => a.f - b.f)[0];
  }
  await closeOthers(files, chosen);
  return chosen ?? null;
}

/** The file with this first ordinal (or, where there are no ordinals, this inode), opened; null: it is gone. */
export async function openFile(dir: string, { f, i }: { f: number; i: number }): Promise<LogFile | null> {
  const files = await openAll(dir);
  const chosen = files.find((file) => file.f === f && (f !== -1 || file.i === i));
  await closeOthers(files, chosen);
  return chosen ?? null;
}

async function closeOthers(files: LogFile[], chosen: LogFile | undefined): Promise<void> {
  for (const file of files) if (file !== chosen) await file.handle.close();
}

/** All files that have a line, oldest first by name. One that is renamed while we look may be missing: look again later. */
async function openAll(dir: string): Promise<LogFile[]> {
  const names = (await readdir(dir).catch(noneIfMissing)).filter((name) => name === CURRENT || name.startsWith(`${CURRENT}.`));
  const rotated = names.filter((name) => name !== CURRENT).sort();
  const files: LogFile[] = [];
  for (const name of names.includes(CURRENT) ? [...rotated, CURRENT] : rotated) {
    const handle = await open(join(dir, name), 'r').catch(nullIfMissing);
    if (!handle) continue;
    const f = await firstOrdinal(handle);
    if (f === null) { await handle.close(); continue; }
    files.push({ handle, i: Number((await handle.stat()).ino), f });
  }
  return files;
}

/** The ordinal of the first line; -1: it has none; null: there is no first line yet. */
async function firstOrdinal(handle: FileHandle): Promise<number | null> {
  const head = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
  const newline = head.subarray(0, bytesRead).indexOf(0x0a);
  if (newline === -1 && bytesRead < HEAD_BYTES) return null;
  const line = emptyCriLine();
  parseCriLine(head, 0, newline === -1 ? bytesRead : newline, line);
  return line.ordinal ?? -1;
}

/** Whether the open file is still the one that is written. */
export async function isCurrent(dir: string, file: LogFile): Promise<boolean> {
  const current = await stat(join(dir, CURRENT)).catch(nullIfMissing);
  return current !== null && Number(current.ino) === file.i;
}

export const exists = async (path: string): Promise<boolean> => (await stat(path).catch(nullIfMissing)) !== null;

const isMissing = (error: NodeJS.ErrnoException): boolean => error.code === 'ENOENT' || error.code === 'ENOTDIR';

export function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (isMissing(error)) return null;
  throw error;
}

function noneIfMissing(error: NodeJS.ErrnoException): string[] {
  if (isMissing(error)) return [];
  throw error;
}
