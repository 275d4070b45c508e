import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { connectKube } from '../cluster/kubernetes/api.ts';
import type { KubeApi } from '../cluster/kubernetes/api.ts';
import { appNamespace } from '../cluster/kubernetes/app/names.ts';
import { buildSettingsOf } from '../cluster/kubernetes/open-build.ts';
import { kubernetesEnv } from '../cluster/kubernetes/settings.ts';
import { readEnv } from '../service/env.ts';
import { createApp } from '../test/kit/app.ts';
import type { TestApp } from '../test/kit/app.ts';
import type { RunningPush } from '../test/kit/repository.ts';
import { sampleApp } from '../test/kit/sample-app.ts';
import { startSlipway } from '../test/kit/slipway.ts';
import type { Slipway } from '../test/kit/slipway.ts';
import { makeTemp } from '../test/kit/temp.ts';
import type { Scope } from '../test/kit/temp.ts';
import { createBareDeploy } from './cluster-floor.ts';
import type { BareDeploy } from './cluster-floor.ts';
import { imagePull, lookUntil, observe, registryPush, seen, untilAnswers } from './measure-way.ts';
import { pushRows } from './push-rows.ts';
import type { PushPair, PushRun } from './push-rows.ts';
import { partsOf } from './push-parts.ts';
import type { Row } from './row.ts';

/** `SLIPWAY_BENCH_COLD`: new apps, each pushed once. `SLIPWAY_BENCH_WARM`: one-line changes after that. */
const COLD = Number(process.env.SLIPWAY_BENCH_COLD ?? 3);
const WARM = Number(process.env.SLIPWAY_BENCH_WARM ?? 5);
const run = promisify(execFile);

interface Side { slipway: Slipway; api: KubeApi; app: TestApp; bareRepository: string; bare: BareDeploy }

/**
 * From `git push` to the first answer of the new version, and what each part of the way takes; floor: git to a bare repository, a bare Kaniko
 * pod with the same image, a bare `kubectl apply`. The two take turns, so that a noisy machine troubles both.
 */
export async function measureClusterPush(scope: Scope): Promise<Row[]> {
  const slipway = await startSlipway(scope);
  const env = readEnv(kubernetesEnv, parseEnv(readFileSync(join(import.meta.dirname, '../k8s/overlays/test/settings/settings.env'), 'utf8')));
  const floor = { build: buildSettingsOf(env), ingress: { className: env.SLIPWAY_INGRESS_CLASS, domain: env.SLIPWAY_APPS_DOMAIN } };
  const api = connectKube({ kubeconfig: process.env.KUBECONFIG ?? null });
  scope.after(() => { api.close(); return Promise.resolve(); });
  const newSide = async (): Promise<Side> => {
    const bareRepository = await makeTemp(scope, 'bench-bare-');
    await run('git', ['init', '-q', '--bare', bareRepository]);
    return { slipway, api, app: await createApp(scope, slipway, 'bench'), bareRepository, bare: await createBareDeploy(scope, api, slipway, floor) };
  };
  const cold: PushPair[] = [];
  const warm: PushPair[] = [];
  let side: Side | null = null;
  for (let version = 1; version <= COLD; version++) {
    side = await newSide();
    await side.app.repository.commit(sampleApp(String(version), 'node'));
    cold.push(await measurePair(side, version));
  }
  side ??= await newSide();
  for (let version = COLD + 1; version <= COLD + WARM; version++) {
    await side.app.repository.commit({ 'version.txt': `${version}\n` });
    warm.push(await measurePair(side, version));
  }
  return [...pushRows('cold', cold), ...pushRows('warm', warm)];
}

async function measurePair(side: Side, version: number): Promise<PushPair> {
  const ours = await pushOnce(side, version);
  const begun = performance.now();
  await side.app.repository.git('push', '-q', side.bareRepository, 'main');
  const git = performance.now() - begun;
  return { ours, floor: Object.assign(await side.bare.run(version), { git }) };
}

async function pushOnce({ slipway, api, app }: Side, version: number): Promise<PushRun> {
  const namespace = appNamespace(app.id);
  const watched = await observe(api, { namespace: 'slipway-builds', labels: `slipway.dev/app=${app.id}` }, { namespace, labels: 'slipway.dev/process=web' });
  try {
    const begun = performance.now();
    const push = app.repository.startPush();
    const taken = lookUntil('the push is taken', () => (/-----> Build \d+ of/.test(push.output()) ? performance.now() : null), endedEarly(push));
    const answered = await untilAnswers(slipway, app.name, version, endedEarly(push));
    await push.ended;
    const ended = performance.now();
    const build = watched.builds.at(-1);
    const [replica] = watched.replicas;
    const parts = partsOf({
      begun, taken: await taken, buildPod: seen(build?.created, 'the pod of the build'), buildScheduled: seen(build?.scheduled, 'where the build runs'),
      preparing: seen(build?.begun.get('prepare'), 'the start of "prepare"'), prepared: seen(build?.ended.get('prepare')?.at, 'the end of "prepare"'), built: seen(build?.ended.get('kaniko')?.at, 'the end of Kaniko'),
      published: seen(watched.said.outcome, 'the verdict of the build'), appPod: seen(replica?.created, 'the pod of the app'), appScheduled: seen(replica?.scheduled, 'where the app runs'),
      appStarted: seen(replica?.begun.get('app'), 'the start of the app'), appReady: seen(replica?.ready, 'that the app is ready'), answered,
    }, { registryPush: registryPush(watched), imagePull: await imagePull(api, namespace, replica?.name ?? '') });
    const steps = (await app.state()).builds.nodes[0]?.steps ?? [];
    return { parts, steps: steps.filter(({ kind }) => kind !== 'IMAGE').reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0), verdict: ended - begun };
  } finally {
    watched.stop();
  }
}

/** A push that has ended with an error brings nothing any more. */
function endedEarly(push: RunningPush): () => string | null {
  return () => (push.child.exitCode === null || push.child.exitCode === 0 ? null : `The push ended with code ${push.child.exitCode}:\n${push.output()}`);
}
