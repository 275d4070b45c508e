import type { V1Container, V1Deployment, V1EnvVar, V1PodSpec, V1ResourceRequirements } from '@kubernetes/client-node';
import type { WantedProcess, WantedRelease } from '../../deploy.ts';
import { ACCOUNT, PORT, PULL_SECRET } from './app-manifests.ts';
import { annotation, appLabels, appNamespace, configName, dnsName, label, labelValue, sha256 } from './names.ts';
import type { AppSettings } from './settings.ts';

export const CONTAINER = 'app';

/** A replica has this long from SIGTERM to SIGKILL, as on one machine. */
const STOP_SECONDS = 30;
/** While a release starts, none of its replicas counts as available for the Deployment, so that none of the old ones goes before we say so. */
const HOLD_SECONDS = 86_400;
const MB = 1024 * 1024;
const SMALL_MB = 512;

/** An app's image, whoever its own user is, runs as this one, which buildpacks' images are made for. */
const USER = 1000;

export interface ProgramSpec {
  appId: string;
  appName: string;
  process: string;
  command: string;
  memoryBytes: number;
  image: string;
  /** `container`: built by a Dockerfile, without our entrypoint. */
  stack: string;
  /** The Secret with its environment. */
  config: string;
}

export interface ProcessTemplate extends ProgramSpec { restarts: number }

export function templateOf({ appId, name }: { appId: string; name: string }, release: WantedRelease & { image: string }, { type, command, memoryBytes, restarts }: WantedProcess): ProcessTemplate {
  const { image, stack, configFingerprint } = release;
  return { appId, appName: name, process: type, command, memoryBytes, restarts, image, stack, config: configName(configFingerprint) };
}

/** Equal for equal programs, whatever their config: image, command, size, restarts. */
export const programHash = ({ appName, process, command, memoryBytes, image, stack, restarts }: ProcessTemplate): string =>
  sha256(JSON.stringify([appName, process, command, memoryBytes, image, stack, restarts])).slice(0, 24);

export const templateHash = (template: ProcessTemplate): string => `${programHash(template)}.${template.config}`;

/** `$(X)` is Kubernetes' own; a doubled dollar is one for the program. */
const verbatim = (word: string): string => word.replaceAll('$', '$$$$');

/** The user's text is one argument to a shell in the app's own container, never a part of a script of ours. */
function commandOf({ stack, command }: ProgramSpec): string[] | undefined {
  if (stack !== 'container') return ['/bin/bash', '/slipway/entrypoint.sh', '/app', verbatim(command)];
  return command === '' ? undefined : ['/bin/sh', '-c', verbatim(command)];
}

/** A size promises half of its memory and lets be used all of it. Of processor time it promises little, for it is shared by need, and lets be used a core per SMALL. */
export function resourcesOf(memoryBytes: number): V1ResourceRequirements {
  const megabytes = Math.ceil(memoryBytes / MB);
  const cores = megabytes / SMALL_MB;
  return {
    requests: { cpu: quantity(Math.max(Math.round(cores * 20), 10)), memory: memory(Math.ceil(megabytes / 2)), 'ephemeral-storage': '64Mi' },
    limits: { cpu: quantity(Math.max(Math.round(cores * 1000), 500)), memory: memory(megabytes), 'ephemeral-storage': '4Gi' },
  };
}

/** As the API server itself writes them, so that what we applied is what we find. */
const memory = (megabytes: number): string => (megabytes % 1024 === 0 ? `${megabytes / 1024}Gi` : `${megabytes}Mi`);
const quantity = (millis: number): string => (millis % 1000 === 0 ? `${millis / 1000}` : `${millis}m`);

/** The pod of a program: one container that may nothing but run, as the same user on every node. */
export function podSpec(program: ProgramSpec, settings: Pick<AppSettings, 'pullSecret'>): V1PodSpec {
  const user = program.stack === 'container' ? { runAsUser: USER, runAsGroup: 0 } : { runAsUser: USER, runAsGroup: USER };
  const command = commandOf(program);
  const container: V1Container = {
    name: CONTAINER, image: program.image, imagePullPolicy: 'IfNotPresent', ...(command ? { command } : {}),
    env: environment(program), envFrom: [{ secretRef: { name: program.config } }],
    resources: resourcesOf(program.memoryBytes),
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  return {
    serviceAccountName: ACCOUNT, automountServiceAccountToken: false, enableServiceLinks: false,
    // Then the program is not process 1, for which SIGTERM without a handler does nothing, and somebody reaps its orphans.
    shareProcessNamespace: true,
    securityContext: { runAsNonRoot: true, ...user, seccompProfile: { type: 'RuntimeDefault' } },
    ...(settings.pullSecret ? { imagePullSecrets: [{ name: PULL_SECRET }] } : {}),
    containers: [container], terminationGracePeriodSeconds: STOP_SECONDS,
  };
}

function environment({ appName, process }: ProgramSpec): V1EnvVar[] {
  return [
    { name: 'PORT', value: String(PORT) }, { name: 'SLIPWAY_APP', value: appName }, { name: 'SLIPWAY_PROCESS', value: process },
    // The number of a release is in no template; the replica's name is its pod's.
    { name: 'SLIPWAY_REPLICA', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ];
}

/** Ready is who listens; who is to stop first goes on for as long as requests still come. */
function asWeb(pod: V1PodSpec, { drainSeconds }: Pick<AppSettings, 'drainSeconds'>): V1PodSpec {
  const containers = pod.containers.map((container) => Object.assign({}, container, {
    ports: [{ name: 'http', containerPort: PORT, protocol: 'TCP' }],
    readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 3 },
    lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
  }));
  return Object.assign({}, pod, { terminationGracePeriodSeconds: STOP_SECONDS + drainSeconds, containers });
}

/** @param hold keep the old replicas, however ready the new ones are */
export function deploymentManifest(template: ProcessTemplate, { replicas, hold }: { replicas: number; hold: boolean }, settings: Pick<AppSettings, 'pullSecret' | 'drainSeconds'>): V1Deployment {
  const { appId, process } = template;
  const selector = { [label.app]: appId, [label.process]: labelValue(process) };
  const pod = podSpec(template, settings);
  return {
    apiVersion: 'apps/v1', kind: 'Deployment',
    metadata: { name: dnsName(process), namespace: appNamespace(appId), labels: { ...appLabels(appId), ...selector }, annotations: { [annotation.process]: process } },
    spec: {
      replicas, selector: { matchLabels: selector }, ...(hold ? { minReadySeconds: HOLD_SECONDS } : {}), progressDeadlineSeconds: 2 * HOLD_SECONDS, revisionHistoryLimit: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
      template: {
        metadata: {
          labels: { ...appLabels(appId), ...selector },
          annotations: { [annotation.process]: process, [annotation.template]: templateHash(template), [annotation.program]: programHash(template), [annotation.restarts]: String(template.restarts) },
        },
        spec: Object.assign({}, process === 'web' ? asWeb(pod, settings) : pod, {
          topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: selector } }],
        }),
      },
    },
  };
}
