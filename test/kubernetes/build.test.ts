import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { BuildContext, BuildOutcome, BuildStep, SlugDescription } from '../../bus/build.ts';
import { GATEWAY } from '../../cluster/kubernetes/build-job.ts';
import { repositoryOf } from '../../cluster/kubernetes/build-settings.ts';
import { loginSecret, startBuildClusterRig } from '../kit/build-cluster-rig.ts';
import type { BuildClusterRig } from '../kit/build-cluster-rig.ts';
import type { SourceFiles } from '../kit/build-rig.ts';
import { until } from '../kit/wait.ts';

const PLANTED = 'planted-7f3a9c51-value';
const planted = [{ key: 'PLANTED', value: Buffer.from(PLANTED).toString('base64') }];

/** An app that its own buildpack compiles by a few lines of shell. */
const appOf = (script: string): SourceFiles => ({ '.buildpacks': './pack\n', 'pack/bin/compile': `#!/bin/bash\nset -e\ncd "$1"\n${script}\n`, Procfile: 'web: echo "hello from $(cat name.txt) at $PORT as $(id -u)"; exec sleep 1000\n', 'name.txt': 'an app' });
const dockerApp = (dockerfile: string, more: SourceFiles = {}): SourceFiles => ({ Dockerfile: dockerfile, 'slipway.toml': '[build]\nbuilder = "dockerfile"\n', ...more });

const slugOf = (outcome: BuildOutcome): SlugDescription => (outcome.status === 'SUCCEEDED' ? outcome.slug : assert.fail(JSON.stringify(outcome)));
const failureOf = (outcome: BuildOutcome): Extract<BuildOutcome, { status: 'FAILED' }> => (outcome.status === 'FAILED' ? outcome : assert.fail(outcome.status));

