import type { V1LimitRange, V1LimitRangeItem, V1NetworkPolicy, V1NetworkPolicyIngressRule, V1NetworkPolicySpec, V1ObjectMeta } from '@kubernetes/client-node';

interface KindEntry { apiVersion: string; plural: string; namespaced: boolean }

/** The kinds that we use, and where the API server has them. */
export const kinds = {
  Namespace: { apiVersion: 'v1', plural: 'namespaces', namespaced: false },
  Node: { apiVersion: 'v1', plural: 'nodes', namespaced: false },
  Pod: { apiVersion: 'v1', plural: 'pods', namespaced: true },
  Service: { apiVersion: 'v1', plural: 'services', namespaced: true },
  ServiceAccount: { apiVersion: 'v1', plural: 'serviceaccounts', namespaced: true },
  Secret: { apiVersion: 'v1', plural: 'secrets', namespaced: true },
  ConfigMap: { apiVersion: 'v1', plural: 'configmaps', namespaced: true },
  PersistentVolumeClaim: { apiVersion: 'v1', plural: 'persistentvolumeclaims', namespaced: true },
  ResourceQuota: { apiVersion: 'v1', plural: 'resourcequotas', namespaced: true },
  LimitRange: { apiVersion: 'v1', plural: 'limitranges', namespaced: true },
  Event: { apiVersion: 'v1', plural: 'events', namespaced: true },
  Deployment: { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true },
  ReplicaSet: { apiVersion: 'apps/v1', plural: 'replicasets', namespaced: true },
  StatefulSet: { apiVersion: 'apps/v1', plural: 'statefulsets', namespaced: true },
  DaemonSet: { apiVersion: 'apps/v1', plural: 'daemonsets', namespaced: true },
  Job: { apiVersion: 'batch/v1', plural: 'jobs', namespaced: true },
  Ingress: { apiVersion: 'networking.k8s.io/v1', plural: 'ingresses', namespaced: true },
  NetworkPolicy: { apiVersion: 'networking.k8s.io/v1', plural: 'networkpolicies', namespaced: true },
  PodDisruptionBudget: { apiVersion: 'policy/v1', plural: 'poddisruptionbudgets', namespaced: true },
  Role: { apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'roles', namespaced: true },
  RoleBinding: { apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'rolebindings', namespaced: true },
  Lease: { apiVersion: 'coordination.k8s.io/v1', plural: 'leases', namespaced: true },
  Certificate: { apiVersion: 'cert-manager.io/v1', plural: 'certificates', namespaced: true },
} as const satisfies Record<string, KindEntry>;

export type Kind = keyof typeof kinds;

/** What every object has; the rest is told by client-node's types (V1Pod, …), whose times are Dates here too. */
export interface KubeObject { apiVersion?: string; kind?: string; metadata?: V1ObjectMeta }

/** Client-node's own type calls a field `_from` that is `from` for the API server. */
export type NetworkPolicy = Omit<V1NetworkPolicy, 'spec'> & {
  spec?: Omit<V1NetworkPolicySpec, 'ingress'> & { ingress?: (Omit<V1NetworkPolicyIngressRule, '_from'> & { from?: V1NetworkPolicyIngressRule['_from'] })[] };
};

/** Client-node's own type calls a field `_default` that is `default` for the API server. */
export type LimitRange = Omit<V1LimitRange, 'spec'> & { spec?: { limits: (Omit<V1LimitRangeItem, '_default'> & { default?: Record<string, string> })[] } };

export function isKind(name: string): name is Kind { return Object.hasOwn(kinds, name); }

/** The path of a collection, or of one object in it. */
export function kindPath(kind: Kind, namespace: string | null, name?: string): string {
  const { apiVersion, plural, namespaced } = kinds[kind];
  if (name === '' || namespace === '') throw new Error(`A ${kind} needs a name that is not empty.`);
  if (!namespaced && namespace !== null) throw new Error(`A ${kind} is in no namespace.`);
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespace === null ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}
