import { randomUUID } from 'node:crypto';
import type { V1Pod } from '@kubernetes/client-node';
import { replicaContext } from '../../bus/app.ts';
import { answer } from '../../bus/ask.ts';
import type { ClusterCommand, CommandResult, DeployCluster, ObservedReplica, Rollout, WantedApp, WantedProcess, WantedRelease } from '../../cluster/deploy.ts';
import { connectKube } from '../../cluster/kubernetes/api.ts';
import type { KubeApi } from '../../cluster/kubernetes/api.ts';
import { createKubernetesDeploy } from '../../cluster/kubernetes/deploy.ts';
import type { AppSettings, PlanSettings } from '../../cluster/kubernetes/app/settings.ts';
import { createLog } from '../../service/log.ts';
import { takeTurn } from './cluster/turn.ts';
import { startNats } from './nats.ts';
import type { Scope } from './temp.ts';
import { until } from './wait.ts';

export const testSettings: AppSettings & PlanSettings = {
  platformNamespace: 'slipway', ingressClass: 'traefik', ingressNamespace: 'traefik', appsDomain: 'apps.test', pullSecret: false,
  privateCidrs: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', '198.18.0.0/15'],
  drainSeconds: 5, bootSeconds: 6, waitSeconds: 4, routeMs: 3_000,
};

export interface ClusterApp {
  id: string;
  name: string;
  namespace: string;
  /** What is wanted from now on. */
  want(release: WantedRelease | null, processes: WantedProcess[]): void;
  answer(): { rollout: Rollout; replicas: ObservedReplica[] } | null;
  complete(within?: number): Promise<ObservedReplica[]>;
  failed(within?: number): Promise<Extract<Rollout, { status: 'failed' }>>;
  command(command: Omit<ClusterCommand, 'appId' | 'appName'>, within?: number): Promise<Extract<CommandResult, { status: 'ended' }>>;
  pods(): Promise<V1Pod[]>;
  /** The app through the Ingress controller. */
  fetch(path?: string): Promise<{ status: number; text: string }>;
  /** How often it was reconciled. */
  reconciled(): number;
}

export interface AppCluster {
  api: KubeApi;
  /** Writes that were sent to the API server. */
  writes: string[];
  cluster: DeployCluster;
  /** What `replicaContext` answers of a release. */
  configs: Map<string, Record<string, string>>;
  newApp(): ClusterApp;
}

/** Apps on the test cluster through the product's own DeployCluster; rows are the test's. */
export async function startAppCluster(scope: Scope, overrides: Partial<AppSettings & PlanSettings> = {}): Promise<AppCluster> {
  await takeTurn(scope);
  const nats = await startNats(scope);
  const [gateway, controller] = await Promise.all([nats.bus('gateway'), nats.bus('controller')]);
  const configs = new Map<string, Record<string, string>>();
  const fail = (error: unknown): void => { throw error; };
  answer(gateway, replicaContext, async ({ releaseId }) => ({
    config: Object.entries(configs.get(releaseId) ?? {}).map(([key, value]) => ({ key, value: Buffer.from(value).toString('base64') })), slugUrl: 'http://127.0.0.1/none', slugDigest: 'ab',
  }), fail);
  await gateway.nc.flush();
  const kube = connectKube({ kubeconfig: process.env.KUBECONFIG ?? null });
  const writes: string[] = [];
  const api = recordWrites(kube, writes);
  const cluster = createKubernetesDeploy({ api, bus: controller, settings: { ...testSettings, ...overrides }, readLogin: async () => null, removeImages: async () => undefined, log: createLog('controller'), onError: fail });
  const apps = new Map<string, { look(): void; app: ClusterApp }>();
  cluster.watch((appId) => { for (const [id, { look }] of apps) if (appId === null || appId === id) look(); });
  scope.after(async () => {
    for (const { app } of apps.values()) app.want(null, []);
    try {
      await Promise.all([...apps.values()].map(({ app }) => until(() => cluster.remove(app.id), { within: 180_000, what: () => `${app.namespace} is gone` })));
    } finally {
      cluster.close();
      kube.close();
    }
  });
  const newApp = (): ClusterApp => {
    const { look, app } = openApp(cluster, api);
    apps.set(app.id, { look, app });
    return app;
  };
  return { api, writes, cluster, configs, newApp };
}

