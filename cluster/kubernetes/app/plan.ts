import type { ObservedReplica, Rollout, WantedApp, WantedProcess, WantedRelease } from '../../deploy.ts';
import { findFailure, nextLook } from './failure.ts';
import type { FoundFailure } from './failure.ts';
import { observe, isOver, statusOf, upAt } from './observe.ts';
import { programHash, templateHash, templateOf } from './process-manifests.ts';
import type { ProcessTemplate } from './process-manifests.ts';
import { appNameOf, configOf } from './seen.ts';
import type { SeenDeployment, SeenPod } from './seen.ts';
import type { PlanSettings } from './settings.ts';

/** A release that can run here. */
export type ImageRelease = WantedRelease & { image: string };

export interface DeploymentWant { template: ProcessTemplate; replicas: number; hold: boolean }
/** What is to be written on a running pod: whose it is, and whether it goes first. */
export interface PodNaming { pod: string; index: number; release: number; releaseId: string; deletionCost: number }

export interface AppPlan {
  naming: PodNaming[];
  /** Null: what runs stays as it is. */
  deployments: DeploymentWant[] | null;
  /** Deployments that are not wanted any more. */
  remove: string[];
  /** Pods that ended for good and are in the way. */
  clean: string[];
  rollout: Rollout;
  failure: FoundFailure | null;
  replicas: ObservedReplica[];
  /** When to look again though nothing changes; milliseconds since 1970. */
  lookAgainAt: number | null;
}

export interface Seen {
  pods: SeenPod[];
  deployments: SeenDeployment[];
  /** When which web replicas take requests last changed. */
  routeChangedAt: number;
}

interface Slot { process: WantedProcess; template: ProcessTemplate; hash: string; current: SeenPod[]; replaced: SeenPod[]; up: number }

/** The next step from what is there to what is wanted. Pure: new pods start beside the old ones, which are held until all of the new are up. */
export function planApp(app: WantedApp & { release: ImageRelease | null }, seen: Seen, settings: PlanSettings, now: number): AppPlan {
  const pods = seen.pods.filter(({ command }) => command === null);
  const running = pods.filter((pod) => !pod.isGoing && !isOver(pod));
  const clean = pods.filter((pod) => isOver(pod) && !pod.isGoing).map(({ name }) => name);
  const { release } = app;
  if (!release) {
    return { naming: [], deployments: [], remove: seen.deployments.map(({ name }) => name), clean, rollout: { status: 'complete' }, failure: null, replicas: observeAll(pods, [], now), lookAgainAt: null };
  }
  const slots = app.processes.map((process) => slotOf(app, release, process, running, seen.deployments, now));
  const current = slots.flatMap((slot) => slot.current);
  const mine = new Set(slots.flatMap((slot) => [...slot.current, ...slot.replaced]));
  const others = running.filter((pod) => !mine.has(pod));
  const naming = nameSlots(slots, release, false).concat(nameOthers(others, running, release));
  // While no Deployment runs its template yet, what is told of it is told of another release.
  const deployed = seen.deployments.filter((deployment) => slots.some(({ hash, process }) => process.type === deployment.process && hash === deployment.template));
  const failure = release.live ? null : findFailure(app, named(current, naming), deployed, settings, now);
  if (failure) return { naming, deployments: null, remove: [], clean, rollout: { status: 'failed', ...failure.failure }, failure, replicas: observeAll(pods, naming, now), lookAgainAt: null };

  const allUp = slots.every(({ up, process }) => up >= process.quantity);
  const unwanted = seen.deployments.filter(({ process }) => !slots.some((slot) => slot.process.type === process)).map(({ name }) => name);
  const done = allUp && others.length === 0 && unwanted.length === 0 && slots.every(({ current: pods, replaced, process }) => pods.length === process.quantity && replaced.length === 0);
  const routedAt = slots.some(({ process }) => process.type === 'web') ? seen.routeChangedAt + settings.routeMs : 0;
  const complete = done && (release.live || now >= routedAt);
  const all = complete ? nameSlots(slots, release, true) : naming;
  return {
    naming: all, clean, failure: null, remove: allUp ? unwanted : [],
    deployments: slots.map((slot) => wantOf(slot, others, allUp)),
    rollout: { status: complete ? 'complete' : 'progressing' }, replicas: observeAll(pods, all, now),
    lookAgainAt: earliest([
      release.live ? null : nextLook(current, settings, now), done && !complete ? routedAt : null,
      ...current.map(upAt).filter((at) => at !== null && at > now),
    ]),
  };
}

