import type { V1Container, V1Job, V1PodSpec, V1ResourceRequirements, V1SecurityContext, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { cacheRepositoryOf, readRegistry, repositoryOf } from './build-settings.ts';
import type { BuildSettings } from './build-settings.ts';

/** All of a build that may be in a manifest: of its context, nothing else is known here. */
export interface BuildJob { buildId: string; appId: string; number: number; attempt: number; clean: boolean; seconds: number; memoryBytes: number; diskBytes: number }

export const BUILD_LABEL = 'slipway.dev/build';
export const ATTEMPT_LABEL = 'slipway.dev/attempt';
/** On a Job that was canceled: its pods are to go, and it is kept until it is forgotten. */
export const CANCELED_ANNOTATION = 'slipway.dev/canceled';

/** The registry as all parts of a build see it: the sidecar that has the password. */
export const GATEWAY = '127.0.0.1:5000';
/** What is kept of an ended build that nobody forgot: a builder that comes back finds its verdict. */
const TTL_SECONDS = 3600;
const GRACE_SECONDS = 5;
const USER = 1000;
const MIB = 1024 * 1024;
const SIDECAR_BYTES = 256 * MIB;

/** One build as a Job of one pod: `events` beside `prepare`, `kaniko`, `publish`, one after the other. Pure. */
export function buildJob(settings: BuildSettings, build: BuildJob): V1Job {
  const labels = { 'app.kubernetes.io/managed-by': 'slipway', 'slipway.dev/app': build.appId, [BUILD_LABEL]: build.buildId, [ATTEMPT_LABEL]: String(build.attempt) };
  return {
    apiVersion: 'batch/v1', kind: 'Job',
    metadata: { name: `build-${build.buildId}-${build.attempt}`, namespace: settings.namespace, labels },
    spec: {
      backoffLimit: 0, completions: 1, parallelism: 1, activeDeadlineSeconds: build.seconds, ttlSecondsAfterFinished: TTL_SECONDS,
      template: { metadata: { labels }, spec: podSpec(settings, build) },
    },
  };
}

function podSpec(settings: BuildSettings, build: BuildJob): V1PodSpec {
  return {
    restartPolicy: 'Never', terminationGracePeriodSeconds: GRACE_SECONDS, automountServiceAccountToken: false, enableServiceLinks: false,
    // Kaniko is root in its container; all others run as nobody in particular.
    securityContext: { fsGroup: USER, seccompProfile: { type: 'RuntimeDefault' } },
    ...(settings.userNamespaces ? { hostUsers: false } : {}),
    ...(settings.runtimeClass === null ? {} : { runtimeClassName: settings.runtimeClass }),
    ...(settings.registrySecret === null ? {} : { imagePullSecrets: [{ name: settings.registrySecret }] }),
    initContainers: [events(settings, build), prepare(settings, build), kaniko(settings, build)],
    containers: [publish(settings, build)],
    volumes: volumes(settings, build),
  };
}

function volumes(settings: BuildSettings, { diskBytes }: BuildJob): V1Volume[] {
  return [
    { name: 'work', emptyDir: { sizeLimit: String(diskBytes) } },
    // Config, one file a variable: memory, and of `prepare` alone.
    { name: 'env', emptyDir: { medium: 'Memory', sizeLimit: String(64 * MIB) } },
    { name: 'report', emptyDir: { sizeLimit: String(64 * MIB) } },
    { name: 'result', emptyDir: { sizeLimit: String(MIB) } },
    ...(settings.registrySecret === null ? [] : [{ name: 'login', secret: { secretName: settings.registrySecret, defaultMode: 0o440 } }]),
  ];
}

const restricted: V1SecurityContext = { runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };

const resources = (memoryBytes: number, diskBytes: number): V1ResourceRequirements => ({
  requests: { cpu: '100m', memory: String(Math.min(memoryBytes, 256 * MIB)), 'ephemeral-storage': String(Math.min(diskBytes, 256 * MIB)) },
  limits: { memory: String(memoryBytes), 'ephemeral-storage': String(diskBytes) },
});

const mount = (name: string, mountPath: string, more: Partial<V1VolumeMount> = {}): V1VolumeMount => ({ name, mountPath, ...more });

/** Prints what the others report, and is their registry. It alone has the password: steps of a Dockerfile run where Kaniko is. */
function events(settings: BuildSettings, { appId, number, clean }: BuildJob): V1Container {
  const login = settings.registrySecret === null ? [] : ['--login', '/login/.dockerconfigjson'];
  const stack = stackInRegistry(settings);
  return {
    name: 'events', image: settings.builderImage, restartPolicy: 'Always',
    command: ['node', 'buildpacks/pod/events.ts', '--registry', readRegistry(settings.registry).host, '--repository', repositoryOf(settings, appId), '--tag', tagOf(number), ...login,
      ...(settings.registryInsecure ? ['--insecure'] : []), ...(stack ? ['--read-repository', stack.repository] : []), ...(clean ? ['--clean'] : [])],
    securityContext: restricted, resources: resources(SIDECAR_BYTES, 64 * MIB),
    volumeMounts: [mount('report', '/report'), ...(settings.registrySecret === null ? [] : [mount('login', '/login', { readOnly: true })])],
  };
}

/** The lifecycle. A stack image in our registry is put under the slug by `publish`; Kaniko would unpack it for that. The BuildContext comes on its standard input, from the builder; stdin stays open for a builder that takes over. */
function prepare(settings: BuildSettings, { memoryBytes, diskBytes }: BuildJob): V1Container {
  return {
    name: 'prepare', image: settings.builderImage, stdin: true, stdinOnce: false,
    command: ['node', 'buildpacks/pod/prepare.ts', '--base', stackInRegistry(settings) ? 'scratch' : settings.stackImage],
    env: Object.entries({ ...settings.environment, HOME: '/workspace', TMPDIR: '/tmp', LANG: 'C.UTF-8', SHELL: '/bin/bash' }).map(([name, value]) => ({ name, value })),
    securityContext: restricted, resources: resources(memoryBytes, diskBytes),
    volumeMounts: [mount('work', '/workspace'), mount('work', '/tmp', { subPath: 'tmp' }), mount('env', '/env'), mount('report', '/report')],
  };
}

/** Unpacks base images and runs a Dockerfile's steps as root of its container, with no more than that takes; no secret is in it. */
function kaniko(settings: BuildSettings, { appId, number, memoryBytes, diskBytes }: BuildJob): V1Container {
  const repository = `${GATEWAY}/${repositoryOf(settings, appId)}`;
  const mirrors = settings.registryMirrors.flatMap((host) => [`--registry-mirror=${host}`, ...(settings.registryInsecure ? [`--insecure-registry=${host}`] : [])]);
  return {
    name: 'kaniko', image: settings.kanikoImage,
    args: ['--context=dir:///image/context', '--dockerfile=/image/Dockerfile', `--destination=${repository}:${tagOf(number)}`, '--digest-file=/result/digest', `--label=slipway.dev/app=${appId}`,
      '--cache=true', `--cache-repo=${GATEWAY}/${cacheRepositoryOf(settings, appId)}`, '--compressed-caching=false', '--snapshot-mode=redo', '--force', `--insecure-registry=${GATEWAY}`, ...mirrors,
      '--push-retry=2', '--image-fs-extract-retry=1', '--image-download-retry=1', '--log-format=color', '--log-timestamp=false', '--verbosity=info'],
    securityContext: {
      runAsUser: 0, runAsGroup: 0, runAsNonRoot: false, allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETFCAP', 'SETGID', 'SETUID', 'SYS_CHROOT'] },
    },
    // Its own files are the image's; the volume `work` counts for the pod.
    resources: resources(memoryBytes, 2 * diskBytes), terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [mount('work', '/image', { subPath: 'image', readOnly: true }), mount('result', '/result')],
  };
}

function publish(settings: BuildSettings, { appId, number }: BuildJob): V1Container {
  const repository = repositoryOf(settings, appId);
  const stack = stackInRegistry(settings);
  return {
    name: 'publish', image: settings.builderImage,
    command: ['node', 'buildpacks/pod/publish.ts', '--registry', GATEWAY, '--repository', repository, '--name', `${readRegistry(settings.registry).host}/${repository}`, '--tag', tagOf(number),
      ...(stack ? ['--stack', stack.repository, '--stack-reference', stack.reference] : [])],
    securityContext: restricted, resources: resources(SIDECAR_BYTES, 64 * MIB),
    volumeMounts: [mount('report', '/report'), mount('result', '/result', { readOnly: true })],
  };
}

const tagOf = (number: number): string => `build-${number}`;

/** Null: it is in another registry, and Kaniko builds on it as on any base image. */
function stackInRegistry({ registry, stackImage }: BuildSettings): { repository: string; reference: string } | null {
  const { host } = readRegistry(registry);
  if (!stackImage.startsWith(`${host}/`)) return null;
  const [, repository, tag, digest] = /^([^@:]+)(?::([^@]+))?(?:@(.+))?$/.exec(stackImage.slice(host.length + 1)) ?? [];
  return repository === undefined ? null : { repository, reference: digest ?? tag ?? 'latest' };
}