/** Builds on a real cluster: the builder's side of it, with real pods, a real registry, and blobs by signed URLs. */
describe('builds on Kubernetes', () => {
  const ends: (() => Promise<void>)[] = [];
  let rig: BuildClusterRig;
  before(async () => { rig = await startBuildClusterRig({ after: (fn) => { ends.push(fn); } }); });
  after(async () => { for (const end of ends.reverse()) await end(); });

  const run = async (builder: AbortController, context: BuildContext, onSteps: (steps: BuildStep[]) => void = () => undefined): Promise<BuildOutcome> => {
    const cluster = rig.builder(builder.signal);
    await cluster.start(context);
    return await cluster.follow(context.buildId, ({ steps }) => { onSteps(steps); }, builder.signal) ?? assert.fail('the build was lost');
  };
  const forget = async (...buildIds: string[]): Promise<void> => {
    const life = new AbortController();
    for (const buildId of buildIds) await rig.builder(life.signal).forget(buildId);
    life.abort();
    const labels = `slipway.dev/build in (${buildIds.join(', ')})`;
    await until(async () => (await rig.api.list('Job', rig.namespace, { labels })).length + (await rig.api.list('Pod', rig.namespace, { labels })).length === 0, { within: 180_000, what: () => 'nothing is left of the builds' });
  };
  const runImage = async (image: string, args: string[], lastLine: RegExp): Promise<void> => {
    const name = `run-${image.slice(-8)}`;
    await rig.api.apply<V1Pod>({
      apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: rig.namespace },
      spec: {
        restartPolicy: 'Never', automountServiceAccountToken: false, terminationGracePeriodSeconds: 1,
        containers: [{ name: 'app', image: rig.pullable(image), args, env: [{ name: 'PORT', value: '8080' }], securityContext: { runAsNonRoot: true, runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
      },
    });
    await until(async () => lastLine.test((await rig.api.podLog(rig.namespace, name, 'app', { tailLines: 10 })).join('\n')), { within: 180_000, what: () => `the image says ${String(lastLine)}` });
    await rig.api.remove('Pod', rig.namespace, name, { graceSeconds: 0 });
  };
  /** Every layer and the config of an image, unpacked. */
  const contentOf = async (image: string): Promise<string> => {
    const [, host, repository, digest] = /^([^/]+)\/(.+)@(.+)$/.exec(rig.pullable(image)) ?? [];
    const fetchBytes = async (path: string): Promise<Buffer> => Buffer.from(await (await fetch(`http://${host}/v2/${repository}/${path}`, { headers: { accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json' } })).arrayBuffer());
    const manifest = JSON.parse((await fetchBytes(`manifests/${digest}`)).toString()) as { config: { digest: string }; layers: { digest: string }[] };
    const layers = await Promise.all(manifest.layers.slice(1).map((layer) => fetchBytes(`blobs/${layer.digest}`)));
    return [(await fetchBytes(`blobs/${manifest.config.digest}`)).toString('latin1'), ...layers.map((layer) => gunzipSync(layer).toString('latin1'))].join('\n');
  };

  it('makes a slug and an image that runs, and config is in neither of them, nor anywhere else', async () => {
    const files = appOf('test "$(cat "$3/PLANTED")" = "$EXPECTED" || cat "$3/PLANTED" > /dev/null; echo "value: $(cat "$3/PLANTED")"; echo kept > "$2/kept"; bash -c "timeout 2 bash -c \'</dev/tcp/kubernetes.default.svc/443\'" && echo REACHED || echo "no API server"; ls /var/run/secrets 2>&1 || true');
    const { context, outcome, steps, lines } = await rig.build(files, { config: planted });
    const slug = slugOf(outcome);
    assert.match(slug.image ?? '', new RegExp(`^${rig.settings.registry}/app-${rig.appId}@sha256:[0-9a-f]{64}$`));
    assert.equal((await rig.blobs.has('slugs', slug.digest))?.size, slug.size);
    assert.deepEqual(steps.map(({ kind, status }) => `${kind} ${status}`), ['FETCH', 'FETCH', 'DETECT', 'COMPILE', 'RELEASE', 'SLUG', 'CACHE', 'IMAGE'].map((kind) => `${kind} SUCCEEDED`));
    const output = lines.prepare.join('\n');
    assert.match(output, /value: \[redacted\]/);
    assert.match(output, /no API server/);
    assert.doesNotMatch(output, /REACHED|serviceaccount/);
    await runImage(slug.image ?? '', ['echo "hello from $(cat name.txt) as $(id -u) in $HOME, port $PORT"'], /hello from an app as 1000 in \/app, port 8080/);

    const manifests = JSON.stringify([await rig.api.list('Job', rig.namespace), await rig.api.list('Pod', rig.namespace), await rig.api.list('Event', rig.namespace)]);
    for (const form of [PLANTED, Buffer.from(PLANTED).toString('base64')]) {
      assert.ok(!manifests.includes(form), 'the API server has it');
      assert.ok(!(await contentOf(slug.image ?? '')).includes(form), 'the image has it');
      assert.ok(!Object.values(lines).flat().join('\n').includes(form), 'the output has it');
      for (const dir of ['/var/lib/slipway-cluster/etcd', '/var/lib/slipway-cluster/registry', `/var/log/pods`].filter((path) => existsSync(path))) {
        const found = await promisify(execFile)('grep', ['-rlaF', '--', form, dir]).then(({ stdout }) => stdout, (error: { stdout?: string }) => error.stdout ?? '');
        assert.equal(found, '', `${dir} has it`);
      }
    }
    await forget(context.buildId);

    const cacheDigest = outcome.status === 'SUCCEEDED' ? outcome.cacheDigest : null;
    assert.ok(cacheDigest !== null);
    const again = await rig.build({ ...files, 'pack/bin/compile': '#!/bin/bash\ncat "$2/kept"\n' }, { number: 2, cacheUrl: rig.blobs.signGet('caches', cacheDigest, 900) });
    assert.ok(again.lines.prepare.includes('kept'), again.lines.prepare.join('\n'));
    assert.equal(again.outcome.status === 'SUCCEEDED' && again.outcome.cacheDigest, null, 'an unchanged cache is not stored again');
    const same = await rig.build({ ...files, 'pack/bin/compile': '#!/bin/bash\ncat "$2/kept"\n' }, { number: 3, cacheUrl: rig.blobs.signGet('caches', cacheDigest, 900) });
    assert.deepEqual(slugOf(same.outcome), slugOf(again.outcome), 'the same slug on the same base is the same image');
    await forget(again.context.buildId, same.context.buildId);
  });

  it('lets no build of an app change what its earlier builds made', async () => {
    const good = appOf('echo good > kept.txt');
    const first = await rig.build(good, { number: 11 });
    const { digest, image } = slugOf(first.outcome);
    const put = `const move = async (from, to) => {
      const url = 'http://${GATEWAY}/v2/${repositoryOf(rig.settings, rig.appId)}/manifests/';
      const found = await fetch(url + from, { headers: { accept: 'application/vnd.oci.image.manifest.v1+json' } });
      const moved = await fetch(url + to, { method: 'PUT', headers: { 'content-type': found.headers.get('content-type') }, body: await found.text() });
      console.log(from, found.status, to, moved.status);
    };
    await move('build-12', 'build-11');
    await move('build-12', 'slug-${digest}');
    await move('build-11', 'latest');`;
    const other = await rig.build(appOf('echo evil > kept.txt'), { number: 12 });
    const hostile = await rig.build({ ...appOf('node move.mjs'), 'move.mjs': put }, { number: 13 });
    assert.deepEqual(hostile.lines.prepare.filter((line) => /^build-1\d /.test(line.trim())).map((line) => line.trim()), ['build-12 200 build-11 403', `build-12 200 slug-${digest} 403`, 'build-11 200 latest 403']);

    const last = await rig.build(good, { number: 14 });
    assert.deepEqual(slugOf(last.outcome), slugOf(first.outcome), 'the same slug is the same image, whoever built between');
    await runImage(image ?? '', ['cat kept.txt; exec sleep 1000'], /^good$/m);
    await forget(...[first, other, hostile, last].map(({ context }) => context.buildId));
  });

  it('builds a Dockerfile as it is, from cached layers where there are some, and shows its steps no password', async () => {
    const [username, password] = ['builder', 'registry-passw0rd'];
    await rig.api.apply(loginSecret(rig.namespace, 'registry-login', rig.registry.host, username, password));
    rig.registry.mode = { kind: 'login', username, password };
    const files = dockerApp('FROM debian:12\nRUN echo "layer $RANDOM" && date +%N > /made && (cat /kaniko/.docker/config.json; env; ls /login /env /report; true) 2>&1 | sort\nCOPY name.txt /name.txt\nUSER 1000\nCMD ["/bin/sh", "-c", "echo I am $(cat /name.txt) of $(cat /made); exec sleep 1000"]\n', { 'name.txt': 'a container' });
    const first = await rig.build(files, { config: planted }, { registrySecret: 'registry-login' });
    const slug = slugOf(first.outcome);
    assert.deepEqual([slug.stack, slug.buildpacks, slug.processTypes], ['container', ['dockerfile'], [{ type: 'web', command: '' }]]);
    assert.equal(slug.image, `${rig.settings.registry}/app-${rig.appId}@sha256:${slug.digest}`);
    assert.ok(await rig.blobs.has('slugs', slug.digest), 'the manifest is in slug storage');
    const output = first.lines.kaniko.join('\n');
    assert.match(output, /\/env.*No such file/);
    assert.doesNotMatch(output, new RegExp(`${PLANTED}|${password}|${Buffer.from(`${username}:${password}`).toString('base64')}`));
    assert.doesNotMatch(JSON.stringify(await rig.api.list('Job', rig.namespace)), new RegExp(password));
    await runImage(slug.image ?? '', [], /I am a container of \d+/);

    const second = await rig.build(files, { number: 2 }, { registrySecret: 'registry-login' });
    assert.equal(await madeOf(slugOf(second.outcome)), await madeOf(slug), 'the layer came from the cache');
    const clean = await rig.build(files, { number: 3, clean: true }, { registrySecret: 'registry-login' });
    assert.notEqual(await madeOf(slugOf(clean.outcome)), await madeOf(slug), 'a clean build finds no layer');
    const third = await rig.build(files, { number: 4 }, { registrySecret: 'registry-login' });
    assert.equal(await madeOf(slugOf(third.outcome)), await madeOf(slugOf(clean.outcome)), 'and leaves its own');
    await forget(first.context.buildId, second.context.buildId, clean.context.buildId, third.context.buildId);

    rig.registry.mode = { kind: 'login', username, password: 'another' };
    const denied = await rig.build(files, { number: 5 }, { registrySecret: 'registry-login' });
    assert.equal(failureOf(denied.outcome).reason, 'REGISTRY_DENIED');
    rig.registry.mode = { kind: 'open' };
    await forget(denied.context.buildId);
  });
  const madeOf = async (slug: SlugDescription): Promise<string> => /made\0[\s\S]*?(\d{9})\n/.exec(await contentOf(slug.image ?? ''))?.[1] ?? assert.fail('no /made in the image');

  it('tells a registry that is full, and waits for one that restarts', async () => {
    rig.registry.mode = { kind: 'full' };
    const full = await rig.build(appOf('date > now.txt'));
    assert.equal(failureOf(full.outcome).reason, 'REGISTRY_FULL');
    assert.deepEqual(full.steps.at(-1)?.status, 'FAILED');
    rig.registry.mode = { kind: 'open' };
    await forget(full.context.buildId);

    const context = await rig.context(appOf('date > now.txt'));
    const life = new AbortController();
    let stopped = false;
    const outcome = await run(life, context, (steps) => {
      if (stopped || !steps.some(({ kind }) => kind === 'COMPILE')) return;
      stopped = true;
      void rig.registry.stop().then(() => until(async () => isRunning(await rig.pod(context.buildId), 'kaniko'), { within: 120_000, what: () => 'Kaniko runs' })).then(() => rig.registry.start());
    });
    life.abort();
    assert.equal(stopped, true);
    slugOf(outcome);
    await forget(context.buildId);
  });

  const failures: [string, SourceFiles, Partial<BuildContext['limits']>, string][] = [
    ['a step of the Dockerfile that fails', dockerApp('FROM debian:12\nRUN echo so far && exit 3\n'), {}, 'IMAGE_BUILD_FAILED'],
    ['a base image that there is not', dockerApp(`FROM ${process.env.REGISTRY}/no-such-image:1\n`), {}, 'IMAGE_BUILD_FAILED'],
    ['another app\'s image as a base', dockerApp('FROM 127.0.0.1:5000/apps/app-of-somebody\n'), {}, 'IMAGE_BUILD_FAILED'],
    ['a Dockerfile that is not there', { 'slipway.toml': '[build]\nbuilder = "dockerfile"\ndockerfile = "../../env/PLANTED"\n' }, {}, 'SOURCE_INVALID'],
    ['a Dockerfile that nobody asked for', { Dockerfile: 'FROM debian:12\n' }, {}, 'NO_BUILDPACK'],
    ['a command that fails', appOf('echo so far; exit 3'), {}, 'BUILD_COMMAND_FAILED'],
    ['a build that eats memory', appOf('tail /dev/zero; exit 1'), { memoryBytes: 2 ** 28 }, 'OUT_OF_MEMORY'],
    ['a build that writes without end', appOf('cat /dev/zero > "$1/big" & while sleep 1; do :; done'), { diskBytes: 2 ** 28 }, 'DISK_FULL'],
    ['a build that does not end', appOf('exec sleep 1000'), { seconds: 25 }, 'BUILD_TIMEOUT'],
  ];
  for (const [what, files, limits, reason] of failures) {
    it(`ends ${what} as ${reason}, and leaves nothing`, async () => {
      const defaults = (await rig.context({ a: '' })).limits;
      const { context, outcome, steps } = await rig.build(files, { limits: { ...defaults, ...limits }, config: planted });
      const failure = failureOf(outcome);
      assert.equal(failure.reason, reason, JSON.stringify(failure));
      assert.ok(failure.lines.length <= 20);
      assert.ok(steps.every(({ status }) => status !== 'RUNNING'));
      await forget(context.buildId);
    });
  }

  it('ends a canceled build and all its processes', async (t) => {
    const context = await rig.context(appOf('echo begun; exec sleep 1000'));
    const life = new AbortController();
    t.after(() => { life.abort(); });
    const cluster = rig.builder(life.signal);
    await cluster.start(context);
    let canceling = false;
    const outcome = await cluster.follow(context.buildId, ({ steps }) => {
      if (canceling || !steps.some(({ kind }) => kind === 'COMPILE')) return;
      canceling = true;
      void cluster.cancel(context.buildId);
    }, life.signal);
    assert.deepEqual(outcome, { status: 'CANCELED' });
    assert.ok([undefined, 'Failed'].includes((await rig.pod(context.buildId))?.status?.phase), 'nothing of it runs');
    // Whoever asks again is told the same.
    assert.deepEqual(await rig.builder(life.signal).follow(context.buildId, () => undefined, life.signal), { status: 'CANCELED' });
    life.abort();
    await forget(context.buildId);
  });

  it('goes on when its builder is killed: before it handed over what the build needs, after it, and twice', async () => {
    const context = await rig.context(appOf('date > now.txt'), { config: planted });
    const first = new AbortController();
    await rig.builder(first.signal).start(context);
    first.abort();
    await until(async () => isRunning(await rig.pod(context.buildId), 'prepare'), { within: 180_000, what: () => 'prepare waits for its context' });
    const pod = await rig.pod(context.buildId);
    // As one that is killed in the middle of it.
    await rig.api.attachStdin(rig.namespace, pod?.metadata?.name ?? '', 'prepare', JSON.stringify(context).slice(0, 300), AbortSignal.timeout(20_000));
    const second = new AbortController();
    const third = new AbortController();
    const [left, outcome] = await Promise.all([
      run(second, context, (steps) => { if (steps.length > 0) second.abort(); }).then(() => 'followed', () => 'left'),
      run(third, context),
    ]);
    assert.equal(left, 'left');
    slugOf(outcome);
    third.abort();
    await forget(context.buildId);
  });

  it('tries a build once more whose pod was deleted, and gives up after that', async () => {
    const context = await rig.context(appOf('echo begun; exec sleep 1000'));
    const life = new AbortController();
    const deleted = new Set<string>();
    const outcome = await run(life, context, (steps) => {
      if (!steps.some(({ kind, status }) => kind === 'COMPILE' && status === 'RUNNING')) return;
      void rig.pod(context.buildId).then(async (pod) => {
        const name = pod?.metadata?.name;
        if (name === undefined || deleted.has(name)) return;
        deleted.add(name);
        await rig.api.remove('Pod', rig.namespace, name, { graceSeconds: 0 });
      });
    });
    life.abort();
    assert.equal(failureOf(outcome).reason, 'BUILDER_LOST');
    assert.equal(deleted.size, 2);
    assert.deepEqual((await rig.api.list<V1Job>('Job', rig.namespace, { labels: `slipway.dev/build=${context.buildId}` })).map(({ metadata }) => metadata?.name?.slice(-2) ?? '').sort(), ['-1', '-2']);
    await forget(context.buildId);
  });
});

const isRunning = (pod: V1Pod | null, container: string): boolean => [...pod?.status?.initContainerStatuses ?? []].some(({ name, state }) => name === container && state?.running !== undefined);
