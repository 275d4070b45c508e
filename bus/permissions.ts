import { appChanged, eventsWritten, accessChanged, replicaContext } from './app.ts';
import { buildCanceled, buildClaim, buildFinished, buildHeartbeat, buildHeld, buildQueued, buildStepsReported } from './build.ts';
import { logEnsure } from './log.ts';
import { mailQueued } from './mail.ts';
import { nodeApply, nodeChanged, nodeForgetApp, nodeJobChanged, nodeJobForget, nodeJobStart, nodeJobState, nodeJobStop, nodeReplicas } from './node.ts';
import { pushAuthorize, pushHeld, pushMoved, pushRequestBuild, pushSource, pushState, pushUnfinished } from './push.ts';
import { ROUTES_BUCKET, routesApplied } from './route.ts';

export const busProcesses = ['gateway', 'controller', 'git', 'build', 'log-agent', 'router', 'local-node'] as const;
export type BusProcess = (typeof busProcesses)[number];

/** Where the platform runs decides who talks with whom: a cluster has no node or router of ours. */
export type BusCluster = 'local' | 'kubernetes';

export interface BusPermissions { publish: string[]; subscribe: string[] }

interface Doors { asks?: { subject: string }[]; answers?: { subject: string }[]; tells?: { subject: string }[]; hears?: { subject: string }[]; more?: Partial<BusPermissions> }

const routesKv = `KV_${ROUTES_BUCKET}`;
/** Reading a log stream message by message, without a consumer. */
const readLogs = ['$JS.API.DIRECT.GET.*', '$JS.API.DIRECT.GET.*.>', '$JS.API.STREAM.MSG.GET.*'];

const doors: Record<BusProcess, Doors> = {
  gateway: {
    answers: [pushAuthorize, pushHeld, pushSource, pushRequestBuild, pushState, pushUnfinished, pushMoved, buildHeld, buildClaim, buildHeartbeat, buildStepsReported, buildFinished, replicaContext, logEnsure],
    tells: [appChanged, eventsWritten, accessChanged, buildCanceled, buildQueued, mailQueued],
    hears: [appChanged, eventsWritten, accessChanged, mailQueued],
    // It owns the streams: makes them, reads them, deletes an app's.
    more: { publish: ['$JS.API.>', '$JS.ACK.>', '$JS.FC.>', 'logs.>'], subscribe: ['logs.>'] },
  },
  controller: {
    asks: [nodeApply, nodeReplicas, nodeJobStart, nodeJobState, nodeJobStop, nodeJobForget, nodeForgetApp, routesApplied, logEnsure, replicaContext],
    tells: [appChanged, eventsWritten, buildQueued],
    hears: [appChanged, eventsWritten, nodeChanged, nodeJobChanged],
    more: { publish: ['$JS.API.INFO', `$KV.${ROUTES_BUCKET}.>`, `$JS.API.STREAM.INFO.${routesKv}`, `$JS.API.STREAM.CREATE.${routesKv}`, `$JS.API.CONSUMER.*.${routesKv}`, `$JS.API.CONSUMER.*.${routesKv}.>`, ...readLogs, '$JS.API.STREAM.LIST', '$JS.API.STREAM.INFO.*', 'logs.*.PLATFORM.controller'] },
  },
  git: {
    asks: [pushAuthorize, pushHeld, pushSource, pushRequestBuild, pushState, pushUnfinished, pushMoved],
    hears: [eventsWritten, accessChanged],
    // Builds and release commands, for the person who pushes.
    more: { publish: readLogs, subscribe: ['logs.*.BUILD.*', 'logs.*.APP.*'] },
  },
  build: {
    asks: [buildHeld, buildClaim, buildHeartbeat, buildStepsReported, buildFinished, nodeJobStart, nodeJobState, nodeJobStop, nodeJobForget],
    hears: [buildCanceled, nodeJobChanged],
    more: { publish: ['$JS.API.CONSUMER.INFO.BUILDS.BUILDS_workers', '$JS.API.CONSUMER.MSG.NEXT.BUILDS.BUILDS_workers', '$JS.ACK.BUILDS.>'] },
  },
  'log-agent': {
    asks: [logEnsure],
    more: { publish: ['logs.*.BUILD.*', 'logs.*.APP.*', 'logs.*.ROUTER.*', ...readLogs] },
  },
  router: {
    answers: [routesApplied],
    more: { publish: ['$JS.API.INFO', `$JS.API.STREAM.INFO.${routesKv}`, `$JS.API.CONSUMER.MSG.NEXT.${routesKv}.>`, `$JS.API.CONSUMER.*.${routesKv}`, `$JS.API.CONSUMER.*.${routesKv}.>`, '$JS.FC.>', '$JS.API.DIRECT.GET.*', `$JS.API.DIRECT.GET.${routesKv}.>`] },
  },
  'local-node': {
    asks: [replicaContext],
    answers: [nodeApply, nodeReplicas, nodeJobStart, nodeJobState, nodeJobStop, nodeJobForget, nodeForgetApp],
    tells: [nodeChanged, nodeJobChanged],
  },
};

/** What differs on Kubernetes: the controller and the builder use its API instead of asking a node. */
const kubernetesDoors: Partial<Record<BusProcess, Doors>> = {
  controller: {
    asks: [replicaContext, logEnsure],
    tells: [appChanged, eventsWritten, buildQueued],
    hears: [appChanged, eventsWritten],
    more: { publish: [...readLogs, '$JS.API.STREAM.LIST', '$JS.API.STREAM.INFO.*', 'logs.*.PLATFORM.controller'] },
  },
  build: {
    asks: [buildClaim, buildHeartbeat, buildStepsReported, buildFinished, logEnsure],
    hears: [buildCanceled],
    more: doors.build.more ?? {},
  },
};

/** The processes that are on the bus there. */
export const processesOf = (cluster: BusCluster): BusProcess[] => busProcesses.filter((name) => cluster === 'local' || (name !== 'router' && name !== 'local-node'));

/** The least subjects a process needs; whoever answers may publish one reply to each question it got (`allow_responses`). */
export function busPermissions(process: BusProcess, cluster: BusCluster = 'local'): BusPermissions & { answers: boolean } {
  const { asks = [], answers = [], tells = [], hears = [], more = {} } = (cluster === 'kubernetes' ? kubernetesDoors[process] : undefined) ?? doors[process];
  return {
    publish: [...asks, ...tells].map((door) => door.subject).concat(more.publish ?? []),
    subscribe: [...answers, ...hears].map((door) => door.subject).concat(more.subscribe ?? [], `_INBOX.${process}.>`),
    answers: answers.length > 0,
  };
}
