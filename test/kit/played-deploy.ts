import { requestBuild } from '../../platform/build/build.ts';
import { claimBuild } from '../../platform/build/claim-build.ts';
import { finishBuild } from '../../platform/build/finish-build.ts';
import type { Release } from '../../prisma/generated/client/client.ts';
import type { TestGateway, TestUser } from './gateway.ts';

/** Asks for a build of an app, as a push does; it waits for a builder. Answers its id. */
export async function queueBuild({ platform }: TestGateway, { actor }: TestUser, appId: string): Promise<string> {
  const buildId = crypto.randomUUID();
  await requestBuild(platform, actor, { buildId, appId, commit: 'c0ffee00'.repeat(5), branch: 'main', message: 'Say hello', sourceDigest: 'a'.repeat(64), clean: false });
  return buildId;
}

/** Builds an app and makes its release live, as builder and controller would. `digest`: one character that tells slugs apart. */
export async function playDeploy(gateway: TestGateway, user: TestUser, appId: string, digest = 'b'): Promise<{ buildId: string; release: Release }> {
  const { platform } = gateway;
  const buildId = await queueBuild(gateway, user, appId);
  await claimBuild(platform, buildId, 'builder');
  const processTypes = [{ type: 'web', command: 'node .' }, { type: 'release', command: 'true' }, { type: 'worker', command: 'node w' }];
  await finishBuild(platform, buildId, 'builder', { status: 'SUCCEEDED', slug: { digest: digest.repeat(64), size: 3_000_000_000, stack: 'host', buildpacks: ['node'], processTypes, image: null }, cacheDigest: null });
  const { id } = await platform.db.release.findUniqueOrThrow({ where: { buildId } });
  return { buildId, release: await platform.db.release.update({ where: { id }, data: { status: 'LIVE' } }) };
}
