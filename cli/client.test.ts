import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createApp } from '../platform/app/app.ts';
import { startGateway } from '../test/kit/gateway.ts';
import { startLoopback } from '../test/kit/loopback.ts';
import { follow, query } from './client.ts';
import { Apps, FollowDeploy, Viewer } from './documents.ts';

describe('the client of the command', () => {
  for (const [release, options] of [['its own release, by the digest of each document', {}], ['another release, which does not know its documents, by their text', { known: {} }], ['one that answers persisted documents alone', { onlyPersisted: true }]] as const) {
    it(`asks and follows a platform of ${release}`, async (t) => {
      const scope = { after: (fn: () => Promise<void>) => { t.after(fn); } };
      const gateway = await startGateway(scope, options);
      const user = await gateway.createUser();
      const credentials = { url: await startLoopback(scope, gateway.socketPath), email: user.actor.email, apiKey: user.secret };
      assert.equal((await query(credentials, Viewer, {})).viewer?.email, user.actor.email);
      await createApp(gateway.platform, user.actor, { name: 'followed' });
      assert.deepEqual((await query(credentials, Apps, {})).apps.nodes.map(({ name }) => name), ['followed']);
      let lost = 0;
      await assert.rejects(async () => { for await (const _ of follow(credentials, FollowDeploy, () => ({ deploy: crypto.randomUUID() }), () => { lost++; })) assert.fail('nothing is there to follow'); }, /There is no/);
      assert.equal(lost, 0);
    });
  }
});