/** A process type and its pods: what they run, which are as wanted, which are to be replaced. */
function slotOf(app: WantedApp, release: ImageRelease, process: WantedProcess, running: readonly SeenPod[], deployments: readonly SeenDeployment[], now: number): Slot {
  const own = templateOf({ appId: app.appId, name: app.name }, release, process);
  // Where nothing runs, nothing would be restarted.
  const template = running.some((pod) => pod.process === process.type) ? keptTemplate(release, own, deployments.find((deployment) => deployment.process === process.type)) : own;
  const hash = templateHash(template);
  const fitting = running.filter((pod) => pod.process === process.type && pod.template === hash);
  const replaced = fitting.filter(({ uid }) => process.replace.includes(uid));
  const current = fitting.filter((pod) => !replaced.includes(pod));
  return { process, template, hash, current, replaced, up: current.filter((pod) => statusOf(pod, now) === 'UP').length };
}

/** Another name of the app alone restarts nothing: what runs goes on with the one that it was told, until something else changes. */
function keptTemplate(release: ImageRelease, own: ProcessTemplate, deployment: SeenDeployment | undefined): ProcessTemplate {
  const former = keptConfig(release, { ...own, appName: (deployment && appNameOf(deployment)) ?? own.appName }, deployment);
  return templateHash(former) === deployment?.template ? former : keptConfig(release, own, deployment);
}

/** A release that came `restart: false` goes on with the config that its program runs with. */
function keptConfig(release: ImageRelease, template: ProcessTemplate, deployment: SeenDeployment | undefined): ProcessTemplate {
  if (!release.keepsReplicas || !deployment || deployment.program !== programHash(template)) return template;
  return { ...template, config: configOf(deployment) ?? template.config };
}

/** More than wanted only while a replica that is to be replaced waits for the new one beside it. */
function wantOf({ process, template, hash, replaced, up }: Slot, others: readonly SeenPod[], allUp: boolean): DeploymentWant {
  const surge = up >= process.quantity ? 0 : replaced.length;
  return { template, replicas: process.quantity === 0 ? 0 : process.quantity + surge, hold: !allUp && others.some((pod) => pod.process === process.type && pod.template !== hash) };
}

/** Numbers for pods that have none, from 1, and the release each belongs to: an adopted one changes its release only when all is well. */
function nameSlots(slots: readonly Slot[], release: ImageRelease, complete: boolean): PodNaming[] {
  return slots.flatMap(({ current, replaced }) => {
    const taken = new Set(current.map(({ index }) => index));
    const next = (): number => { let index = 1; while (taken.has(index)) index++; taken.add(index); return index; };
    const names = [...current].sort((a, b) => a.createdAt - b.createdAt || a.name.localeCompare(b.name)).flatMap((pod) => {
      const named = pod.index !== null && pod.releaseId !== null && pod.release !== null;
      const own = complete || !named ? release : { id: pod.releaseId as string, version: pod.release as number };
      return named && own.id === pod.releaseId && own.version === pod.release ? [] : [{ pod: pod.name, index: pod.index ?? next(), release: own.version, releaseId: own.id, deletionCost: pod.deletionCost }];
    });
    const first = replaced.filter((pod) => pod.deletionCost >= 0 || pod.index === null).map((pod) =>
      ({ pod: pod.name, index: pod.index ?? next(), release: pod.release ?? release.version, releaseId: pod.releaseId ?? release.id, deletionCost: -1000 }));
    return [...names, ...first];
  });
}

/** Pods of another template that came too late to be named by their own release. */
function nameOthers(others: readonly SeenPod[], running: readonly SeenPod[], release: ImageRelease): PodNaming[] {
  return others.filter(({ index, releaseId }) => index === null || releaseId === null).map((pod, nth) => {
    const like = running.find(({ template, releaseId }) => template === pod.template && releaseId !== null);
    return { pod: pod.name, index: pod.index ?? nth + 1, release: like?.release ?? release.version, releaseId: like?.releaseId ?? release.id, deletionCost: pod.deletionCost };
  });
}

/** The pods as they are once they are named. */
const named = (pods: readonly SeenPod[], naming: readonly PodNaming[]): SeenPod[] => pods.map((pod) => {
  const name = naming.find((one) => one.pod === pod.name);
  return name ? { ...pod, index: name.index, release: name.release, releaseId: name.releaseId } : pod;
});

const observeAll = (pods: readonly SeenPod[], naming: readonly PodNaming[], now: number): ObservedReplica[] =>
  named(pods, naming).map((pod) => observe(pod, now)).filter((replica) => replica !== null);

const earliest = (times: readonly (number | null)[]): number | null => {
  const known = times.filter((at) => at !== null);
  return known.length > 0 ? Math.min(...known) : null;
};
