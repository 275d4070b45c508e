import { z } from 'zod';
import { processType } from '../../bus/build.ts';
import type { Slug } from '../../prisma/generated/client/client.ts';

/** The process types of a slug, from its row. */
export function slugProcessTypes(slug: Pick<Slug, 'processTypes'>): { type: string; command: string }[] {
  return z.array(processType).parse(slug.processTypes);
}

/** The Procfile's line that is run once before traffic moves; it is no process. */
export const RELEASE_TYPE = 'release';

/** How long the download URL of a slug is good. */
export const SLUG_URL_SECONDS = 900;
