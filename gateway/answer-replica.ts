import { answer, BusError } from '../bus/ask.ts';
import { replicaContext } from '../bus/app.ts';
import type { Bus } from '../bus/connect.ts';
import { readConfig } from '../platform/config/config.ts';
import type { Platform } from '../platform/platform.ts';
import { SLUG_URL_SECONDS } from '../platform/build/slug.ts';
import { refusing } from './refusing.ts';

/** Answers the node: the slug and the decrypted config of a release of an app that is not deleted. */
export function answerReplica(platform: Platform, bus: Bus, onError: (error: unknown, subject: string) => void): void {
  answer(bus, replicaContext, refusing(async ({ appId, releaseId }) => {
    const release = await platform.db.release.findFirst({ where: { id: releaseId, appId, app: { deletedAt: null } }, include: { slug: true } });
    if (!release?.slug) throw new BusError('NOT_FOUND', 'There is no such release, or it has no slug.');
    return {
      config: await readConfig(platform, appId, release.configId), slugDigest: release.slug.digest,
      slugUrl: platform.settings.internalUrl + platform.blobs.signGet('slugs', release.slug.digest, SLUG_URL_SECONDS),
    };
  }), onError);
}
