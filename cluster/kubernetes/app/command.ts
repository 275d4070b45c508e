import type { V1Job } from '@kubernetes/client-node';
import type { ClusterCommand, CommandResult } from '../../deploy.ts';
import type { KubeApi } from '../api.ts';
import { commandManifest, commandName } from './command-manifest.ts';
import { stamp } from './covers.ts';
import { appNamespace } from './names.ts';
import { exitReason } from './observe.ts';
import type { ImageRelease } from './plan.ts';
import { CONTAINER } from './process-manifests.ts';
import type { SeenPod } from './seen.ts';
import type { AppSettings, PlanSettings } from './settings.ts';
import type { AppView } from './view.ts';

const LINES = 20;

type Ended = Omit<Extract<CommandResult, { status: 'ended' }>, 'lastLines' | 'status'>;

/** Starts the command's Job where there is none, and says how its pod is doing. */
export async function runCommand(api: KubeApi, view: AppView, command: ClusterCommand & { release: ImageRelease }, settings: AppSettings & PlanSettings): Promise<CommandResult> {
  const namespace = appNamespace(command.appId);
  const name = commandName(command.id);
  const pod = view.pods().find((one) => one.command === name);
  const end = pod ? endOf(pod, settings, Date.now()) : null;
  if (pod && end) return { status: 'ended', ...end, lastLines: await linesOf(api, namespace, pod) };
  if (pod) return { status: 'running' };
  const job = await api.get<V1Job>('Job', namespace, name);
  if (job === null) await api.apply(stamp(commandManifest(command, settings)));
  const failed = job?.status?.conditions?.find(({ type, status }) => (type === 'Failed' || type === 'FailureTarget') && status === 'True');
  if (failed) return { status: 'ended', exitCode: 1, exitReason: failed.reason === 'DeadlineExceeded' ? 'took too long' : `its pod was lost (${failed.message ?? failed.reason ?? 'unknown'})`, lastLines: [] };
  // Its pod is gone, and its exit code with it.
  if (job?.status?.conditions?.some(({ type, status }) => type === 'Complete' && status === 'True')) return { status: 'ended', exitCode: 0, exitReason: null, lastLines: [] };
  return { status: 'running' };
}

/** How a command's pod ended; null: it has not. */
export function endOf(pod: SeenPod, { waitSeconds }: Pick<PlanSettings, 'waitSeconds'>, now: number): Ended | null {
  if (pod.ended) {
    if (pod.ended.code === 0 && pod.podReason !== 'DeadlineExceeded') return { exitCode: 0, exitReason: null };
    return { exitCode: pod.ended.code || 1, exitReason: pod.podReason === 'DeadlineExceeded' ? 'took too long' : exitReason(pod.ended) };
  }
  if (pod.phase === 'Failed') return { exitCode: 1, exitReason: pod.podReason === 'DeadlineExceeded' ? 'took too long' : (pod.podMessage ?? pod.podReason ?? 'its pod was lost') };
  if (now < pod.createdAt + waitSeconds * 1000) return null;
  if (pod.unschedulable !== null) return { exitCode: 1, exitReason: `no node has room for it (${pod.unschedulable})` };
  return pod.waiting && /Err|BackOff|Invalid/.test(pod.waiting.reason) ? { exitCode: 1, exitReason: `it could not be started: ${pod.waiting.message || pod.waiting.reason}` } : null;
}

async function linesOf(api: KubeApi, namespace: string, { name, ended }: SeenPod): Promise<string[]> {
  return ended ? api.podLog(namespace, name, CONTAINER, { tailLines: LINES }).catch(() => []) : [];
}
