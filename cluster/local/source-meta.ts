import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { logSource } from '../../bus/log.ts';
import type { SourceMeta } from '../../cri/cri-file.ts';

/** What the platform wrote down about a source before its first line: the only thing that decides whose lines they are. */
const sourceMeta = z.object({
  appId: z.uuid(),
  source: logSource.exclude(['PLATFORM']),
  /** Part of a subject. */
  sourceId: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
  process: z.string().nullable(), replica: z.string().nullable(), release: z.int().nullable(), build: z.string().nullable(),
});

export interface SourcePlace { appId: string; source: string; sourceId: string }

/** A source's metadata; null: not written yet. Throws where it is wrong, or is about another source than its directory's. */
export async function readMeta(dir: string, place: SourcePlace): Promise<SourceMeta | null> {
  const text = await readFile(join(dir, 'meta.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw error;
  });
  if (text === '') return null;
  const meta = sourceMeta.parse(JSON.parse(text));
  if (meta.appId !== place.appId || meta.source !== place.source || meta.sourceId !== place.sourceId) throw new Error('meta.json is about another source than its directory');
  return meta;
}
