import type { V1Secret } from '@kubernetes/client-node';
import type { KubeApi } from '../cluster/kubernetes/api.ts';
import type { Logger } from '../service/log.ts';
import { makeCertificate } from './certificate.ts';
import { busSecret, completeSecrets, secretNames } from './secrets.ts';
import type { SecretContent, Secrets } from './secrets.ts';
import type { InstallerSettings } from './settings.ts';

const NATS_NAMES = ['nats.slipway.svc', 'nats', 'nats.slipway', 'nats.slipway.svc.cluster.local'];

/** Makes and completes all Secrets of an installation. `change`: what is to be otherwise than it is there; what follows from it follows. */
export async function keepSecrets(api: KubeApi, settings: InstallerSettings, log: Logger, change: (there: Secrets) => Secrets = (there) => there): Promise<void> {
  const namespaceOf = (name: string): string => (name === busSecret('log-agent') ? settings.SLIPWAY_LOGS_NAMESPACE : settings.SLIPWAY_NAMESPACE);
  const there: Secrets = {};
  for (const name of secretNames) {
    const secret = await api.get<V1Secret>('Secret', namespaceOf(name), name);
    if (secret) there[name] = decode(secret);
  }
  const wanted = await completeSecrets(change(there), () => makeCertificate(NATS_NAMES));
  for (const [name, content] of Object.entries(wanted)) {
    if (JSON.stringify(sorted(there[name] ?? {})) === JSON.stringify(sorted(content))) continue;
    await api.apply(secretObject(namespaceOf(name), name, content));
    log.info({ name }, there[name] ? 'completed a secret' : 'made a secret');
  }
}

const sorted = (content: SecretContent): [string, string][] => Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1));

const decode = ({ data = {} }: V1Secret): SecretContent => Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

export const secretObject = (namespace: string, name: string, content: SecretContent): V1Secret & { apiVersion: string; kind: string } => ({
  apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'slipway' } }, type: 'Opaque',
  data: Object.fromEntries(Object.entries(content).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
});
