import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { createApiClient } from '../api-client.ts';
import { fetchAnswer } from '../http-answer.ts';
import type { Slipway } from '../slipway.ts';
import type { Scope } from '../temp.ts';
import { until } from '../wait.ts';
import { API_HOST, APPS_DOMAIN, clusterEnvironment, GIT_HOST } from './install.ts';
import { kubectl, kubectlJson } from './kubectl.ts';
import { takeTurn } from './turn.ts';

/** Where the pods of each part are. */
const namespaceOf = (process: string): string => (process === 'log-agent' ? 'slipway-logs' : 'slipway');
/** The parts as the kit names them, and as their pods are labelled. */
const labelOf = (process: string): string => `app.kubernetes.io/name=${process === 'build' ? 'builder' : process}`;

interface PodList { items: { metadata: { name: string; uid: string; deletionTimestamp?: string }; status: { conditions?: { type: string; status: string }[] } }[] }

/** The platform that the run installed, as the flow tests see one: all of them share it, and each has apps of its own. */
export async function clusterSlipway(t: Scope): Promise<Slipway> {
  const { ingress } = clusterEnvironment();
  await takeTurn(t);
  const secret = await kubectlJson<{ data: Record<string, string> }>('get', 'secret', 'first-user', '-n', 'slipway');
  const apiKey = Buffer.from(secret.data.apiKey ?? '', 'base64').toString();
  const get: Slipway['get'] = (path, { app, headers = {}, method = 'GET', body } = {}) =>
    fetchAnswer({ host: ingress, port: 80, path, method, headers: { host: app ? `${app}.${APPS_DOMAIN}` : API_HOST, ...headers } }, body);
  const { close, ...api } = createApiClient({ apiKey, get, open: () => createClient({ url: `ws://${ingress}/graphql`, webSocketImpl: ThroughIngress, connectionParams: { apiKey }, retryAttempts: 0 }) });
  t.after(close);
  const unsupported = (): never => { throw new Error('This is about the supervisor of one machine: such a test belongs in test/standalone/.'); };

  return {
    place: 'kubernetes', home: '', port: 80, apiKey, url: `http://${API_HOST}`,
    remote: { url: (app, key) => `http://x:${key}@${GIT_HOST}/${app}.git`, config: ['-c', `http.curloptResolve=${GIT_HOST}:80:${ingress}`] },
    output: () => '',
    get,
    ...api,
    pid: unsupported,
    kill: killPods,
    loseMessages, leftovers, mails, encryptionKey,
    start: unsupported, stop: unsupported, killSupervisor: unsupported,
  };
}

/**
 * Ends all pods of a part as hard as may be; resolves when they are gone, as others of that part may not be there yet. Not by force: then Kubernetes starts
 * the next one while the last one still runs, and both have the volume.
 */
export async function killPods(process: string): Promise<void> {
  const list = (): Promise<PodList> => kubectlJson<PodList>('get', 'pods', '-n', namespaceOf(process), '-l', labelOf(process));
  const before = new Set((await list()).items.map(({ metadata }) => metadata.uid));
  await kubectl('delete', 'pods', '-n', namespaceOf(process), '-l', labelOf(process), '--grace-period=1', '--wait=false');
  await until(async () => (await list()).items.every(({ metadata }) => !before.has(metadata.uid)), { within: 60_000, what: () => `the pods of ${process} are gone` });
}

/** The volume of NATS goes, and an empty one comes. */
async function loseMessages(): Promise<void> {
  await kubectl('scale', 'statefulset/nats', '-n', 'slipway', '--replicas=0');
  await kubectl('delete', 'persistentvolumeclaim/data-nats-0', '-n', 'slipway', '--timeout=60s');
  await kubectl('scale', 'statefulset/nats', '-n', 'slipway', '--replicas=1');
}

/** Each gateway writes those that it sends. */
async function mails(): Promise<string[]> {
  const { items } = await kubectlJson<PodList>('get', 'pods', '-n', 'slipway', '-l', labelOf('gateway'), '--field-selector=status.phase=Running');
  // Between two mails, so that they can be told apart again.
  const printed = await Promise.all(items.map(({ metadata }) => kubectl('exec', '-n', 'slipway', metadata.name, '--', 'find', '/tmp/mail', '-name', '*.eml', '-printf', '%f\\0', '-exec', 'cat', '{}', ';', '-printf', '\\0').catch(() => '')));
  return printed.flatMap((text) => { const parts = text.split('\0'); return parts.slice(0, -1).flatMap((name, at) => (at % 2 === 0 ? [{ name, mail: parts[at + 1] ?? '' }] : [])); })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ mail }) => mail);
}

const encryptionKey: Slipway['encryptionKey'] = async (...args) => {
  try {
    return { code: 0, out: await kubectl('exec', '-n', 'slipway', 'deployment/installer', '--', 'node', 'installer/encryption-key.ts', ...args), err: '' };
  } catch (error) {
    return { code: 1, out: '', err: String(error) };
  }
};

interface Objects { items: { kind: string; metadata: { name: string; uid: string; namespace: string; labels: Record<string, string> } }[] }

/** Pods and Jobs in the app's namespace, and of its builds. */
async function leftovers(app: string, replicas: readonly string[]): Promise<string[]> {
  const { items: [namespace] } = await kubectlJson<Objects>('get', 'namespaces', '-l', `slipway.dev/app-name=${app}`);
  if (!namespace) return [];
  const [own, builds] = await Promise.all([
    kubectlJson<Objects>('get', 'pods,jobs', '-n', namespace.metadata.name),
    kubectlJson<Objects>('get', 'pods,jobs', '-n', 'slipway-builds', '-l', `slipway.dev/app=${namespace.metadata.labels['slipway.dev/app']}`),
  ]);
  return [...own.items, ...builds.items].filter(({ metadata }) => !replicas.includes(metadata.uid)).map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
}

/** What all pods of a part have printed. */
export const logsOf = (process: string): Promise<string> => kubectl('logs', '-n', namespaceOf(process), '-l', labelOf(process), '--tail=-1', '--prefix');

/** A WebSocket to the Ingress controller that asks for the API's host. */
class ThroughIngress extends WebSocket {
  constructor(url: string, protocols?: string | string[]) { super(url, protocols, { headers: { host: API_HOST } }); }
}
