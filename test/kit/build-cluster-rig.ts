import { execFile } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer, request as requestHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { V1Namespace, V1Pod, V1Secret } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { createDirectoryStore } from '../../blobs/directory.ts';
import { createBlobHandler } from '../../blobs/http.ts';
import type { BlobStore } from '../../blobs/store.ts';
import type { BuildContext, BuildOutcome, BuildStep } from '../../bus/build.ts';
import type { BuildCluster } from '../../cluster/build.ts';
import { connectKube } from '../../cluster/kubernetes/api.ts';
import type { NetworkPolicy } from '../../cluster/kubernetes/kinds.ts';
import type { KubeApi } from '../../cluster/kubernetes/api.ts';
import { createKubernetesBuild } from '../../cluster/kubernetes/build.ts';
import type { BuildSettings } from '../../cluster/kubernetes/build-settings.ts';
import { buildEnvironment } from '../../buildpacks/build-environment.ts';
import { makeTarball } from './build-rig.ts';
import type { SourceFiles } from './build-rig.ts';
import { takeTurn } from './cluster/turn.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';
import { until } from './wait.ts';

const root = join(import.meta.dirname, '../..');

/** What the registry in front of the real one does: passes on, asks for this login, has no room, or is not there. */
export type RegistryMode = { kind: 'open' } | { kind: 'login'; username: string; password: string } | { kind: 'full' };

export interface ClusterBuild { context: BuildContext; outcome: BuildOutcome; steps: BuildStep[]; lines: Record<'prepare' | 'kaniko' | 'publish', string[]> }

export interface BuildClusterRig {
  api: KubeApi; namespace: string; settings: BuildSettings; blobs: BlobStore; appId: string;
  registry: { host: string; mode: RegistryMode; seen: string[]; stop(): Promise<void>; start(): Promise<void> };
  /** A builder of its own; ends with the signal. */
  builder(signal: AbortSignal, more?: Partial<BuildSettings>): BuildCluster;
  context(files: SourceFiles, more?: Partial<BuildContext>): Promise<BuildContext>;
  /** A whole build, with what its parts printed; its Job is left until `forget`. */
  build(files: SourceFiles, more?: Partial<BuildContext>, settings?: Partial<BuildSettings>): Promise<ClusterBuild>;
  pod(buildId: string): Promise<V1Pod | null>;
  /** The same image, where the nodes pull it from. */
  pullable(image: string): string;
}

const limits = { seconds: 300, memoryBytes: 2 ** 30, diskBytes: 2 ** 31, outputBytes: 2 ** 24, slugBytes: 2 ** 30 };

