import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { V1Deployment } from '@kubernetes/client-node';
import type { WantedProcess, WantedRelease } from '../../cluster/deploy.ts';
import { imageByDigest, startAppCluster } from '../kit/app-cluster.ts';
import type { AppCluster, ClusterApp } from '../kit/app-cluster.ts';
import { until } from '../kit/wait.ts';

/** A web process that answers its version, its config and its replica, and says when it is told to stop. */
const server = (version: string): string => `node -e '
  const server = require("http").createServer((q, s) => { if (q.url === "/slow") return setTimeout(() => s.end("slow"), 1500); s.end("${version} " + (process.env.MODE ?? "") + " " + require("os").hostname()); });
  server.listen(process.env.PORT); process.on("SIGTERM", () => { console.log("stops"); server.close(); });
'`;

describe('apps on Kubernetes', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let rig: AppCluster;
  let image: string;
  before(async () => {
    // A node that is busy takes seconds to start what is well.
    rig = await startAppCluster(scope, { bootSeconds: 20, waitSeconds: 15 });
    image = await imageByDigest('library/node', '24');
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const release = (version: number, config: Record<string, string> = {}, more: Partial<WantedRelease> = {}): WantedRelease => {
    const id = randomUUID();
    rig.configs.set(id, config);
    return { id, version, slugDigest: 'ab', image, stack: 'container', configFingerprint: JSON.stringify(config), keepsReplicas: false, live: false, ...more };
  };
  const live = (one: WantedRelease): WantedRelease => ({ ...one, live: true });
  const processOf = (command: string, more: Partial<WantedProcess> = {}): WantedProcess => ({ type: 'web', command, quantity: 1, memoryBytes: 256 * 1024 * 1024, restarts: 0, replace: [], ...more });
  const deployed = async (command = server('one'), more: Partial<WantedProcess> = {}, config: Record<string, string> = {}): Promise<{ app: ClusterApp; v1: WantedRelease }> => {
    const app = rig.newApp();
    const v1 = release(1, config);
    app.want(v1, [processOf(command, more)]);
    await app.complete();
    app.want(live(v1), [processOf(command, more)]);
    await app.complete();
    return { app, v1 };
  };
  const ids = (replicas: { id: string }[]): string[] => replicas.map(({ id }) => id).sort();
  /** Runs a script with node inside an app, as its release command. */
  const inside = (app: ClusterApp, script: string): ReturnType<ClusterApp['command']> =>
    app.command({ id: `release-${randomUUID()}`, release: release(9), process: 'release', command: `node -e '${script}'`, memoryBytes: 256 * 1024 * 1024, seconds: 120 });

  it('brings a release up, serves it by the Ingress at the moment it is complete, and names its replica', async () => {
    const { app, v1 } = await deployed(server('one'), {}, { MODE: 'a "b" $HOME $(PORT) é\nc' });
    assert.match((await app.fetch()).text, /^one a "b" \$HOME \$\(PORT\) é\nc web-/);
    const [replica] = await app.complete();
    assert.ok(replica);
    assert.deepEqual([replica.process, replica.index, replica.releaseId, replica.restarts, replica.exitCode], ['web', 1, v1.id, 0, null]);
    const [pod] = await app.pods();
    assert.equal(pod?.metadata?.uid, replica.id);
    assert.deepEqual([pod?.metadata?.annotations?.['slipway.dev/release'], pod?.metadata?.annotations?.['slipway.dev/index']], ['1', '1']);
  });

  it('writes nothing while nothing changes, and restarts nothing for a release of the same slug and config', async () => {
    const { app } = await deployed();
    const before = await app.complete();
    const writes = rig.writes.length;
    for (let i = 0; i < 3; i++) { const seen = app.reconciled(); app.want({ ...release(1), live: true }, [processOf(server('one'))]); await until(() => app.reconciled() > seen, { within: 60_000, what: () => 'reconciled' }); }
    const own = rig.writes.slice(writes).filter((write) => write.includes(app.namespace));
    assert.ok(own.every((write) => write.startsWith('patch Pod/')), own.join('\n'));
    const v2 = release(2);
    app.want(v2, [processOf(server('one'))]);
    const adopted = await app.complete();
    assert.deepEqual(ids(adopted), ids(before));
    assert.equal(adopted[0]?.releaseId, v2.id);
    app.want(live(v2), [processOf(server('one'))]);
    await app.complete();
    const quiet = rig.writes.length;
    const seen = app.reconciled();
    app.want(live(v2), [processOf(server('one'))]);
    await until(() => app.reconciled() > seen, { within: 60_000, what: () => 'reconciled again' });
    assert.deepEqual(rig.writes.slice(quiet).filter((write) => write.includes(app.namespace)), []);
  });

  it('rolls from one release to the next without a failed request, also slow ones', async () => {
    const { app } = await deployed(server('one'), { quantity: 2 });
    const failures: string[] = [];
    let count = 0;
    let stop = false;
    const traffic = ['/', '/', '/', '/slow'].map(async (path) => {
      while (!stop) {
        const got = await app.fetch(path).catch((error: unknown) => ({ status: 0, text: String(error) }));
        count++;
        if (got.status !== 200) failures.push(`${path}: ${got.status} ${got.text}`);
      }
    });
    const v2 = release(2);
    app.want(v2, [processOf(server('two'), { quantity: 2 })]);
    await app.complete();
    const now = await app.fetch();
    app.want(live(v2), [processOf(server('two'), { quantity: 2 })]);
    await until(async () => (await rig.api.list('Pod', app.namespace)).length === 2, { within: 120_000, what: () => 'the old ones are gone' });
    stop = true;
    await Promise.all(traffic);
    assert.deepEqual(failures, []);
    assert.match(now.text, /^two /);
    assert.ok(count > 50, `${count} requests`);
  });

  it('tells a crash loop with exit code and last lines; the old replicas serve on and are adopted by the rollback', async () => {
    const { app, v1 } = await deployed(server('one'), { quantity: 2 });
    const before = await app.complete();
    const bad = processOf(`echo the database is on fire; exit 3`, { quantity: 2 });
    app.want(release(2), [bad]);
    const failed = await app.failed();
    assert.deepEqual([failed.reason, failed.exitCode, failed.lines], ['CRASH_LOOP', 3, ['the database is on fire']]);
    assert.match(failed.message, /^web\.[12] /);
    assert.match((await app.fetch()).text, /^one /);
    const v3 = release(3);
    assert.equal(v3.configFingerprint, v1.configFingerprint);
    app.want(v3, [processOf(server('one'), { quantity: 2 })]);
    const after = await app.complete();
    assert.deepEqual(ids(after), ids(before));
    assert.ok(after.every(({ restarts, releaseId }) => restarts === 0 && releaseId === v3.id));
  });

  const failures: [string, () => { release?: Partial<WantedRelease>; process: WantedProcess }, string, RegExp][] = [
    ['a port that is never bound', () => ({ process: processOf('echo waits for nothing; exec node -e "setInterval(() => 1, 1000)"') }), 'PORT_NOT_BOUND', /did not listen on \$PORT within 20 s/],
    ['an image that is not there', () => ({ release: { image: `${process.env.REGISTRY}/library/node@sha256:${'0'.repeat(64)}` }, process: processOf(server('one')) }), 'IMAGE_PULL_FAILED', /could not be fetched: .*not found/],
    ['too little memory', () => ({ process: processOf(`exec node -e 'const all = []; for (;;) all.push(Buffer.alloc(8e6, 1))'`, { memoryBytes: 64 * 1024 * 1024 }) }), 'OUT_OF_MEMORY', /more memory than its size/],
    ['no room in the cluster', () => ({ process: processOf(server('one'), { memoryBytes: 1024 ** 4 }) }), 'UNSCHEDULABLE', /No node of the cluster has room for web\.1: .*Insufficient/],
    ['a worker that ends at once', () => ({ process: processOf('echo no work; exit 4', { type: 'worker_1' }) }), 'CRASH_LOOP', /^worker_1\.1 \(echo no work; exit 4\)/],
  ];
  for (const [name, what, reason, message] of failures) {
    it(`tells ${name}`, async () => {
      const app = rig.newApp();
      const { release: more, process: one } = what();
      app.want(release(1, {}, more), [one]);
      const failed = await app.failed();
      assert.deepEqual([failed.reason, message.test(failed.message)], [reason, true], JSON.stringify(failed));
    });
  }

  it('tells a quota that is used up, and what serves goes on', async () => {
    const { app } = await deployed();
    await rig.api.apply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'by-the-operator', namespace: app.namespace }, spec: { hard: { 'limits.memory': '300Mi' } } } as never);
    await until(async () => JSON.stringify(await rig.api.get('ResourceQuota', app.namespace, 'by-the-operator')).includes('"used"'), { within: 60_000, what: () => 'the quota counts' });
    app.want(release(2), [processOf(server('two'))]);
    const failed = await app.failed();
    assert.equal(failed.reason, 'QUOTA_EXCEEDED', JSON.stringify(failed));
    assert.match((await app.fetch()).text, /^one /);
  });

  it('scales to three, to zero and back', async () => {
    const { app, v1 } = await deployed();
    app.want(live(v1), [processOf(server('one'), { quantity: 3 })]);
    assert.deepEqual((await app.complete()).map(({ index }) => index).sort((a, b) => a - b), [1, 2, 3]);
    app.want(live(v1), [processOf(server('one'), { quantity: 0 })]);
    assert.deepEqual(await app.complete(), []);
    await until(async () => (await app.fetch()).status !== 200, { within: 60_000, what: () => 'nobody serves' });
    app.want(live(v1), [processOf(server('one'), { quantity: 1 })]);
    assert.equal((await app.complete()).length, 1);
  });

  it('restarts one replica, and then all, without ever having fewer', async () => {
    const { app, v1 } = await deployed(server('one'), { quantity: 2 });
    const before = await app.complete();
    const [gone, kept] = before;
    let least = 2;
    const watched = new AbortController();
    const count = async (): Promise<void> => { least = Math.min(least, (await app.pods()).filter(({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')).length); };
    const watching = (async () => { while (!watched.signal.aborted) await count(); })();
    app.want(live(v1), [processOf(server('one'), { quantity: 2, replace: [gone?.id ?? ''] })]);
    const after = await app.complete();
    assert.ok(!ids(after).includes(gone?.id ?? '') && ids(after).includes(kept?.id ?? ''), JSON.stringify(after));
    assert.deepEqual(after.map(({ index }) => index).sort((a, b) => a - b), [1, 2]);
    app.want(live(v1), [processOf(server('one'), { quantity: 2, restarts: 1 })]);
    const all = await app.complete();
    watched.abort();
    await watching;
    assert.ok(!all.some(({ id }) => ids(after).includes(id)));
    assert.equal(all.length, 2);
    assert.equal(least, 2);
  });

  it('keeps what runs when a config comes without a restart, and gives it to the next restart', async () => {
    const { app } = await deployed(server('one'), {}, { MODE: 'blue' });
    const before = await app.complete();
    const v2 = release(2, { MODE: 'green' }, { keepsReplicas: true });
    app.want(v2, [processOf(server('one'))]);
    const kept = await app.complete();
    assert.deepEqual(ids(kept), ids(before));
    assert.equal(kept[0]?.releaseId, v2.id);
    assert.match((await app.fetch()).text, /^one blue /);
    app.want(live(v2), [processOf(server('one'), { restarts: 1 })]);
    await app.complete();
    await until(async () => (await app.fetch()).text.startsWith('one green '), { within: 60_000, what: () => 'the new config serves' });
  });

  it('runs a release command once, with the config, and answers exit code and last lines', async () => {
    const app = rig.newApp();
    const command = { id: `release-${randomUUID()}`, release: release(1, { MODE: 'blue' }), process: 'release', command: 'echo migrating $MODE as $SLIPWAY_PROCESS with $$; exit 7', memoryBytes: 256 * 1024 * 1024, seconds: 60 };
    const result = await app.command(command);
    assert.deepEqual([result.exitCode, result.exitReason], [7, 'exited']);
    assert.match(result.lastLines.join('\n'), /^migrating blue as release with \d+$/);
    assert.deepEqual(await app.command(command), result);
    await rig.cluster.forgetCommand({ id: command.id, appId: app.id });
    await until(async () => await rig.api.get('Job', app.namespace, command.id) === null, { within: 60_000, what: () => 'its Job is gone' });
    // Its time counts from before there is a place for it.
    const slow = await app.command({ ...command, id: `release-${randomUUID()}`, command: 'echo begun; exec sleep 600', seconds: 30 });
    assert.deepEqual([slow.exitReason, slow.lastLines], ['took too long', ['begun']]);
    assert.notEqual(slow.exitCode, 0);
  });

  it('lets an app reach names and itself, and no other app, no API server, nothing of the platform, no node', async () => {
    const [{ app }, { app: other }] = await Promise.all([deployed(server('one')), deployed(server('other'))]);
    const [own, foreign] = (await Promise.all([app.pods(), other.pods()])).map(([pod]) => pod?.status?.podIP ?? '');
    const host = process.env.INGRESS;
    const targets = [`${own}:8080`, `${foreign}:8080`, `web.${other.namespace}.svc:80`, 'kubernetes.default.svc:443', `${host}:6443`, `${host}:5000`, `${host}:80`, '169.254.169.254:80'];
    const result = await inside(app, `const net = require("net"), { lookup } = require("dns").promises;
      const find = async (name, tries = 5) => { try { return (await lookup(name)).address; } catch (error) { if (tries === 1) throw error; return find(name, tries - 1); } };
      const knock = async (target) => { const [name, port] = target.split(":"); const host = await find(name); return new Promise((done) => {
        const socket = net.connect({ host, port }, () => { socket.destroy(); done("open"); });
        socket.setTimeout(3000, () => { socket.destroy(); done("dropped"); }); socket.on("error", (error) => done(error.code));
      }); };
      Promise.all(${JSON.stringify(targets)}.map(knock)).then((all) => console.log(JSON.stringify(all)))`);
    const [line] = result.lastLines;
    assert.deepEqual(JSON.parse(line ?? '[]'), ['open', ...targets.slice(1).map(() => 'dropped')], JSON.stringify(result));
    const rights = await inside(app, 'console.log(process.getuid(), require("fs").existsSync("/var/run/secrets/kubernetes.io"), Object.keys(process.env).filter((key) => /^WEB_/.test(key)).join())');
    assert.deepEqual(rights.lastLines, ['1000 false ']);
  });

  it('puts back what somebody changed or deleted by hand', async () => {
    const { app } = await deployed();
    const before = await rig.api.get<V1Deployment>('Deployment', app.namespace, 'web');
    await rig.api.patch('Deployment', app.namespace, 'web', { spec: { replicas: 3 } });
    await rig.api.patch('Service', app.namespace, 'web', { spec: { selector: { 'slipway.dev/process': 'nobody' } } });
    await rig.api.patch('Ingress', app.namespace, 'web', { spec: { rules: [{ host: 'nobody.test' }] } });
    await rig.api.patch('NetworkPolicy', app.namespace, 'app', { spec: { egress: [{}] } });
    await until(async () => {
      const [deployment, service, ingress, policy] = await Promise.all((['Deployment', 'Service', 'Ingress'] as const).map((kind) => rig.api.get(kind, app.namespace, 'web')).concat(rig.api.get('NetworkPolicy', app.namespace, 'app')));
      const all = JSON.stringify([deployment, service, ingress, policy]);
      return (deployment as V1Deployment).spec?.replicas === before?.spec?.replicas && all.includes(`"host":"${app.name}.`) && !all.includes('nobody') && all.includes('0.0.0.0/0');
    }, { within: 60_000, what: () => 'all is as it was' });
    await Promise.all([rig.api.remove('NetworkPolicy', app.namespace, 'app'), rig.api.remove('Deployment', app.namespace, 'web'), rig.api.remove('Service', app.namespace, 'web')]);
    await until(async () => (await app.fetch()).status === 200 && await rig.api.get('NetworkPolicy', app.namespace, 'app') !== null, { within: 120_000, what: () => 'it serves again' });
  });

  it('removes an app whole, and comes back when its namespace was deleted by hand', async () => {
    const { app, v1 } = await deployed();
    await rig.api.remove('Namespace', null, app.namespace);
    await until(async () => (await rig.api.get('Namespace', null, app.namespace))?.metadata?.deletionTimestamp === undefined && app.answer()?.rollout.status === 'complete' && (await app.fetch()).status === 200, { within: 180_000, what: () => JSON.stringify(app.answer()) });
    assert.ok(v1);
    app.want(null, []);
    await app.complete();
    await until(() => rig.cluster.remove(app.id), { within: 180_000, what: () => 'it is gone' });
    assert.equal(await rig.api.get('Namespace', null, app.namespace), null);
    await until(() => rig.cluster.remove(app.id), { within: 60_000, what: () => 'it is gone when asked again' });
  });
});
