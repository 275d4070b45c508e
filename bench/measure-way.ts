import { setTimeout as pause } from 'node:timers/promises';
import type { CoreV1Event } from '@kubernetes/client-node';
import type { KubeApi } from '../cluster/kubernetes/api.ts';
import type { Slipway } from '../test/kit/slipway.ts';
import { watchPods } from './pod-times.ts';
import type { PodTimes } from './pod-times.ts';
import { pullMs } from './push-parts.ts';

const LOOK_MS = 10;
const PATIENCE_MS = 300_000;

/** Pods of builds and of the app, and what Kaniko says, from now on until `stop`. */
export interface Observation {
  builds: PodTimes[];
  replicas: PodTimes[];
  /** From "Pushing image" to "Pushed", as Kaniko said it. */
  registryPush(): number;
  stop(): void;
}

export interface Observed { namespace: string; labels: string }

export async function observe(api: KubeApi, build: Observed, app: Observed): Promise<Observation> {
  const life = new AbortController();
  const { signal } = life;
  const said = { pushing: 0, pushed: 0 };
  const listen = async (pod: string): Promise<void> => {
    for await (const line of api.followPodLog(build.namespace, pod, 'kaniko', signal)) {
      if (line.includes('Pushing image to')) said.pushing = performance.now();
      if (/\bPushed /.test(line)) said.pushed = performance.now();
    }
  };
  const onBegun = (pod: string, container: string): void => { if (container === 'kaniko') listen(pod).catch((error: unknown) => { process.stderr.write(`The log of ${pod}: ${String(error)}\n`); }); };
  const [builds, replicas] = await Promise.all([watchPods({ api, ...build, signal, onBegun }), watchPods({ api, ...app, signal })]);
  return { builds, replicas, registryPush: () => Math.max(0, said.pushed - said.pushing), stop: () => { life.abort(); } };
}

/** Looks until it is there; `failure` says why it never will be. */
export async function lookUntil<T>(what: string, look: () => T | null | Promise<T | null>, failure: () => string | null = () => null): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    const why = failure();
    if (why !== null) throw new Error(why);
    if (performance.now() > deadline) throw new Error(`Not within ${PATIENCE_MS / 1000} s: ${what}.`);
    // Without a pause the looking itself would take a core of the deploy's.
    await pause(LOOK_MS);
  }
}

/** When an app, whoever deployed it, first answers with this version. */
export function untilAnswers(slipway: Slipway, app: string, version: number, failure?: () => string | null): Promise<number> {
  return lookUntil(`${app} answers with version ${version}`, async () => {
    const { status, text } = await slipway.get('/', { app });
    return status === 200 && text === `version ${version} ` ? performance.now() : null;
  }, failure);
}

/** How long the kubelet pulled the image of a pod that runs. */
export async function imagePull(api: KubeApi, namespace: string, pod: string): Promise<number> {
  const event = await lookUntil(`the kubelet tells of the image of ${pod}`, async () => (await api.list<CoreV1Event>('Event', namespace, { fields: `involvedObject.name=${pod},reason=Pulled` }))[0] ?? null);
  return pullMs(event.message ?? '');
}

/** A time that must have been seen by now. */
export function seen(time: number | null | undefined, what: string): number {
  if (time == null) throw new Error(`${what} was not seen.`);
  return time;
}
