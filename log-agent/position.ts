import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';

/** Where the reader of a source stands. It travels in each batch, so that lines and position are stored together or not at all. */
export const logPosition = z.object({
  /** The file: the ordinal of its first line (-1: its writer gives none), and its inode. */
  f: z.number(), i: z.number(),
  /** The byte in it where the first CRI line starts that is not (wholly) read. */
  o: z.number(),
  /** The ordinal of that line. */
  n: z.number(),
  /** How many lines after that one were sent already: an unfinished line of one stream may lie before finished ones of the other. */
  k: z.number().default(0),
  /** The `n` of the batch before: a reader of batches sees by it whether one is missing between. */
  s: z.number().default(0),
});
export type LogPosition = z.infer<typeof logPosition>;

const positionFile = z.object({ position: logPosition.nullable(), done: z.boolean() });
export type PositionFile = z.infer<typeof positionFile>;

/** The position kept beside the files, for when retention dropped all batches of a quiet source. Null: none, or not readable. */
export async function readPositionFile(path: string): Promise<PositionFile | null> {
  try {
    return positionFile.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Replaces the file at once; a directory that is gone is no error. */
export async function writePositionFile(path: string, content: PositionFile): Promise<void> {
  try {
    await writeFile(`${path}.new`, JSON.stringify(content), { mode: 0o600 });
    await rename(`${path}.new`, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
