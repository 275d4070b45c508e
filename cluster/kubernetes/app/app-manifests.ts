import type { V1Namespace, V1NetworkPolicyPeer, V1ResourceQuota, V1RoleBinding, V1Secret, V1ServiceAccount } from '@kubernetes/client-node';
import type { NetworkPolicy } from '../kinds.ts';
import { annotation, appLabels, appNamespace, configName, label } from './names.ts';
import type { AppSettings } from './settings.ts';

/** Where web processes listen. */
export const PORT = 8080;
export const ACCOUNT = 'app';
export const PULL_SECRET = 'registry';

const meta = (appId: string, name: string): { name: string; namespace: string; labels: Record<string, string> } => ({ name, namespace: appNamespace(appId), labels: appLabels(appId) });

export function namespaceManifest(appId: string, appName: string): V1Namespace {
  return {
    apiVersion: 'v1', kind: 'Namespace',
    metadata: { name: appNamespace(appId), labels: { ...appLabels(appId), [annotation.appName]: appName, 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
}

/** The controller's rights in the app's namespace: before this is there it may do nothing in it. */
export function roleBindingManifest(appId: string, { platformNamespace }: Pick<AppSettings, 'platformNamespace'>): V1RoleBinding {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: meta(appId, 'slipway-controller'),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'slipway-app-manager' },
    subjects: [{ kind: 'ServiceAccount', name: 'controller', namespace: platformNamespace }],
  };
}

/** Without rights, and its token is given to no pod. */
export function accountManifest(appId: string): V1ServiceAccount {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta(appId, ACCOUNT), automountServiceAccountToken: false };
}

/** What no app needs and what would cost the operator. */
export function quotaManifest(appId: string): V1ResourceQuota {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: meta(appId, 'app'), spec: { hard: { 'services.loadbalancers': '0', 'services.nodeports': '0', persistentvolumeclaims: '0' } } };
}

/** Nothing goes in or out but: requests from the Ingress controller, the app's own replicas among each other, names, the internet. */
export function networkPolicyManifest(appId: string, { ingressNamespace, privateCidrs }: Pick<AppSettings, 'ingressNamespace' | 'privateCidrs'>): NetworkPolicy {
  const namespace = (name: string): { namespaceSelector: { matchLabels: Record<string, string> } } => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });
  const dns = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }));
  return {
    apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: meta(appId, 'app'),
    spec: {
      podSelector: {}, policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [namespace(ingressNamespace)], ports: [{ protocol: 'TCP', port: PORT }] }, { from: [{ podSelector: {} }] }],
      egress: [{ to: [namespace('kube-system')], ports: dns }, { to: internet(privateCidrs) }, { to: [{ podSelector: {} }] }],
    },
  };
}

/** All addresses but the private ones. A range may only be excepted from one of its own family; without a range of IPv6 nothing says what is private there, and nothing of it is reached. */
function internet(privateCidrs: readonly string[]): V1NetworkPolicyPeer[] {
  const isIpv6 = (cidr: string): boolean => cidr.includes(':');
  const [v4, v6] = [privateCidrs.filter((cidr) => !isIpv6(cidr)), privateCidrs.filter(isIpv6)];
  return [{ ipBlock: { cidr: '0.0.0.0/0', ...(v4.length > 0 ? { except: v4 } : {}) } }, ...(v6.length > 0 ? [{ ipBlock: { cidr: '::/0', except: v6 } }] : [])];
}

/** The environment of releases with this config. Never changed: another config is another Secret. @param entries values in base64 */
export function configManifest(appId: string, fingerprint: string, entries: readonly { key: string; value: string }[]): V1Secret {
  const { name, namespace, labels } = meta(appId, configName(fingerprint));
  return {
    apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels: { ...labels, [label.config]: 'true' } }, immutable: true, type: 'Opaque',
    data: Object.fromEntries(entries.map(({ key, value }) => [key, value])),
  };
}

/** What nodes pull the app's images with. @param login a dockerconfigjson */
export function pullSecretManifest(appId: string, login: string): V1Secret {
  return { apiVersion: 'v1', kind: 'Secret', metadata: meta(appId, PULL_SECRET), type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': Buffer.from(login).toString('base64') } };
}
