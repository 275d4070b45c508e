import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { V1Container, V1Job, V1PodSpec } from '@kubernetes/client-node';
import { buildJob } from './build-job.ts';
import type { BuildJob } from './build-job.ts';
import type { BuildSettings } from './build-settings.ts';

const settings: BuildSettings = {
  namespace: 'slipway-builds', registry: 'registry.example.com/apps', registryInsecure: false, registrySecret: 'registry-login', registryMirrors: [], kanikoImage: 'kaniko:1', stackImage: 'registry.example.com/slipway/stack:7',
  builderImage: 'registry.example.com/slipway/platform:7', runtimeClass: null, userNamespaces: false, environment: { npm_config_registry: 'https://npm.example.com' },
};
const build: BuildJob = { buildId: '0b1d', appId: 'a99', number: 7, attempt: 1, clean: false, seconds: 900, memoryBytes: 2 ** 31, diskBytes: 2 ** 32 };

const job = (changed: Partial<BuildSettings> = {}, more: Partial<BuildJob> = {}): V1Job => buildJob({ ...settings, ...changed }, { ...build, ...more });
const pod = (...args: Parameters<typeof job>): V1PodSpec => job(...args).spec?.template.spec ?? assert.fail();
const containers = (spec: V1PodSpec): V1Container[] => [...spec.initContainers ?? [], ...spec.containers];
const container = (name: string, ...args: Parameters<typeof job>): V1Container => containers(pod(...args)).find((one) => one.name === name) ?? assert.fail(`no container ${name}`);
const mounts = (name: string): string[] => (container(name).volumeMounts ?? []).map((one) => one.name);

