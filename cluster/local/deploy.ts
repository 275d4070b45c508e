import { isDeepStrictEqual } from 'node:util';
import { ask, BusError, onNotice } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { nodeApply, nodeChanged, nodeForgetApp, nodeJobChanged, nodeJobForget, nodeJobStart, nodeJobStop, nodeReplicas } from '../../bus/node.ts';
import type { ReplicaState } from '../../bus/node.ts';
import { routesApplied } from '../../bus/route.ts';
import type { Route } from '../../bus/route.ts';
import { openRouteTable } from '../../bus/route-table.ts';
import type { RouteTable } from '../../bus/route-table.ts';
import { faultPoint } from '../../service/fault.ts';
import type { ClusterCommand, CommandResult, DeployCluster, ObservedReplica } from '../deploy.ts';
import { planApp } from './plan.ts';

export interface LocalDeployOptions {
  bus: Bus;
  /** How long a web replica may take to listen. */
  bootSeconds: number;
  /** Called just before anything is changed; throws where that may not be any more. */
  beforeWrite(): void;
  onError(error: unknown, subject: string): void;
}

/** Node and router answer at once; one that was killed while it was asked never does, and its next life should not wait for that. */
const ANSWER_MS = 3_000;

/** Apps on one machine: wants handed to local-node, routes to the router. Keeps no state that it could not read again. */
export async function createLocalDeploy({ bus, bootSeconds, beforeWrite, onError }: LocalDeployOptions): Promise<DeployCluster & { close(): void }> {
  const routes = await openRouteTable(bus);
  const timers = new Map<string, NodeJS.Timeout>();
  let onChange: (appId: string | null) => void = () => undefined;

  const lookAgain = (appId: string, at: number | null): void => {
    clearTimeout(timers.get(appId));
    timers.delete(appId);
    if (at !== null) timers.set(appId, setTimeout(() => { timers.delete(appId); onChange(appId); }, Math.max(at - Date.now(), 0) + 10));
  };
  return {
    // The node's notices may be lost.
    resyncMs: 0,
    reconcile: async (app) => {
      const { replicas } = await ask(bus, nodeReplicas, { appId: app.appId }, ANSWER_MS);
      const plan = planApp(app, replicas, { bootSeconds, now: Date.now() });
      await applyRoute(bus, routes, plan.route, beforeWrite);
      beforeWrite();
      const applied = await ask(bus, nodeApply, { appId: app.appId, keep: plan.keep, start: plan.start }, ANSWER_MS);
      if (plan.start.length > 0) faultPoint('controller.replicas-wanted');
      lookAgain(app.appId, plan.lookAgainAt);
      return { rollout: plan.rollout, replicas: applied.replicas.map(observe) };
    },
    // A machine is one platform's alone.
    present: async () => [],
    leave: async () => undefined,
    remove: async (appId) => {
      beforeWrite();
      await routes.delete(appId);
      beforeWrite();
      const { replicas } = await ask(bus, nodeApply, { appId, keep: [], start: [] }, ANSWER_MS);
      if (replicas.length > 0) return false;
      beforeWrite();
      await ask(bus, nodeForgetApp, { appId }, 60_000);
      return true;
    },
    runCommand: async (command) => {
      beforeWrite();
      return runCommand(bus, command);
    },
    forgetCommand: async ({ id }) => {
      beforeWrite();
      await ask(bus, nodeJobStop, { id }).catch(ignoreUnknown);
      beforeWrite();
      await ask(bus, nodeJobForget, { id }).catch(ignoreUnknown);
    },
    watch: (callback) => {
      onChange = callback;
      onNotice(bus, nodeChanged, ({ appId }) => { onChange(appId); }, onError);
      onNotice(bus, nodeJobChanged, ({ appId }) => { onChange(appId); }, onError);
    },
    close: () => { for (const timer of timers.values()) clearTimeout(timer); },
  };
}

/** Writes the route where it changed, and waits until the router routes by it. */
async function applyRoute(bus: Bus, routes: RouteTable, wanted: Route, beforeWrite: () => void): Promise<void> {
  const known = await routes.get(wanted.appId);
  const isWritten = known && isDeepStrictEqual(known.route, wanted);
  if (!isWritten) beforeWrite();
  const revision = isWritten ? known.revision : await routes.put(wanted);
  if (known?.revision !== revision) faultPoint('controller.route-written');
  await ask(bus, routesApplied, { revision }, ANSWER_MS);
}

async function runCommand(bus: Bus, { id, appId, appName, release, process, command, memoryBytes, seconds }: ClusterCommand): Promise<CommandResult> {
  const state = await ask(bus, nodeJobStart, { kind: 'command', id, appId, appName, releaseId: release.id, releaseVersion: release.version, slugDigest: release.slugDigest, process, command, memoryBytes, seconds });
  if (state.status === 'RUNNING') return { status: 'running' };
  return { status: 'ended', exitCode: state.exitCode ?? 1, exitReason: state.exitReason, lastLines: state.lastLines };
}

function observe({ id, process, index, releaseId, status, restarts, exitCode, exitReason, lastLines, startedAt, readyAt }: ReplicaState): ObservedReplica {
  return { id, process, index, releaseId, status, restarts, exitCode, exitReason, lastLines, startedAt: new Date(startedAt), readyAt: readyAt === null ? null : new Date(readyAt) };
}

function ignoreUnknown(error: unknown): void {
  if (!(error instanceof BusError && error.code === 'NOT_FOUND')) throw error;
}