/** Builds in the cluster of KUBECONFIG, in a namespace of their own, with blobs and a registry of this process that pods can reach. */
export async function startBuildClusterRig(scope: Scope): Promise<BuildClusterRig> {
  await takeTurn(scope);
  const real = needed('REGISTRY');
  const address = (real.split(':')[0] ?? '');
  const api = connectKube({ kubeconfig: needed('KUBECONFIG') });
  scope.after(async () => { api.close(); });
  const namespace = `kbuild-${randomBytes(4).toString('hex')}`;
  await api.apply<V1Namespace>({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } });
  scope.after(async () => { await api.remove('Namespace', null, namespace); });
  await until(async () => (await api.get('ServiceAccount', namespace, 'default')) !== null, { within: 20_000, what: () => 'the default service account' });

  const blobs = await serveBlobs(scope, address);
  const registry = await frontRegistry(scope, address, real);
  await applyPolicies(api, namespace, address, [real, registry.host, blobs.host]);
  const { platform, stack } = await buildImages(real);
  const settings: BuildSettings = {
    namespace, registry: `${registry.host}/${namespace}`, registryInsecure: true, registrySecret: null, registryMirrors: [real], kanikoImage: process.env.SLIPWAY_KANIKO_IMAGE ?? 'gcr.io/kaniko-project/executor:v1.24.0',
    stackImage: stack.replace(real, registry.host), builderImage: platform, runtimeClass: null, userNamespaces: false, environment: await networkEnvironment(),
  };
  const appId = randomUUID();
  const contextOf = async (files: SourceFiles, more: Partial<BuildContext> = {}): Promise<BuildContext> => {
    const { digest } = await blobs.put('sources', Readable.from([await makeTarball(files)]), 2 ** 30);
    return {
      buildId: randomUUID(), appId, appName: 'blog', number: 1, commit: 'c0ffee00'.repeat(5), clean: false, sourceDigest: digest, sourceUrl: blobs.signGet('sources', digest, 900), slugPutUrl: blobs.signPut('slugs', limits.slugBytes, 900),
      cacheUrl: null, cachePutUrl: blobs.signPut('caches', 2 ** 30, 900), config: [], limits, ...more,
    };
  };
  const rig: BuildClusterRig = {
    api, namespace, settings, blobs, appId, registry,
    builder: (signal, more = {}) => createKubernetesBuild({ api, settings: { ...settings, ...more }, signal, onError: (error, subject) => { process.stderr.write(`${subject}: ${String(error)}\n`); } }),
    context: contextOf,
    build: async (files, more, changed) => {
      const context = await contextOf(files, more);
      const life = new AbortController();
      try {
        const cluster = rig.builder(life.signal, changed);
        await cluster.start(context);
        let steps: BuildStep[] = [];
        const outcome = await cluster.follow(context.buildId, (progress) => { ({ steps } = progress); }, life.signal);
        if (!outcome) throw new Error('the build was lost');
        const pod = await rig.pod(context.buildId);
        const linesOf = (part: string): Promise<string[]> => pod ? api.podLog(namespace, pod.metadata?.name ?? '', part, { tailLines: 1000 }).catch(() => []) : Promise.resolve([]);
        return { context, outcome, steps: [...steps], lines: { prepare: await linesOf('prepare'), kaniko: await linesOf('kaniko'), publish: await linesOf('publish') } };
      } finally {
        life.abort();
      }
    },
    pod: async (buildId) => (await api.list<V1Pod>('Pod', namespace, { labels: `slipway.dev/build=${buildId}` })).at(-1) ?? null,
    pullable: (image) => image.replace(registry.host, real),
  };
  return rig;
}

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this in the test cluster (cluster/run).`);
  return value;
}

/** What programs of a build need of this machine's network. Paths of this machine mean nothing in a pod. */
async function networkEnvironment(): Promise<Record<string, string>> {
  return Object.fromEntries(Object.entries(await buildEnvironment()).filter(([, value]) => !value.startsWith('/')));
}

async function listen(scope: Scope, server: ReturnType<typeof createServer>, address: string, port = 0): Promise<string> {
  await new Promise<void>((resolve) => { server.listen(port, address, resolve); });
  scope.after(() => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }));
  return `${address}:${(server.address() as AddressInfo).port}`;
}

/** The policies that the platform installs for builds, and what of this machine they need here. */
async function applyPolicies(api: KubeApi, namespace: string, address: string, hosts: string[]): Promise<void> {
  for (const document of parseAllDocuments(await readFile(join(root, 'k8s/base/builds.yaml'), 'utf8'))) {
    const policy = document.toJS() as NetworkPolicy;
    await api.apply<NetworkPolicy>(Object.assign(policy, { metadata: { name: policy.metadata?.name, namespace } }));
  }
  const ports = hosts.map((host) => ({ port: Number(host.split(':')[1]) }));
  await api.apply<NetworkPolicy>({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'registry', namespace }, spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: { cidr: `${address}/32` } }], ports }] } });
}

async function serveBlobs(scope: Scope, address: string): Promise<BlobStore & { host: string }> {
  const key = randomBytes(32);
  const store = createDirectoryStore({ dir: await makeTemp(scope, 'slip-blobs-'), key });
  const handle = createBlobHandler({ store, key, onError: (error) => { process.stderr.write(`${String(error)}\n`); } });
  const host = await listen(scope, createServer((request, response) => { void handle(request, response); }), address);
  const origin = `http://${host}`;
  return { ...store, host, signGet: (...args) => origin + store.signGet(...args), signPut: (...args) => origin + store.signPut(...args) };
}

async function frontRegistry(scope: Scope, address: string, real: string): Promise<BuildClusterRig['registry']> {
  const state: { mode: RegistryMode; seen: string[] } = { mode: { kind: 'open' }, seen: [] };
  const answer = (request: Parameters<Parameters<typeof createServer>[1] & object>[0], response: Parameters<Parameters<typeof createServer>[1] & object>[1]): void => {
    const { mode } = state;
    state.seen.push(`${request.method} ${request.url}`);
    if (mode.kind === 'login' && request.headers.authorization !== `Basic ${Buffer.from(`${mode.username}:${mode.password}`).toString('base64')}`) {
      request.resume();
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
      return;
    }
    if (mode.kind === 'full' && request.method === 'PATCH') {
      request.resume();
      response.writeHead(500).end('{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{"DriverName":"filesystem","Enclosed":{"Op":"write","Path":"/x","Err":28}}}]}');
      return;
    }
    const { authorization: _, ...headers } = request.headers;
    const passed = requestHttp(`http://${real}${request.url ?? ''}`, { method: request.method, headers }, (got) => { response.writeHead(got.statusCode ?? 502, got.headers); got.pipe(response); });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  };
  let server = createServer(answer);
  const host = await listen(scope, server, address);
  return {
    host, get mode() { return state.mode; }, set mode(mode) { state.mode = mode; }, seen: state.seen,
    stop: () => new Promise<void>((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }),
    start: async () => { server = createServer(answer); await listen(scope, server, address, Number(host.split(':')[1])); },
  };
}

/** The platform's image with the code of this tree, and the stack image; built where they are not in the registry yet. */
async function buildImages(registry: string): Promise<{ platform: string; stack: string }> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'k8s/build-images.mjs'), `${registry}/slipway`, '--insecure', '--with', 'kaniko', '--mirror', registry], { cwd: root, maxBuffer: 2 ** 26 });
  const images = Object.fromEntries([...stdout.matchAll(/^(\S+) (\S+)$/gm)].map(([, name = '', reference = '']) => [name, reference]));
  return { platform: images.platform ?? '', stack: images.stack ?? '' };
}

/** A Secret as kubelet and builds read a registry's login. */
export const loginSecret = (namespace: string, name: string, registry: string, username: string, password: string): V1Secret => ({
  apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'kubernetes.io/dockerconfigjson',
  stringData: { '.dockerconfigjson': JSON.stringify({ auths: { [registry]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } }) },
});

export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