describe('the job of a build', () => {
  it('is tried once, ends in its time, and goes by itself', () => {
    const { spec, metadata } = job();
    assert.equal(metadata?.name, 'build-0b1d-1');
    assert.deepEqual([spec?.backoffLimit, spec?.activeDeadlineSeconds, spec?.ttlSecondsAfterFinished, spec?.template.spec?.restartPolicy], [0, 900, 3600, 'Never']);
    assert.deepEqual(metadata?.labels, { 'app.kubernetes.io/managed-by': 'slipway', 'slipway.dev/app': 'a99', 'slipway.dev/build': '0b1d', 'slipway.dev/attempt': '1' });
    assert.deepEqual(spec?.template.metadata?.labels, metadata?.labels);
  });

  it('has its parts in order, with events beside all of them', () => {
    assert.deepEqual(containers(pod()).map(({ name, restartPolicy }) => [name, restartPolicy]), [['events', 'Always'], ['prepare', undefined], ['kaniko', undefined], ['publish', undefined]]);
  });

  it('has no token, and limits on everything', () => {
    assert.equal(pod().automountServiceAccountToken, false);
    assert.equal(pod().enableServiceLinks, false);
    for (const { name, resources } of containers(pod())) assert.deepEqual(Object.keys(resources?.limits ?? {}).sort(), ['ephemeral-storage', 'memory'], name);
    for (const { name, emptyDir, secret } of pod().volumes ?? []) assert.ok(emptyDir?.sizeLimit ?? secret, name);
  });

  it('is restricted but for Kaniko, which may do what unpacking an image takes', () => {
    for (const name of ['events', 'prepare', 'publish']) {
      const { securityContext } = container(name);
      assert.deepEqual([securityContext?.runAsNonRoot, securityContext?.readOnlyRootFilesystem, securityContext?.allowPrivilegeEscalation, securityContext?.capabilities], [true, true, false, { drop: ['ALL'] }], name);
    }
    const kaniko = container('kaniko').securityContext;
    assert.deepEqual([kaniko?.runAsUser, kaniko?.allowPrivilegeEscalation, kaniko?.privileged, kaniko?.capabilities?.drop], [0, false, undefined, ['ALL']]);
    assert.ok(!kaniko?.capabilities?.add?.some((name) => /ADMIN|PTRACE|RAW|MODULE|MKNOD/.test(name)));
    assert.equal(pod().securityContext?.seccompProfile?.type, 'RuntimeDefault');
  });

  it('gives the password of the registry to events alone, and config to prepare alone', () => {
    assert.deepEqual(containers(pod()).filter(({ name }) => mounts(name).includes('login')).map(({ name }) => name), ['events']);
    assert.deepEqual(containers(pod()).filter(({ name }) => mounts(name).includes('env')).map(({ name }) => name), ['prepare']);
    assert.equal(pod().volumes?.find(({ name }) => name === 'env')?.emptyDir?.medium, 'Memory');
    assert.deepEqual((container('kaniko').volumeMounts ?? []).map(({ name, subPath, readOnly }) => [name, subPath, readOnly]), [['work', 'image', true], ['result', undefined, undefined]]);
    assert.equal(container('kaniko').env, undefined);
  });

  it('keeps stdin open for whoever takes the build over', () => {
    assert.deepEqual([container('prepare').stdin, container('prepare').stdinOnce], [true, false]);
  });

  it('pushes by the gateway, and reports the image by the registry\'s own name', () => {
    const args = container('kaniko').args ?? [];
    for (const arg of ['--destination=127.0.0.1:5000/apps/app-a99:build-7', '--cache-repo=127.0.0.1:5000/apps/app-a99/cache', '--insecure-registry=127.0.0.1:5000']) assert.ok(args.includes(arg), arg);
    assert.ok(!args.some((arg) => arg.includes('registry.example.com')));
    assert.match(container('publish').command?.join(' ') ?? '', / --repository apps\/app-a99 --name registry\.example\.com\/apps\/app-a99 --tag build-7 /);
    assert.ok(container('events').command?.join(' ').includes('--registry registry.example.com --repository apps/app-a99 --tag build-7 --login /login/.dockerconfigjson --read-repository slipway/stack'));
  });

  const stacks: [string, string, string[], string][] = [
    ['in our registry', 'registry.example.com/slipway/stack:7', ['slipway/stack', '7'], 'scratch'],
    ['by digest', 'registry.example.com/stack@sha256:00', ['stack', 'sha256:00'], 'scratch'],
    ['by tag and digest', 'registry.example.com/stack:7@sha256:00', ['stack', 'sha256:00'], 'scratch'],
    ['without a tag', 'registry.example.com/stack', ['stack', 'latest'], 'scratch'],
    ['in another registry', 'debian:12', [], 'debian:12'],
    ['in a registry whose name begins alike', 'registry.example.com.evil/stack:7', [], 'registry.example.com.evil/stack:7'],
  ];
  for (const [what, stackImage, own, base] of stacks) {
    it(`${own.length > 0 ? 'leaves it to publish to put a stack image under the slug' : 'lets Kaniko build on a stack image'}: ${what}`, () => {
      const after = (name: string, option: string): string[] => { const command = container(name, { stackImage }).command ?? []; return command.flatMap((word, at) => (word === option ? [command[at + 1] ?? ''] : [])); };
      assert.deepEqual(after('prepare', '--base'), [base]);
      assert.deepEqual([...after('publish', '--stack'), ...after('publish', '--stack-reference')], own);
      assert.deepEqual(after('events', '--read-repository'), own.slice(0, 1));
    });
  }

  const cases: [string, Parameters<typeof job>, (spec: V1PodSpec) => unknown, unknown][] = [
    ['a runtime class', [{ runtimeClass: 'gvisor' }], (spec) => spec.runtimeClassName, 'gvisor'],
    ['no runtime class', [], (spec) => 'runtimeClassName' in spec, false],
    ['user namespaces', [{ userNamespaces: true }], (spec) => spec.hostUsers, false],
    ['no user namespaces', [], (spec) => 'hostUsers' in spec, false],
    ['a registry without a login', [{ registrySecret: null }], (spec) => [spec.imagePullSecrets, spec.volumes?.some(({ secret }) => secret)], [undefined, false]],
    ['mirrors', [{ registryMirrors: ['mirror:5000'], registryInsecure: true }], (spec) => spec.initContainers?.[2]?.args?.filter((arg) => arg.includes('mirror')), ['--registry-mirror=mirror:5000', '--insecure-registry=mirror:5000']],
    ['a registry of plain http', [{ registryInsecure: true }], (spec) => spec.initContainers?.[0]?.command?.includes('--insecure'), true],
    ['a clean build', [{}, { clean: true }], (spec) => spec.initContainers?.[0]?.command?.includes('--clean'), true],
    ['settings of the network', [], (spec) => spec.initContainers?.[1]?.env?.find(({ name }) => name === 'npm_config_registry')?.value, 'https://npm.example.com'],
  ];
  for (const [what, args, read, expected] of cases) it(`knows ${what}`, () => { assert.deepEqual(read(pod(...args)), expected); });
});
