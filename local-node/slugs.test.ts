import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ReplicaWant } from '../bus/node.ts';
import { startNodeRig } from '../test/kit/node-rig.ts';
import type { NodeRig } from '../test/kit/node-rig.ts';
import { until } from '../test/kit/wait.ts';

/** The machine may be busy with other tests. */
const within = 60_000;

const program = (says: string): string => `#!/bin/sh\n${'# padding\n'.repeat(120_000)}echo ${says}\n`;

for (const [title, setting, skip] of [
  ['the files of a replica above its slug', 'auto', process.getuid?.() !== 0 && 'mounts need root'],
  ['the files of a replica in a copy of its slug', 'off', false],
] as const) {
  describe(title, { skip }, () => {
    const cleanups: (() => Promise<void>)[] = [];
    let rig: NodeRig;
    before(async () => { rig = await startNodeRig({ after: (fn) => { cleanups.push(fn); } }, { SLIPWAY_SLUG_LAYERS: setting }); });
    after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

    const log = (want: ReplicaWant): string => rig.log(want.appId, 'APP', want.id);
    const said = (want: ReplicaWant, text: string): Promise<void> => until(() => log(want).includes(text), { within, what: () => `it says ${text}:\n${log(want)}` });
    const worker = async (files: Record<string, string>, command = 'bash run.sh', more: Partial<ReplicaWant> = {}): Promise<ReplicaWant> => rig.want(await rig.slug(files), command, { process: 'worker', listens: false, ...more });
    const end = async (want: ReplicaWant): Promise<void> => {
      await until(async () => (await rig.apply(want.appId, [])).length === 0, { within, what: () => 'all of its app is gone' });
    };

    it('are its own to change, remove and rename, and another replica has them as they were pushed', async () => {
      const files = {
        'data.txt': 'as pushed\n', 'old.txt': 'old\n', 'dir/deep/file': 'deep\n', 'bin/big': program('run'),
        'run.sh': 'echo changed > data.txt; rm old.txt; mv dir moved; echo new > moved/new; echo "# more" >> bin/big 2>/dev/null; cat data.txt moved/deep/file; ls | tr "\\n" " "; echo; ./bin/big; echo DONE; sleep 1000',
      };
      const first = await worker(files);
      await rig.apply(first.appId, [first]);
      await said(first, 'DONE');
      for (const text of [' changed\n', ' deep\n', ' bin data.txt moved run.sh', ' run\n']) assert.ok(log(first).includes(text), `${text} in ${log(first)}`);
      const second = await worker(files, 'cat data.txt old.txt dir/deep/file; tail -n 1 bin/big; ls dir; echo DONE; sleep 1000', { appId: first.appId, index: 2 });
      await rig.apply(first.appId, [first, second]);
      await said(second, 'DONE');
      for (const text of [' as pushed\n', ' old\n', ' deep\n', ' echo run\n']) assert.ok(log(second).includes(text), `${text} in ${log(second)}`);
      assert.doesNotMatch(log(second), / new\n/);
      await end(first);
    });

    it('are fresh at each start', async () => {
      const want = await worker({ 'run.sh': 'ls; touch left-behind; exit 1' });
      await rig.apply(want.appId, [want]);
      await rig.untilReplica(want.id, 'it started three times', (state) => (state?.restarts ?? 0) >= 2);
      assert.doesNotMatch(log(want), /left-behind/);
      await end(want);
    });

    it('are there for as long as it runs, however many slugs of its app came after', async () => {
      const serve = 'require("node:http").createServer((request, response) => { response.end(require("node:fs").readFileSync("late.txt")); }).listen(process.env.PORT);';
      const first = await worker({ 'late.txt': 'still here', 'server.js': serve }, `${rig.node} server.js`, { process: 'web', listens: true });
      await rig.apply(first.appId, [first]);
      const { port } = await rig.untilReplica(first.id, 'it is up', (state) => state?.status === 'UP');
      for (let index = 2; index < 9; index++) {
        const next = await worker({ 'run.sh': `echo begun ${index}; sleep 1000` }, 'bash run.sh', { appId: first.appId, index });
        await rig.apply(first.appId, [first, next]);
        await said(next, `begun ${index}`);
        // What still ends keeps its slug.
        await until(async () => (await rig.apply(first.appId, [first, next])).length === 2, { within, what: () => 'the one before is gone' });
      }
      assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'still here');
      await end(first);
      const kept = (): string[] => readdirSync(join(rig.dir, setting === 'auto' ? 'slugs' : 'slug-copies', first.appId));
      await until(() => kept().length <= 6, { within, what: () => `only the newest are kept: ${kept().join(' ')}` });
    });

    it('leave nothing behind', async () => {
      const want = await worker({ 'run.sh': 'mkdir -p a/b; echo x > a/b/c; chmod 0 a; echo DONE; sleep 1000' });
      await rig.apply(want.appId, [want]);
      await said(want, 'DONE');
      await end(want);
      assert.deepEqual(readdirSync(join(rig.dir, 'replicas')), []);
    });
  });
}
