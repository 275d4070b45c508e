import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import { CreateDeployKey, KeyUse, RenameApp, RevokeApiKey } from '../kit/documents.ts';
import { makeRepository, nodeForApps } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import type { Slipway } from '../kit/slipway.ts';
import { until } from '../kit/wait.ts';

/** A buildpack that builds for longer than a busy machine takes to end a push. */
const slowPack = { '.buildpacks': './pack\n', 'pack/bin/detect': '#!/bin/sh\necho slow\n', 'pack/bin/compile': '#!/bin/sh\nsleep 20\n' };

describe('names and keys', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let slipway: Slipway;
  let node: string;
  before(async () => { slipway = await startSlipway(scope); node = await nodeForApps(scope); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const rename = async (app: string, name: string) => {
    const { renameApp } = await slipway.query(RenameApp, { app, name });
    assert.ok(renameApp.__typename === 'RenameAppPayload', JSON.stringify(renameApp));
    return renameApp.app;
  };

  it('a renamed app answers at its new address within seconds and at the former one all the time, is pushed to by both, and restarts nothing', async (t) => {
    const app = await createApp(t, slipway, 'before');
    await app.repository.commit(sampleApp('one', node));
    assert.equal((await app.repository.push()).code, 0);
    const instance = await app.read('/instance');
    const name = app.name.replace('before', 'after');
    const renamed = await rename(app.name, name);
    assert.deepEqual([renamed.id, renamed.formerNames], [app.id, [app.name]]);
    assert.ok(renamed.url.includes(`//${name}.`) && renamed.gitUrl.endsWith(`/${name}.git`), JSON.stringify(renamed));
    await until(async () => { assert.equal(await app.read('/instance'), instance, 'at the former address'); return (await slipway.get('/instance', { app: name })).text === instance; }, { within: 60_000, what: () => 'the new address leads to the same replica' });

    await app.repository.commit({ 'version.txt': 'two\n' });
    const push = await app.repository.push();
    assert.equal(push.code, 0, push.output);
    assert.match(push.output, new RegExp(`This app is called ${name} now\\..*git remote set-url slipway \\S+/${name}\\.git`));
    await until(async () => (await slipway.get('/', { app: name })).text.startsWith('version two'), { within: 60_000, what: () => 'the new release' });
    assert.equal((await slipway.get('/env?key=SLIPWAY_APP', { app: name })).text, name, 'new replicas are told the new name');
    const copy = await makeRepository(t, slipway, name);
    await copy.git('fetch', 'slipway');
    assert.match((await copy.git('log', '-1', '--format=%H', 'FETCH_HEAD')), /^[0-9a-f]{40}$/);
    // So that it is deleted by the name it was made with.
    assert.deepEqual((await rename(app.id, app.name)).formerNames, [name]);
    await until(async () => (await app.read()).startsWith('version two'), { within: 60_000, what: () => 'it answers at its first name again' });
  });

  it('a push by a key that is revoked ends within seconds and says why; its build goes on to a release', async (t) => {
    const app = await createApp(t, slipway, 'revoked');
    const { createDeployKey: key } = await slipway.query(CreateDeployKey, { app: app.name });
    assert.ok(key.__typename === 'CreateDeployKeyPayload');
    const repository = await makeRepository(t, slipway, app.name, key.secret);
    await repository.commit(sampleApp('one', node, slowPack));
    const push = repository.startPush();
    await app.untilState('a build runs', (state) => state.builds.nodes[0]?.status === 'RUNNING');
    const { node: used } = await slipway.query(KeyUse, { id: key.apiKey.id });
    assert.ok(used && 'lastUsedFrom' in used && isIP(used.lastUsedFrom ?? '') !== 0, JSON.stringify(used));
    await slipway.query(RevokeApiKey, { apiKey: key.apiKey.id });
    const { code, output } = await push.ended;
    assert.notEqual(code, 0);
    assert.match(output, /The API key was revoked, or has expired\. This push ends here; a build that it has asked for already goes on\./);
    await app.untilState('v1 is live', (state) => state.currentRelease?.status === 'LIVE', 120_000);
    const again = await repository.push();
    assert.match(again.output, /not known, has expired, or was revoked/);
  });
});