function openApp(cluster: DeployCluster, api: KubeApi): { look(): void; app: ClusterApp } {
  const id = randomUUID();
  const name = `app-${id.slice(0, 8)}`;
  const namespace = `slipway-app-${id}`;
  let wanted: WantedApp | null = null;
  let answered: { rollout: Rollout; replicas: ObservedReplica[] } | null = null;
  let problem: unknown = null;
  let count = 0;
  let running = false;
  let again = false;
  const look = (): void => {
    again = true;
    if (running || !wanted) return;
    running = true;
    void (async () => {
      while (again && wanted) {
        again = false;
        const asked: WantedApp = wanted;
        try {
          const got = await cluster.reconcile(asked);
          count++;
          if (asked === wanted) answered = got;
          problem = null;
        } catch (error) {
          problem = error;
          await new Promise((resolve) => { setTimeout(resolve, 250); });
          again = true;
        }
      }
      running = false;
    })();
  };
  const story = (): string => `${JSON.stringify(answered)} ${problem instanceof Error ? problem.stack : ''}`;
  const untilRollout = async (status: Rollout['status'], within: number): Promise<Rollout> => {
    await until(() => answered?.rollout.status === status || (status === 'complete' && answered?.rollout.status === 'failed'), { within, what: () => `${name} is ${status}; it is ${story()}` });
    if (answered?.rollout.status !== status) throw new Error(`${name} failed: ${story()}`);
    return answered.rollout;
  };
  const app: ClusterApp = {
    id, name, namespace, answer: () => answered, reconciled: () => count,
    want: (release, processes) => { wanted = { appId: id, name, formerNames: [], release, processes }; answered = null; look(); },
    complete: async (within = 180_000) => { await untilRollout('complete', within); return answered?.replicas.filter(({ status }) => status === 'UP') ?? []; },
    failed: async (within = 180_000) => await untilRollout('failed', within) as Extract<Rollout, { status: 'failed' }>,
    command: async (command, within = 180_000) => {
      let result: CommandResult = { status: 'running' };
      await until(async () => { result = await cluster.runCommand({ ...command, appId: id, appName: name }); return result.status === 'ended'; }, { within, what: () => JSON.stringify(result) });
      return result as unknown as Extract<CommandResult, { status: 'ended' }>;
    },
    pods: async () => (await api.list<V1Pod>('Pod', namespace)).filter(({ metadata }) => metadata?.deletionTimestamp === undefined),
    fetch: async (path = '/') => request(name, path),
  };
  return { look, app };
}

/** Every call that writes, as `<verb> <kind>/<name>`. */
function recordWrites(api: KubeApi, writes: string[]): KubeApi {
  return {
    ...api,
    apply: (object) => { writes.push(`apply ${object.kind}/${object.metadata?.name} in ${object.metadata?.namespace}`); return api.apply(object); },
    patch: (kind, namespace, name, patch) => { writes.push(`patch ${kind}/${name} in ${namespace}`); return api.patch(kind, namespace, name, patch); },
    remove: (kind, namespace, name, options) => { writes.push(`remove ${kind}/${name} in ${namespace}`); return api.remove(kind, namespace, name, options); },
  };
}

async function request(name: string, path: string): Promise<{ status: number; text: string }> {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    get({ host: process.env.INGRESS, port: 80, path, agent: false, headers: { host: `${name}.${testSettings.appsDomain}` }, timeout: 10_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).on('end', () => { resolve({ status: response.statusCode ?? 0, text }); }).on('error', reject);
    }).on('error', reject).on('timeout', function onTimeout(this: { destroy(error: Error): void }) { this.destroy(new Error('no answer within 10 s')); });
  });
}

/** The digest under which the cluster's registry has an image. */
export async function imageByDigest(repository: string, tag: string): Promise<string> {
  const response = await fetch(`http://${process.env.REGISTRY}/v2/${repository}/manifests/${tag}`, { method: 'HEAD', headers: { accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json' } });
  const digest = response.headers.get('docker-content-digest');
  if (!digest) throw new Error(`the registry has no ${repository}:${tag}: ${response.status}`);
  return `docker.io/${repository}@${digest}`;
}
