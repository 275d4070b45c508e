import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectl, kubectlJson } from './kubectl.ts';

export const API_HOST = 'api.slipway.test';
export const GIT_HOST = 'git.slipway.test';
export const APPS_DOMAIN = 'apps.slipway.test';

/** The one that test clusters have. */
const KANIKO_IMAGE = 'gcr.io/kaniko-project/executor:v1.24.0';

const root = new URL('../../..', import.meta.url).pathname;
/** The manifests of the tests, as `kubectl apply -k` takes them. */
export const OVERLAY = join(root, 'k8s/overlays/test');
/** Ours, as the manifests name them. */
export const PLATFORM_NAMESPACES = ['slipway', 'slipway-builds', 'slipway-logs'];

/** The environment of `cluster/run`, or of a developer's own cluster. */
export function clusterEnvironment(): { registry: string; ingress: string } {
  const { KUBECONFIG, REGISTRY, INGRESS } = process.env;
  if (!KUBECONFIG || !REGISTRY || !INGRESS) throw new Error('The cluster tests need KUBECONFIG, REGISTRY (host:port) and INGRESS (the address of the Ingress controller).');
  return { registry: REGISTRY, ingress: INGRESS };
}

/** Builds the images that are not there yet; answers their references by name. Test apps need a Node that is not theirs to bring: the stack image has one. */
async function buildImages(registry: string): Promise<Record<string, string>> {
  const printed = await new Promise<string>((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'k8s/build-images.mjs'), `${registry}/slipway`, '--insecure', '--mirror', registry, '--with', 'kaniko', '--stack-base', 'node:24', '--kaniko-image', KANIKO_IMAGE], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    child.once('error', reject);
    child.once('close', (code) => { if (code === 0) resolve(output); else reject(new Error(`k8s/build-images.mjs ended with code ${code}`)); });
  });
  return Object.fromEntries(printed.trim().split('\n').map((line) => line.split(' ') as [string, string]));
}

/** Writes the settings that the overlay of the tests lacks; `more` wins. */
export async function writeSettings(more: Record<string, string> = {}): Promise<void> {
  const { registry } = clusterEnvironment();
  const images = await buildImages(registry);
  const settings: Record<string, string> = {
    SLIPWAY_URL: `http://${API_HOST}`, SLIPWAY_GIT_URL: `http://${GIT_HOST}`, SLIPWAY_APPS_DOMAIN: APPS_DOMAIN, SLIPWAY_EMAIL: 'admin@slipway.test',
    SLIPWAY_REGISTRY: `${registry}/slipway`, SLIPWAY_REGISTRY_INSECURE: 'true', SLIPWAY_REGISTRY_MIRRORS: registry,
    SLIPWAY_INGRESS_CLASS: 'traefik', SLIPWAY_INGRESS_NAMESPACE: 'traefik', SLIPWAY_PRIVATE_CIDRS: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,198.18.0.0/15',
    SLIPWAY_KANIKO_IMAGE: KANIKO_IMAGE, SLIPWAY_BUILDER_IMAGE: images.platform ?? '', SLIPWAY_STACK_IMAGE: images.stack ?? '',
    // A version that never binds its port is told soon.
    SLIPWAY_BOOT_SECONDS: '20', SLIPWAY_DRAIN_SECONDS: '5', SLIPWAY_ROUTE_MS: '3000', SLIPWAY_LOG_LEVEL: 'debug', ...more,
  };
  writeFileSync(join(OVERLAY, 'settings/settings.env'), Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join(''));
}

/** Another name for the image that is installed, as the next version has one. */
export async function tagAgain(name: 'platform' | 'stack'): Promise<string> {
  const { registry } = clusterEnvironment();
  const image = (await buildImages(registry))[name] ?? '';
  const [, repository, tag] = /^[^/]+\/(.+):([^:]+)$/.exec(image) ?? [];
  const manifests = `http://${registry}/v2/${repository}/manifests`;
  const manifest = await fetch(`${manifests}/${tag}`, { headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json' } });
  const again = await fetch(`${manifests}/${tag}-again`, { method: 'PUT', headers: { 'content-type': manifest.headers.get('content-type') ?? '' }, body: await manifest.text() });
  if (!again.ok) throw new Error(`The registry answered ${again.status} to the tag ${tag}-again.`);
  return `${image}-again`;
}

/** Installs the platform, or brings what is installed to this version; resolves when all of it is ready. */
export async function installPlatform(more: Record<string, string> = {}): Promise<void> {
  await writeSettings(more);
  await kubectl('apply', '-k', OVERLAY);
  await untilRolledOut();
}

/** Waits until every part runs as it was applied. */
export async function untilRolledOut(): Promise<void> {
  for (const namespace of PLATFORM_NAMESPACES) {
    const { items } = await kubectlJson<{ items: { kind: string; metadata: { name: string } }[] }>('get', 'deployments,statefulsets,daemonsets', '-n', namespace);
    for (const { kind, metadata } of items) await kubectl('rollout', 'status', '-n', namespace, `${kind}/${metadata.name}`, '--timeout=240s');
  }
}

/** Removes the platform and every app of it. */
export async function removePlatform(): Promise<void> {
  const { items } = await kubectlJson<{ items: { metadata: { name: string } }[] }>('get', 'namespaces', '-l', 'app.kubernetes.io/managed-by=slipway');
  const apps = items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('slipway-app-'));
  // A pod whose NATS has gone before it takes its whole grace to end, and a namespace looks again only then. The platform first: its controller would make again what is gone.
  for (const namespaces of [PLATFORM_NAMESPACES, apps]) await Promise.all(namespaces.map(endPods));
  await Promise.all([
    kubectl('delete', '-k', OVERLAY, '--ignore-not-found', '--wait=true', '--timeout=240s'),
    ...(apps.length > 0 ? [kubectl('delete', 'namespace', ...apps, '--ignore-not-found', '--timeout=120s')] : []),
  ]);
}

async function endPods(namespace: string): Promise<void> {
  await kubectl('delete', 'deployments,statefulsets,daemonsets,jobs', '--all', '-n', namespace, '--wait=false');
  await kubectl('delete', 'pods', '--all', '-n', namespace, '--grace-period=1', '--timeout=120s');
}
