import type { V1ConfigMap, V1Container, V1Deployment, V1Ingress, V1Pod, V1Service } from '@kubernetes/client-node';
import { PORT } from '../cluster/kubernetes/app/app-manifests.ts';
import { resourcesOf } from '../cluster/kubernetes/app/process-manifests.ts';
import { buildJob, GATEWAY } from '../cluster/kubernetes/build-job.ts';
import { readRegistry, repositoryOf } from '../cluster/kubernetes/build-settings.ts';
import type { BuildSettings } from '../cluster/kubernetes/build-settings.ts';

/** One version of an app without a platform: `id` names its repository as an app's id does. */
export interface BareApp { name: string; namespace: string; id: string; version: number }

const MB = 1024 * 1024;
const labels = (process: string): Record<string, string> => ({ app: process });

/** Kaniko alone, as the platform runs it, but straight to the registry, with its context from a ConfigMap. */
export function kanikoManifests(settings: BuildSettings, { namespace, id, version }: BareApp, dockerfile: string, tarball: Buffer): [V1ConfigMap, V1Pod] {
  const name = `kaniko-${version}`;
  const context = { name: 'context', readOnly: true };
  const container: V1Container = Object.assign({}, kanikoOf(settings, id, version), {
    // A key's subPath is a plain file; the directory of a ConfigMap is made of links.
    volumeMounts: [{ ...context, mountPath: '/image/context/app.tar', subPath: 'app.tar' }, { ...context, mountPath: '/image/Dockerfile', subPath: 'Dockerfile' }, { name: 'result', mountPath: '/result' }],
  });
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { Dockerfile: dockerfile }, binaryData: { 'app.tar': tarball.toString('base64') } },
    {
      apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: labels('kaniko') },
      spec: {
        restartPolicy: 'Never', automountServiceAccountToken: false, enableServiceLinks: false, securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
        containers: [container], volumes: [{ name: 'context', configMap: { name } }, { name: 'result', emptyDir: {} }],
      },
    },
  ];
}

function kanikoOf(settings: BuildSettings, appId: string, number: number): V1Container {
  const job = buildJob(settings, { buildId: 'bench', appId, number, attempt: 1, clean: false, seconds: 600, memoryBytes: 2048 * MB, diskBytes: 4096 * MB });
  const container = job.spec?.template.spec?.initContainers?.find(({ name }) => name === 'kaniko');
  if (!container) throw new Error('A build has no container "kaniko" any more.');
  return Object.assign({}, container, { args: container.args?.map((arg) => arg.replaceAll(GATEWAY, readRegistry(settings.registry).host)) });
}

/** What a person would apply to have the image served, with the limits and the probe that the platform gives an app. */
export function appManifests(settings: BuildSettings, { name, namespace, id, version }: BareApp, ingress: { className: string; domain: string }): [V1Deployment, V1Service, V1Ingress] {
  const metadata = { name: 'web', namespace };
  const container: V1Container = {
    name: 'app', image: `${readRegistry(settings.registry).host}/${repositoryOf(settings, id)}:build-${version}`, imagePullPolicy: 'IfNotPresent', args: ['node server.js'],
    env: [{ name: 'PORT', value: String(PORT) }], ports: [{ containerPort: PORT }], resources: resourcesOf(512 * MB), readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
  };
  return [
    {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata,
      spec: {
        replicas: 1, selector: { matchLabels: labels('web') }, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
        template: { metadata: { labels: labels('web') }, spec: { automountServiceAccountToken: false, enableServiceLinks: false, containers: [container] } },
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels('web'), ports: [{ port: 80, targetPort: PORT }] } },
    {
      apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata,
      spec: { ingressClassName: ingress.className, rules: [{ host: `${name}.${ingress.domain}`, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } }] },
    },
  ];
}
