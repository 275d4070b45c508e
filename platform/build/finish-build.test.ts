import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SlugDescription } from '../../bus/build.ts';
import { startGateway } from '../../test/kit/gateway.ts';
import { queueBuild } from '../../test/kit/played-deploy.ts';
import { createApp } from '../app/app.ts';
import { claimBuild } from './claim-build.ts';
import { finishBuild } from './finish-build.ts';

const image = (digit: string): string => `registry/apps/blog@sha256:${digit.repeat(64)}`;
const slug = (more: Partial<SlugDescription> = {}): SlugDescription => ({
  digest: 'a'.repeat(64), size: 10, stack: 'host', buildpacks: ['node'], processTypes: [{ type: 'web', command: 'node server.js' }], image: image('1'), ...more,
});

describe('the slug of a build', () => {
  it('is the one of an earlier build that is equal in all, and leaves earlier releases what they run', async (t) => {
    const gateway = await startGateway(t);
    const { platform } = gateway;
    const user = await gateway.createUser();
    const app = await createApp(platform, user.actor, { name: 'blog' });
    const build = async (described: SlugDescription): Promise<string | null> => {
      const buildId = await queueBuild(gateway, user, app.id);
      await claimBuild(platform, buildId, 'builder');
      await finishBuild(platform, buildId, 'builder', { status: 'SUCCEEDED', slug: described, cacheDigest: null });
      return (await platform.db.build.findUniqueOrThrow({ where: { id: buildId } })).slugId;
    };
    const first = await build(slug());
    assert.equal(await build(slug()), first);
    const others = [
      await build(slug({ image: image('2') })), await build(slug({ image: null })), await build(slug({ processTypes: [{ type: 'web', command: 'node steal.js' }] })),
      await build(slug({ buildpacks: ['python'] })), await build(slug({ stack: 'container' })),
    ];
    assert.equal(new Set([first, ...others]).size, 6);
    assert.equal(await build(slug({ image: null })), others[1]);
    const kept = await platform.db.slug.findUniqueOrThrow({ where: { id: first ?? '' } });
    assert.deepEqual({ ...kept, id: '', appId: '', createdAt: '', size: Number(kept.size) }, { ...slug(), id: '', appId: '', createdAt: '' });
  });
});
