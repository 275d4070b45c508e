import type { V1Pod } from '@kubernetes/client-node';
import type { SourceMeta } from '../../cri/cri-file.ts';
import type { RoutedReplica, SourceState } from '../log-sources.ts';

/** Where our apps' and builds' pods are, and the labels that all of them have. */
export interface PodNames { appNamespacePrefix: string; buildsNamespace: string; selector: string }

/** What a pod says of the lines in its log files. */
export interface PodSource {
  /** Of the source: a build that is tried again in another pod goes on with it. */
  id: string;
  kind: 'source' | 'access-log';
  /** Null for an access log. */
  meta: SourceMeta | null;
  /** Containers whose lines these are, in the order in which they run. */
  containers: string[];
  /** Whether all that is told of its lines is known. */
  named: boolean;
  state: SourceState;
  /** Its state once the pod is deleted. */
  whenGone: SourceState;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SOURCE_ID = /^[A-Za-z0-9_-]{1,100}$/;
/** In the order in which they run; what `events` prints is for the builder. */
const BUILD_CONTAINERS = ['prepare', 'kaniko', 'publish'];
const LABEL = 'slipway.dev/';

/** Whose lines a pod's are; null: not ours, whatever its labels say. */
export function describePod(pod: V1Pod, { appNamespacePrefix, buildsNamespace }: PodNames): PodSource | null {
  const { namespace, uid, labels = {}, annotations = {} } = pod.metadata ?? {};
  const appId = labels[`${LABEL}app`] ?? '';
  if (uid === undefined || !UUID.test(uid) || !UUID.test(appId)) return null;
  const build = labels[`${LABEL}build`];
  if (namespace === buildsNamespace && build !== undefined) return UUID.test(build) ? buildLog(pod, appId, build) : null;
  if (namespace !== `${appNamespacePrefix}${appId}`) return null;
  const process = labels[`${LABEL}process`] ?? null;
  const release = wholeNumber(annotations[`${LABEL}release`]);
  const command = labels[`${LABEL}command`];
  if (command !== undefined) {
    if (!SOURCE_ID.test(command)) return null;
    const state = isOver(pod) ? 'ended' : 'live';
    return { id: command, kind: 'source', containers: ['app'], named: true, state, whenGone: 'ended', meta: { appId, source: 'APP', sourceId: command, process, replica: process, release, build: null } };
  }
  const index = wholeNumber(annotations[`${LABEL}index`]);
  return {
    id: uid, kind: 'source', containers: ['app'], named: index !== null && release !== null, state: isOver(pod) ? 'ended' : 'live', whenGone: 'ended',
    meta: { appId, source: 'APP', sourceId: uid, process, replica: process !== null && index !== null ? `${process}.${index}` : process, release, build: null },
  };
}

function buildLog(pod: V1Pod, appId: string, build: string): PodSource {
  const meta: SourceMeta = { appId, source: 'BUILD', sourceId: build, process: 'build', replica: null, release: null, build };
  // A pod that was taken away before it had ended is followed by another, or by the builder's verdict.
  const end: SourceState = endedByItself(pod) ? 'ended' : 'left';
  return { id: build, kind: 'source', meta, containers: BUILD_CONTAINERS, named: true, state: isOver(pod) ? end : 'live', whenGone: end };
}

/** Whether the last of its containers ran to its end, or an earlier one failed: then nothing of the build comes any more. */
function endedByItself({ status }: V1Pod): boolean {
  if (status?.reason !== undefined && status.reason !== '') return false;
  const ends = [...status?.initContainerStatuses ?? [], ...status?.containerStatuses ?? []].filter(({ name }) => BUILD_CONTAINERS.includes(name)).map(({ name, state }) => ({ name, end: state?.terminated }));
  return ends.some(({ name, end }) => end && (name === 'publish' || end.exitCode !== 0));
}

/** The Ingress controller's pod: its first container writes the access log. */
export function accessLogOf(pod: V1Pod): PodSource | null {
  const uid = pod.metadata?.uid;
  const container = pod.spec?.containers[0]?.name;
  if (uid === undefined || container === undefined) return null;
  return { id: `router-${uid}`, kind: 'access-log', meta: null, containers: [container], named: true, state: isOver(pod) ? 'ended' : 'live', whenGone: 'ended' };
}

/** The replicas on this node by the addresses of their pods. */
export function addressesOf(pods: readonly V1Pod[]): Map<string, RoutedReplica> {
  return new Map(pods.flatMap(({ metadata, status }) => {
    const process = metadata?.labels?.[`${LABEL}process`];
    const [index, releaseVersion] = ['index', 'release'].map((name) => wholeNumber(metadata?.annotations?.[`${LABEL}${name}`]));
    if (process === undefined || index == null || releaseVersion == null) return [];
    return (status?.podIPs ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [[ip, { process, index, releaseVersion }] as const]));
  }));
}

const isOver = ({ status }: V1Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

const wholeNumber = (text: string | undefined): number | null => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null);
