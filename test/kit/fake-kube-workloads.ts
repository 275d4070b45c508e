import { createHash, randomUUID } from 'node:crypto';
import type { FakeStore, StoredObject } from './fake-kube-store.ts';

interface PodTemplate { metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }; spec?: { containers?: { name: string }[] } }
interface DeploymentSpec { replicas?: number; template: PodTemplate }

/** What controllers and kubelets do in a cluster where all goes well, at once: a Deployment's pods are up, those of its last template gone; what is in a namespace goes with it. */
export function playWorkloads(store: FakeStore): void {
  store.listen('Namespace', null, ({ type, object }) => {
    const namespace = object.metadata.name;
    if (type === 'ADDED') store.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'default' } });
    if (type !== 'DELETED') return;
    for (const kind of ['Deployment', 'Pod', 'Service', 'Ingress', 'NetworkPolicy', 'Secret', 'ServiceAccount', 'ResourceQuota', 'RoleBinding', 'Job']) {
      for (const { metadata } of store.list(kind, namespace)) store.remove(kind, namespace, metadata.name);
    }
  });
  store.listen('Deployment', null, ({ type, object }) => {
    if (type === 'DELETED') scale(store, object, '', 0);
    else if ((object.status as { observedGeneration?: number } | undefined)?.observedGeneration !== object.metadata.generation) queueMicrotask(() => { settle(store, object); });
  });
}

function settle(store: FakeStore, { metadata: { namespace = '', name } }: StoredObject): void {
  const deployment = store.get('Deployment', namespace, name);
  if (!deployment) return;
  const { replicas = 1, template } = deployment.spec as unknown as DeploymentSpec;
  const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);
  scale(store, deployment, hash, replicas);
  const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
  store.put({ ...deployment, status: { observedGeneration: deployment.metadata.generation, ...counts, conditions: [{ type: 'Available', status: 'True' }, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }] } });
}

function scale(store: FakeStore, deployment: StoredObject, hash: string, replicas: number): void {
  const { namespace = '', name } = deployment.metadata;
  const own = store.list('Pod', namespace).filter(({ metadata }) => metadata.name.startsWith(`${name}-`));
  const fitting = own.filter(({ metadata }) => metadata.name.startsWith(`${name}-${hash}-`));
  const extra = [...own.filter((pod) => !fitting.includes(pod)), ...fitting.slice(replicas)];
  const { template } = deployment.spec as unknown as DeploymentSpec;
  for (let i = fitting.length; i < replicas; i++) {
    const now = new Date().toISOString();
    store.put({
      apiVersion: 'v1', kind: 'Pod',
      metadata: { namespace, name: `${name}-${hash}-${randomUUID().slice(0, 5)}`, labels: { ...template.metadata?.labels, 'pod-template-hash': hash }, annotations: template.metadata?.annotations },
      spec: { ...template.spec, nodeName: 'fake' },
      status: {
        phase: 'Running', startTime: now, conditions: ['PodScheduled', 'Ready'].map((type) => ({ type, status: 'True', lastTransitionTime: now })),
        containerStatuses: (template.spec?.containers ?? []).map((container) => ({ name: container.name, ready: true, restartCount: 0, state: { running: { startedAt: now } } })),
      },
    });
  }
  for (const { metadata } of extra) store.remove('Pod', namespace, metadata.name);
}
