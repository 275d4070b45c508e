import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { replicaContext } from '../../bus/app.ts';
import { answer } from '../../bus/ask.ts';
import type { WantedApp } from '../deploy.ts';
import { createLog } from '../../service/log.ts';
import { startFakeKube } from '../../test/kit/fake-kube.ts';
import type { FakeKube, FakeRequest } from '../../test/kit/fake-kube.ts';
import { startNats } from '../../test/kit/nats.ts';
import { until } from '../../test/kit/wait.ts';
import { appNamespace } from './app/names.ts';
import { connectKube } from './api.ts';
import { createKubernetesDeploy } from './deploy.ts';

const within = 60_000;
const APPS = 4;

/** Of many apps only the one is attended to of which something was heard last. */
describe('apps on Kubernetes, of which most are at rest', () => {
  const cleanups: (() => unknown)[] = [];
  let kube: FakeKube;
  let stop: () => void;
  let deploy: ReturnType<typeof createKubernetesDeploy>;
  const apps: WantedApp[] = Array.from({ length: APPS }, (_, n) => ({
    appId: randomUUID(), name: `app${n}`, formerNames: [],
    release: { id: randomUUID(), version: 1, slugDigest: 'a'.repeat(64), image: `registry.test/app@sha256:${'a'.repeat(64)}`, stack: 'slipway-1', configFingerprint: 'f', keepsReplicas: false, live: true },
    processes: [{ type: 'web', command: 'node server.js', quantity: 1, memoryBytes: 512 * 1024 * 1024, restarts: 0, replace: [] }],
  }));
  const [first, second, third] = apps as [WantedApp, WantedApp, WantedApp];
  let notices: (string | null)[] = [];
  /** As after a start of the controller. */
  let start: (turnMs: number) => Promise<void>;

  before(async () => {
    const scope = { after: (fn: () => unknown) => { cleanups.push(fn); } };
    const nats = await startNats(scope);
    kube = await startFakeKube(scope, { bookmarkMs: 1_000 });
    const onError = (error: unknown): void => { throw error; };
    const gateway = await nats.bus('gateway');
    answer(gateway, replicaContext, () => Promise.resolve({ config: [], slugUrl: 'http://127.0.0.1/slug', slugDigest: 'a'.repeat(64) }), onError);
    await gateway.nc.flush();
    const bus = await nats.bus('controller');
    start = async (turnMs) => {
      const api = connectKube({ kubeconfig: kube.kubeconfig });
      deploy = createKubernetesDeploy({
        api, bus, readLogin: () => Promise.resolve(null), removeImages: () => Promise.resolve(), onError, log: createLog('controller'), attended: 1, turns: { roundMs: turnMs, apartMs: turnMs },
        settings: { platformNamespace: 'slipway', ingressClass: 'traefik', ingressNamespace: 'traefik', appsDomain: 'apps.test', privateCidrs: [], drainSeconds: 0, pullSecret: false, bootSeconds: 60, waitSeconds: 60, routeMs: 0 },
      });
      const { close } = deploy;
      stop = () => { close(); api.close(); };
      cleanups.push(stop);
      notices = [];
      deploy.watch((appId) => { notices.push(appId); });
      for (const app of apps) await settle(app);
    };
    await start(3_600_000);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  /** Until it is complete and asks for nothing any more. */
  const settle = async (app: WantedApp): Promise<void> => {
    await until(async () => {
      const requests = kube.requests.length;
      const { rollout, replicas } = await deploy.reconcile(app);
      return rollout.status === 'complete' && replicas.length === app.processes[0]?.quantity && kube.requests.length === requests;
    }, { within, what: () => `${app.name} is settled` });
  };
  const asked = (app: WantedApp, from: number): FakeRequest[] => kube.requests.slice(from).filter(({ namespace }) => namespace === appNamespace(app.appId));
  const isWrite = ({ method }: FakeRequest): boolean => method !== 'GET';
  const restart = (app: WantedApp, restartCount: number): void => {
    for (const pod of kube.store.list('Pod', appNamespace(app.appId))) {
      const status = pod.status as { containerStatuses: object[] };
      kube.store.put({ ...pod, status: { ...status, containerStatuses: status.containerStatuses.map((one) => ({ ...one, restartCount })) } });
    }
  };

  it('all have their pods watched, and the last one all that it is made of', async () => {
    await until(() => kube.openWatches('Pod') === APPS && kube.openWatches('Deployment') === 1 && kube.openWatches('Ingress') === 1, { within, what: () => `${kube.openWatches()} watches` });
  });

  it('tells of a pod at rest from its watch, for which only Deployments are read', async () => {
    const from = kube.requests.length;
    notices = [];
    restart(first, 1);
    await until(() => notices.includes(first.appId), { within, what: () => 'it is told' });
    assert.equal((await deploy.reconcile(first)).replicas[0]?.restarts, 1);
    assert.deepEqual(asked(first, from).filter(({ query }) => !query.has('watch')).map(({ kind }) => kind), ['Deployment']);
    assert.deepEqual(asked(first, from).filter(isWrite), []);
  });

  it('attends to the one of which something was heard, and no more to the one before', async () => {
    restart(second, 1);
    await until(async () => (await deploy.reconcile(second)).replicas[0]?.restarts === 1, { within, what: () => 'it is told' });
    restart(third, 1);
    await until(async () => (await deploy.reconcile(third)).replicas[0]?.restarts === 1, { within, what: () => 'it is told' });
    await until(() => kube.openWatches('Deployment') === 1, { within, what: () => `one is attended to, not ${kube.openWatches('Deployment')}` });
  });

  it('brings back an app at rest whose Deployment somebody deleted: its pods go with it', async () => {
    notices = [];
    kube.store.remove('Deployment', appNamespace(second.appId), 'web');
    await until(() => notices.includes(second.appId), { within, what: () => 'it is told' });
    await settle(second);
    assert.equal(kube.store.list('Pod', appNamespace(second.appId)).length, 1);
  });

  it('changes an app at rest as it is wanted', async () => {
    const [web] = third.processes;
    assert.ok(web);
    web.quantity = 3;
    await settle(third);
    assert.equal(kube.store.list('Pod', appNamespace(third.appId)).length, 3);
  });

  it('writes nothing after a start, and lets all rest at once; what a hand changed is put back when the app has its turn', async () => {
    stop();
    await until(() => kube.openWatches() === 0, { within, what: () => 'nothing is watched' });
    const from = kube.requests.length;
    await start(500);
    assert.deepEqual(kube.requests.slice(from).filter(isWrite), []);
    await until(() => kube.openWatches() === 1 + APPS && kube.openWatches('Pod') === APPS, { within, what: () => `pods and namespaces are watched, not ${kube.openWatches()}` });
    const service = kube.store.get('Service', appNamespace(first.appId), 'web');
    kube.store.remove('Service', appNamespace(first.appId), 'web');
    notices = [];
    await until(() => notices.includes(first.appId), { within, what: () => 'it has its turn' });
    await deploy.reconcile(first);
    assert.deepEqual(kube.store.get('Service', appNamespace(first.appId), 'web')?.spec, service?.spec);
  });
});
