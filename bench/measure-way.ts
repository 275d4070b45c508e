import { setTimeout as pause } from 'node:timers/promises';
import type { CoreV1Event } from '@kubernetes/client-node';
import type { KubeApi } from '../cluster/kubernetes/api.ts';
import type { Slipway } from '../test/kit/slipway.ts';
import { watchPods } from './pod-times.ts';
import type { PodTimes } from './pod-times.ts';
import { pullMs } from './push-parts.ts';

const LOOK_MS = 10;
const PATIENCE_MS = 300_000;
/** A request may hang for half a minute that was led to a pod that is gone: the next one is not to wait for it. */
const ANSWER_MS = 500;

/** Pods of builds and of the app, and what the build's parts say, from now on until `stop`. */
export interface Observation {
  builds: PodTimes[];
  replicas: PodTimes[];
  /** By what Kaniko said, and what the build reported. */
  said: BuildWords;
  stop(): void;
}

interface BuildWords { pushing: number | null; pushed: number | null; outcome: number | null }

export interface Observed { namespace: string; labels: string }

/** What is said in the log of a build's container. */
const words: Record<string, Partial<Record<keyof BuildWords, RegExp>>> = {
  kaniko: { pushing: /Pushing image to /, pushed: /\bPushed / },
  events: { outcome: /"type":"outcome"/ },
};

export async function observe(api: KubeApi, build: Observed, app: Observed): Promise<Observation> {
  const life = new AbortController();
  const { signal } = life;
  const said: BuildWords = { pushing: null, pushed: null, outcome: null };
  const listen = async (pod: string, container: string): Promise<void> => {
    const heard = Object.entries(words[container] ?? {}) as [keyof BuildWords, RegExp][];
    if (heard.length === 0) return;
    for await (const line of api.followPodLog(build.namespace, pod, container, signal)) {
      for (const [what, pattern] of heard) if (pattern.test(line)) said[what] ??= performance.now();
    }
  };
  const onBegun = (pod: string, container: string): void => { listen(pod, container).catch((error: unknown) => { process.stderr.write(`The log of ${pod}: ${String(error)}\n`); }); };
  const [builds, replicas] = await Promise.all([watchPods({ api, ...build, signal, onBegun }), watchPods({ api, ...app, signal })]);
  return { builds, replicas, said, stop: () => { life.abort(); } };
}

/** How long Kaniko pushed. */
export const registryPush = ({ said: { pushing, pushed } }: Observation): number => (pushing === null || pushed === null ? 0 : Math.max(0, pushed - pushing));

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
    const answer = await Promise.race([slipway.get('/', { app }), pause(ANSWER_MS, null)]);
    return answer?.status === 200 && answer.text === `version ${version} ` ? performance.now() : null;
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
