import { setTimeout as pause } from 'node:timers/promises';
import { ask, BusError } from '../bus/ask.ts';
import { replicaContext } from '../bus/app.ts';
import type { Node } from './node.ts';
import { makePlace, openPlace } from './place.ts';
import type { Layers } from './layers.ts';
import type { Place } from './place.ts';
import { SlugError, SlugUnavailable } from './slugs.ts';

export interface Variable { key: string; value: Uint8Array }

/** Which slug and config, where to, for which user. */
export interface WantedSlug { appId: string; releaseId: string; slugDigest: string; dir: string; uid: number | undefined }

/** `layers`: what is to be mounted at `place.app`; null: the files are there. */
export interface ProvidedSlug { place: Place; layers: Layers | null; config: Variable[] }

const LONGEST_PAUSE_MS = 5_000;

/**
 * Makes a fresh place with the slug's files and answers the release's config. Waits for a gateway or a slug storage that is away; throws SlugError
 * for what waiting does not cure, and the signal's reason.
 */
export async function provideSlug(node: Node, wanted: WantedSlug, signal: AbortSignal): Promise<ProvidedSlug> {
  for (let ms = 100; ; ms = Math.min(ms * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await provideOnce(node, wanted, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof BusError && error.code === 'NOT_FOUND') throw new SlugError('slug is gone: its app or release was deleted', { cause: error });
      if (!(error instanceof BusError || error instanceof SlugUnavailable)) throw error;
    }
    await pause(ms * (0.75 + Math.random() / 2), undefined, { signal });
  }
}

async function provideOnce(node: Node, { appId, releaseId, slugDigest, dir, uid }: WantedSlug, signal: AbortSignal): Promise<ProvidedSlug> {
  const { config, slugUrl } = await ask(node.bus, replicaContext, { appId, releaseId });
  const place = await makePlace(dir, uid);
  const layers = await node.slugs.provide({ appId, digest: slugDigest, url: slugUrl, uid }, place, signal);
  await openPlace(dir, uid);
  return { place, layers, config: config.map(({ key, value }) => ({ key, value: Buffer.from(value, 'base64') })) };
}

export const toVariables = (values: Record<string, string>): Variable[] => Object.entries(values).map(([key, value]) => ({ key, value: Buffer.from(value) }));
