import type { V1Ingress, V1Service } from '@kubernetes/client-node';
import { PORT } from './app-manifests.ts';
import { appLabels, appNamespace, label } from './names.ts';
import type { AppSettings } from './settings.ts';

const WEB = 'web';

/** The web replicas that are ready. */
export function serviceManifest(appId: string): V1Service {
  return {
    apiVersion: 'v1', kind: 'Service', metadata: { name: WEB, namespace: appNamespace(appId), labels: appLabels(appId) },
    spec: { type: 'ClusterIP', selector: { [label.app]: appId, [label.process]: WEB }, ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: PORT }] },
  };
}

/** `<app>.<apps domain>` to the web replicas, also by names that the app had before. */
export function ingressManifest(appId: string, names: readonly string[], { ingressClass, appsDomain }: Pick<AppSettings, 'ingressClass' | 'appsDomain'>): V1Ingress {
  return {
    apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: WEB, namespace: appNamespace(appId), labels: appLabels(appId) },
    spec: {
      ingressClassName: ingressClass,
      rules: names.map((name) => ({ host: `${name}.${appsDomain}`, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: WEB, port: { number: 80 } } } }] } })),
    },
  };
}
