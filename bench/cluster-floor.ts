import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Namespace } from '@kubernetes/client-node';
import { packForImage } from '../buildpacks/lifecycle/slug.ts';
import { slugDockerfile } from '../buildpacks/pod/image-context.ts';
import type { KubeApi } from '../cluster/kubernetes/api.ts';
import { readRegistry, repositoriesOf } from '../cluster/kubernetes/build-settings.ts';
import type { BuildSettings } from '../cluster/kubernetes/build-settings.ts';
import { createRegistryClient } from '../registry/client.ts';
import { deleteRepository } from '../registry/delete-repository.ts';
import { kubectl } from '../test/kit/cluster/kubectl.ts';
import { sampleApp } from '../test/kit/sample-app.ts';
import type { Slipway } from '../test/kit/slipway.ts';
import { makeTemp } from '../test/kit/temp.ts';
import type { Scope } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';
import { appManifests, kanikoManifests } from './floor-manifests.ts';
import { imagePull, lookUntil, observe, registryPush, seen, untilAnswers } from './measure-way.ts';
import type { Observation } from './measure-way.ts';
import { partsOf } from './push-parts.ts';
import type { PushParts } from './push-parts.ts';

export interface FloorSettings { build: BuildSettings; ingress: { className: string; domain: string } }

/** An app without a platform: a bare Kaniko pod builds it, `kubectl apply` deploys it. */
export interface BareDeploy {
  /** Builds and deploys a version; resolves when it has answered. */
  run(version: number): Promise<PushParts>;
}

/** In a namespace of its own, which goes with the scope, as its images do. */
export async function createBareDeploy(scope: Scope, api: KubeApi, slipway: Slipway, settings: FloorSettings): Promise<BareDeploy> {
  const id = randomUUID();
  const name = `bench-floor-${id.slice(0, 8)}`;
  await api.apply<V1Namespace>({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  scope.after(async () => {
    await api.remove('Namespace', null, name);
    await removeImages(settings.build, id);
  });
  await until(async () => (await api.get('ServiceAccount', name, 'default')) !== null, { within: 20_000, what: () => 'the default service account' });
  const dir = await makeTemp(scope, 'slip-bench-floor-');

  return {
    async run(version) {
      const bare = { name, namespace: name, id, version };
      const { dockerfile, tarball } = await imageContext(join(dir, String(version)), version, settings.build);
      const build = await writeManifests(join(dir, `build-${version}.json`), kanikoManifests(settings.build, bare, dockerfile, tarball));
      const deploy = await writeManifests(join(dir, `deploy-${version}.json`), appManifests(settings.build, bare, settings.ingress));
      const watched = await observe(api, { namespace: name, labels: 'app=kaniko' }, { namespace: name, labels: 'app=web' });
      try {
        const begun = performance.now();
        await kubectl('apply', '-f', build);
        await untilBuilt(watched);
        await kubectl('apply', '-f', deploy);
        const answered = await untilAnswers(slipway, name, version);
        return await readParts(api, watched, name, { begun, answered });
      } finally {
        watched.stop();
      }
    },
  };
}

/** The same files as the platform's image has, in the same tarball. */
async function imageContext(dir: string, version: number, { stackImage }: BuildSettings): Promise<{ dockerfile: string; tarball: Buffer }> {
  await mkdir(dir);
  for (const [name, content] of Object.entries(sampleApp(String(version), 'node'))) await writeFile(join(dir, name), content);
  const file = `${dir}.tar`;
  await packForImage(dir, file);
  return { dockerfile: slugDockerfile(stackImage, 'bench'), tarball: await readFile(file) };
}

async function writeManifests(file: string, items: object[]): Promise<string> {
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  return file;
}

async function untilBuilt({ builds }: Observation): Promise<void> {
  const end = await lookUntil('Kaniko has ended', () => builds[0]?.ended.get('kaniko') ?? null);
  if (end.exitCode !== 0) throw new Error(`The bare Kaniko pod ended with code ${end.exitCode}.`);
}

async function readParts(api: KubeApi, watched: Observation, namespace: string, { begun, answered }: { begun: number; answered: number }): Promise<PushParts> {
  const { builds: [build], replicas: [replica] } = watched;
  const preparing = seen(build?.begun.get('kaniko'), 'the start of Kaniko');
  const built = seen(build?.ended.get('kaniko')?.at, 'the end of Kaniko');
  return partsOf({
    begun, taken: begun, buildPod: seen(build?.created, 'the pod of Kaniko'), buildScheduled: seen(build?.scheduled, 'where Kaniko runs'), preparing, prepared: preparing, built, published: built,
    appPod: seen(replica?.created, 'the pod of the app'), appScheduled: seen(replica?.scheduled, 'where the app runs'), appStarted: seen(replica?.begun.get('app'), 'the start of the app'),
    // News of the pod may come behind the answer.
    appReady: replica?.ready ?? answered, answered,
  }, { registryPush: registryPush(watched), imagePull: await imagePull(api, namespace, replica?.name ?? '') });
}

async function removeImages(settings: BuildSettings, id: string): Promise<void> {
  const client = createRegistryClient({ host: readRegistry(settings.registry).host, insecure: settings.registryInsecure, login: null, signal: AbortSignal.timeout(60_000) });
  for (const repository of repositoriesOf(settings, id)) await deleteRepository(client, repository);
}
