import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startGateway } from '../../test/kit/gateway.ts';
import { playDeploy, queueBuild } from '../../test/kit/played-deploy.ts';
import { createApp } from '../app/app.ts';
import { claimBuild, heldBuilds } from '../build/claim-build.ts';
import { finishBuild } from '../build/finish-build.ts';
import { deployState, markMoved, unfinishedPushes } from './deploy-state.ts';

describe('what becomes of a push', () => {
  it('is known to have been overtaken once a later build of its branch has moved it', async (t) => {
    const gateway = await startGateway(t);
    const { platform } = gateway;
    const user = await gateway.createUser();
    const app = await createApp(platform, user.actor, { name: 'blog' });
    const [first, second] = [await playDeploy(gateway, user, app.id), await playDeploy(gateway, user, app.id)];
    const overtaken = async (): Promise<(boolean | undefined)[]> => Promise.all([first, second].map(async ({ buildId }) => (await deployState(platform, buildId))?.build.overtaken));
    assert.deepEqual(await overtaken(), [false, false]);
    assert.deepEqual((await unfinishedPushes(platform)).map(({ buildId }) => buildId), [first.buildId, second.buildId]);
    await markMoved(platform, second.buildId);
    assert.deepEqual(await overtaken(), [true, false]);
    // It is still to be told that there is nothing more to do.
    assert.deepEqual((await unfinishedPushes(platform)).map(({ buildId }) => buildId), [first.buildId]);
  });

  it('that a builder has claimed is that builder\'s until its end', async (t) => {
    const gateway = await startGateway(t);
    const { platform } = gateway;
    const user = await gateway.createUser();
    const app = await createApp(platform, user.actor, { name: 'blog' });
    const buildId = await queueBuild(gateway, user, app.id);
    assert.deepEqual(await heldBuilds(platform, 'builder'), []);
    await claimBuild(platform, buildId, 'builder');
    assert.deepEqual([await heldBuilds(platform, 'builder'), await heldBuilds(platform, 'another')], [[buildId], []]);
    await finishBuild(platform, buildId, 'builder', { status: 'CANCELED' });
    assert.deepEqual(await heldBuilds(platform, 'builder'), []);
  });
});
