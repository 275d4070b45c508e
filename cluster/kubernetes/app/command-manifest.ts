import type { V1Job } from '@kubernetes/client-node';
import type { ClusterCommand } from '../../deploy.ts';
import { annotation, appLabels, appNamespace, configName, dnsName, label, labelValue } from './names.ts';
import { podSpec } from './process-manifests.ts';
import type { AppSettings } from './settings.ts';

/** For a pod that gets no place or no image: the Job ends it when even that took too long. */
const START_SECONDS = 120;

/** Ids of commands as they are in names and labels. */
export const commandName = (id: string): string => (id.length <= 63 && /^[a-z][a-z0-9-]*[a-z0-9]$/.test(id) ? id : dnsName(id));

/** A program that runs once: no second try, whatever happens to it. */
export function commandManifest({ id, appId, appName, release, process, command, memoryBytes, seconds }: ClusterCommand & { release: { image: string } }, settings: Pick<AppSettings, 'pullSecret'>): V1Job {
  const { image, stack, configFingerprint, version, id: releaseId } = release;
  const labels = { ...appLabels(appId), [label.process]: labelValue(process), [label.command]: commandName(id) };
  const pod = podSpec({ appId, appName, process, command, memoryBytes, image, stack, config: configName(configFingerprint) }, settings);
  return {
    apiVersion: 'batch/v1', kind: 'Job',
    metadata: { name: commandName(id), namespace: appNamespace(appId), labels },
    spec: {
      backoffLimit: 0, completions: 1, parallelism: 1, activeDeadlineSeconds: seconds + START_SECONDS,
      template: {
        // It belongs to one release and is never adopted by another, so that it may say which.
        metadata: { labels, annotations: { [annotation.process]: process, [annotation.release]: String(version), [annotation.releaseId]: releaseId } },
        // The pod's own deadline leaves the pod, and so its last lines and exit code; the Job's takes it away.
        spec: { ...pod, restartPolicy: 'Never', activeDeadlineSeconds: seconds },
      },
    },
  };
}
