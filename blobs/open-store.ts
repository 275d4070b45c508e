import { z } from 'zod';
import { createDirectoryStore, sweepDirectory } from './directory.ts';
import { createRemoteStore } from './remote.ts';
import type { SigningKeys } from './signature.ts';
import type { BlobStore } from './store.ts';

/** Where blobs are for a process that uses them: SLIPWAY_BLOBS_URL (a blob server), or else SLIPWAY_BLOB_DIR (its own directory). */
export const blobEnv = { SLIPWAY_BLOB_DIR: z.string().min(1).optional(), SLIPWAY_BLOBS_URL: z.url({ protocol: /^https?$/ }).optional() };

/** The store that the settings name. */
export function openStore(env: z.output<z.ZodObject<typeof blobEnv>>, key: SigningKeys): BlobStore {
  if (env.SLIPWAY_BLOBS_URL !== undefined) return createRemoteStore({ url: env.SLIPWAY_BLOBS_URL, key });
  if (env.SLIPWAY_BLOB_DIR === undefined) throw new Error('Set SLIPWAY_BLOBS_URL or SLIPWAY_BLOB_DIR.');
  return createDirectoryStore({ dir: env.SLIPWAY_BLOB_DIR, key });
}

/** Removes what killed processes left half-written; called at start, by the owner of the directory. */
export async function sweepStore(env: z.output<z.ZodObject<typeof blobEnv>>): Promise<void> {
  if (env.SLIPWAY_BLOBS_URL === undefined && env.SLIPWAY_BLOB_DIR !== undefined) await sweepDirectory(env.SLIPWAY_BLOB_DIR);
}
