import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WantedProcess } from '../../deploy.ts';
import { planApp } from './plan.ts';
import type { AppPlan, ImageRelease } from './plan.ts';
import { deploymentManifest, templateHash, templateOf } from './process-manifests.ts';
import { seeDeployment } from './seen.ts';
import type { SeenDeployment, SeenPod } from './seen.ts';

const now = Date.parse('2026-11-26T12:00:00Z');
const settings = { bootSeconds: 60, waitSeconds: 30, routeMs: 2_000 };
const app = { appId: '019400d1-5b5c-7000-8000-000000000001', name: 'blog', formerNames: [] };
const releaseOf = (version: number, more: Partial<ImageRelease> = {}): ImageRelease =>
  ({ id: `r${version}`, version, slugDigest: 'ab', image: `image-${version}`, stack: 's', configFingerprint: 'c1', keepsReplicas: false, live: false, ...more });
const processOf = (type: string, quantity = 1, more: Partial<WantedProcess> = {}): WantedProcess => ({ type, command: `run ${type}`, quantity, memoryBytes: 512, restarts: 0, replace: [], ...more });
const [web, worker] = [processOf('web'), processOf('worker')];
const [v1, v2] = [releaseOf(1), releaseOf(2)];
const live = (release: ImageRelease): ImageRelease => ({ ...release, live: true });

function pod(release: ImageRelease, process: WantedProcess, index: number | null, more: Partial<SeenPod> = {}): SeenPod {
  return {
    name: `v${release.version}-${process.type}-${index ?? 'new'}`, uid: `u${release.version}-${process.type}-${index ?? 'new'}`, process: process.type, command: null, template: templateHash(templateOf(app, release, process)),
    index, release: index === null ? null : release.version, releaseId: index === null ? null : release.id, deletionCost: 0, phase: 'Running', podReason: null, podMessage: null, createdAt: now - 20_000, isGoing: false,
    isReady: true, readyChangedAt: now - 15_000, unschedulable: null, runningSince: now - 16_000, waiting: null, ended: null, endedBefore: null, restarts: 0, ...more,
  };
}
const starting = { isReady: false, readyChangedAt: now - 16_000 };
const going = { isGoing: true };
const deployment = (release: ImageRelease, process: WantedProcess): SeenDeployment => {
  const seen = seeDeployment(deploymentManifest(templateOf(app, release, process), { replicas: process.quantity, hold: false }, { pullSecret: false, drainSeconds: 5 }));
  assert.ok(seen);
  return seen;
};
const plan = (release: ImageRelease | null, processes: WantedProcess[], pods: SeenPod[], deployments: SeenDeployment[] = [], routeChangedAt = now - 10_000): AppPlan =>
  planApp({ ...app, release, processes }, { pods, deployments, routeChangedAt }, settings, now);

/** The plan in words. */
const tell = ({ deployments, remove, naming, rollout }: AppPlan): object => ({
  deploy: deployments?.map(({ template, replicas, hold }) => `${template.process} of ${template.image} × ${replicas}${hold ? ', old ones held' : ''}`) ?? 'as it is',
  remove, name: naming.map((one) => `${one.pod} is v${one.release} .${one.index}${one.deletionCost < 0 ? ', goes first' : ''}`), rollout: rollout.status === 'failed' ? rollout.reason : rollout.status,
});

describe('the plan of an app on Kubernetes', () => {
  const cases: [string, AppPlan, object][] = [
    ['starts all of a first release, with nothing to hold', plan(v1, [web, worker], []), { deploy: ['web of image-1 × 1', 'worker of image-1 × 1'], remove: [], name: [], rollout: 'progressing' }],
    ['names what is new', plan(v1, [web], [pod(v1, web, null, starting)]), { deploy: ['web of image-1 × 1'], remove: [], name: ['v1-web-new is v1 .1'], rollout: 'progressing' }],
    ['is complete when all are up', plan(v1, [web], [pod(v1, web, 1)]), { deploy: ['web of image-1 × 1'], remove: [], name: [], rollout: 'complete' }],
    ['is not complete before the Ingress controller can know', plan(v1, [web], [pod(v1, web, 1)], [], now - 500), { deploy: ['web of image-1 × 1'], remove: [], name: [], rollout: 'progressing' }],
    ['starts the new beside the old and holds the old', plan(v2, [web], [pod(v1, web, 1)]), { deploy: ['web of image-2 × 1, old ones held'], remove: [], name: [], rollout: 'progressing' }],
    ['holds the old until all process types are up', plan(v2, [web, worker], [pod(v1, web, 1), pod(v2, web, 1), pod(v2, worker, 1, starting)]),
      { deploy: ['web of image-2 × 1, old ones held', 'worker of image-2 × 1'], remove: [], name: [], rollout: 'progressing' }],
    ['lets the old go when all of the new are up, and waits until they have', plan(v2, [web], [pod(v1, web, 1), pod(v2, web, 1)]), { deploy: ['web of image-2 × 1'], remove: [], name: [], rollout: 'progressing' }],
    ['does not wait for the last breath of the old', plan(v2, [web], [pod(v1, web, 1, going), pod(v2, web, 1)]), { deploy: ['web of image-2 × 1'], remove: [], name: [], rollout: 'complete' }],
    ['keeps a process type that the new release has no more until the rest is up', plan(v2, [web], [pod(v1, worker, 1), pod(v2, web, 1, starting)], [deployment(v1, worker)]), { deploy: ['web of image-2 × 1'], remove: [], name: [], rollout: 'progressing' }],
    ['then removes it', plan(v2, [web], [pod(v1, worker, 1), pod(v2, web, 1)], [deployment(v1, worker)]), { deploy: ['web of image-2 × 1'], remove: ['worker'], name: [], rollout: 'progressing' }],
    ['adopts what runs already', plan({ ...v2, image: v1.image }, [web], [pod(v1, web, 1)]), { deploy: ['web of image-1 × 1'], remove: [], name: ['v1-web-1 is v2 .1'], rollout: 'complete' }],
    ['leaves what it adopts with its old release until all is well', plan({ ...v2, image: v1.image }, [processOf('web', 2)], [pod(v1, web, 1), pod(v1, web, null, starting)]),
      { deploy: ['web of image-1 × 2'], remove: [], name: ['v1-web-new is v2 .2'], rollout: 'progressing' }],
    ['stands a new one beside one that is to be replaced', plan(live(v1), [processOf('web', 1, { replace: ['u1-web-1'] })], [pod(v1, web, 1)]), { deploy: ['web of image-1 × 2'], remove: [], name: ['v1-web-1 is v1 .1, goes first'], rollout: 'progressing' }],
    ['then asks for one fewer', plan(live(v1), [processOf('web', 1, { replace: ['u1-web-1'] })], [pod(v1, web, 1, { deletionCost: -1000 }), pod(v1, web, null)]),
      { deploy: ['web of image-1 × 1'], remove: [], name: ['v1-web-new is v1 .1'], rollout: 'progressing' }],
    ['scales to zero', plan(live(v1), [processOf('web', 0)], [pod(v1, web, 1, going)]), { deploy: ['web of image-1 × 0'], remove: [], name: [], rollout: 'complete' }],
    ['with nothing to run removes all', plan(null, [], [pod(v1, web, 1)], [deployment(v1, web)]), { deploy: [], remove: ['web'], name: [], rollout: 'complete' }],
    ['counts no worker as up that has just started', plan(v1, [worker], [pod(v1, worker, 1, { runningSince: now - 1_000 })]), { deploy: ['worker of image-1 × 1'], remove: [], name: [], rollout: 'progressing' }],
    ['with a crash loop after it was live goes on', plan(live(v1), [web], [pod(v1, web, 1, { ...starting, restarts: 7, runningSince: null, waiting: { reason: 'CrashLoopBackOff', message: '' }, endedBefore: { code: 1, reason: 'Error', message: '' } })]),
      { deploy: ['web of image-1 × 1'], remove: [], name: [], rollout: 'progressing' }],
  ];
  for (const [name, found, expected] of cases) it(name, () => { assert.deepEqual(tell(found), expected); });

  it('keeps the config that runs when the release came without a restart, and only then', () => {
    const kept = plan({ ...v2, image: v1.image, configFingerprint: 'c2', keepsReplicas: true }, [web], [pod(v1, web, 1)], [deployment(v1, web)]);
    assert.equal(kept.rollout.status, 'complete');
    assert.equal(kept.deployments?.[0]?.template.config, templateOf(app, v1, web).config);
    const restarted = plan({ ...v2, image: v1.image, configFingerprint: 'c2', keepsReplicas: true }, [processOf('web', 1, { restarts: 1 })], [pod(v1, web, 1)], [deployment(v1, web)]);
    assert.notEqual(restarted.deployments?.[0]?.template.config, templateOf(app, v1, web).config);
    const fromZero = plan(live({ ...v2, image: v1.image, configFingerprint: 'c2', keepsReplicas: true }), [web], [pod(v1, web, 1, going)], [deployment(v1, web)]);
    assert.equal(fromZero.deployments?.[0]?.template.config, templateOf(app, { ...v2, configFingerprint: 'c2' }, web).config);
  });

  it('restarts nothing when the app has another name: what runs keeps the one that it was told until something else changes', () => {
    const renamed = (release: ImageRelease, process: WantedProcess): AppPlan =>
      planApp({ ...app, name: 'diary', formerNames: ['blog'], release, processes: [process] }, { pods: [pod(v1, web, 1)], deployments: [deployment(v1, web)], routeChangedAt: now - 10_000 }, settings, now);
    const named = (release: ImageRelease, process = web): (string | undefined)[] => { const { deployments, rollout } = renamed(release, process); return [deployments?.[0]?.template.appName, rollout.status]; };
    assert.deepEqual(named(live(v1)), ['blog', 'complete']);
    assert.deepEqual(named(v2), ['diary', 'progressing']);
    assert.deepEqual(named({ ...live(v1), configFingerprint: 'c2' }), ['diary', 'progressing']);
    assert.deepEqual(named({ ...live(v1), configFingerprint: 'c2', keepsReplicas: true }), ['blog', 'complete']);
    assert.deepEqual(named(live(v1), processOf('web', 1, { restarts: 1 })), ['diary', 'progressing']);
  });

  it('removes pods that ended for good and are in the way', () => {
    assert.deepEqual(plan(live(v1), [web], [pod(v1, web, 1, { phase: 'Failed', podReason: 'Evicted' }), pod(v1, web, 2)]).clean, ['v1-web-1']);
  });

  it('looks again when the time to listen is over, and when the Ingress controller knows', () => {
    assert.equal(plan(v1, [web], [pod(v1, web, 1, starting)]).lookAgainAt, now - 16_000 + 60_000);
    assert.equal(plan(v1, [web], [pod(v1, web, 1)], [], now - 500).lookAgainAt, now + 1_500);
    assert.equal(plan(live(v1), [web], [pod(v1, web, 1)]).lookAgainAt, null);
  });
});

describe('a rollout on Kubernetes that fails', () => {
  const waits = (reason: string, message = ''): Partial<SeenPod> => ({ ...starting, phase: 'Pending', runningSince: null, waiting: { reason, message } });
  const exit = (code: number, reason = 'Error') => ({ code, reason, message: '' });
  const cases: [string, Partial<SeenPod>, string, RegExp, object | null][] = [
    ['by the second exit', { ...starting, restarts: 1, runningSince: null, ended: exit(3) }, 'CRASH_LOOP', /web\.1 \(run web\) ends .* exit code 3/, { pod: 'v2-web-1', previous: false }],
    ['by a crash loop', { ...starting, ...waits('CrashLoopBackOff'), restarts: 2, endedBefore: exit(3) }, 'CRASH_LOOP', /exit code 3/, { pod: 'v2-web-1', previous: true }],
    ['by want of memory', { ...starting, ...waits('CrashLoopBackOff'), restarts: 2, endedBefore: exit(137, 'OOMKilled') }, 'OUT_OF_MEMORY', /more memory/, { pod: 'v2-web-1', previous: true }],
    ['by an image that is not there', waits('ErrImagePull', 'manifest unknown'), 'IMAGE_PULL_FAILED', /manifest unknown/, null],
    ['by a registry that stays away', { ...waits('ImagePullBackOff', 'connection refused'), createdAt: now - 30_000 }, 'IMAGE_PULL_FAILED', /connection refused/, null],
    ['by want of room', { ...starting, phase: 'Pending', runningSince: null, createdAt: now - 30_000, unschedulable: '0/3 nodes are available: 3 Insufficient memory.' }, 'UNSCHEDULABLE', /Insufficient memory/, null],
    ['by a port that is not bound', { ...starting, runningSince: now - 60_000, readyChangedAt: now - 60_000 }, 'PORT_NOT_BOUND', /within 60 s/, { pod: 'v2-web-1', previous: false }],
    ['by a port that is not bound any more', { ...starting, runningSince: now - 100_000, readyChangedAt: now - 60_000 }, 'HEALTH_CHECK_FAILED', /and then did not/, { pod: 'v2-web-1', previous: false }],
  ];
  for (const [name, more, reason, message, lines] of cases) {
    it(`${name} leaves all as it is`, () => {
      const found = plan(v2, [web], [pod(v1, web, 1), pod(v2, web, 1, more)]);
      assert.ok(found.rollout.status === 'failed', JSON.stringify(found.rollout));
      assert.equal(found.rollout.reason, reason);
      assert.match(found.rollout.message, message);
      assert.deepEqual([found.failure?.lines, found.deployments, found.remove], [lines, null, []]);
    });
  }

  const patient: [string, Partial<SeenPod>][] = [
    ['the first exit', { ...starting, runningSince: null, ended: exit(1) }], ['a registry that does not answer just now', waits('ErrImagePull', 'connection refused')],
    ['a node that may come', { ...starting, phase: 'Pending', runningSince: null, unschedulable: 'Insufficient cpu' }], ['a slow start', starting],
  ];
  for (const [name, more] of patient) it(`does not by ${name}`, () => { assert.equal(plan(v2, [web], [pod(v1, web, 1), pod(v2, web, 1, more)]).rollout.status, 'progressing'); });

  it('by a quota is told in Kubernetes\' words', () => {
    const refused = { ...deployment(v2, web), refused: 'pods "web-1" is forbidden: exceeded quota: team, requested: limits.memory=512Mi' };
    const found = plan(v2, [web], [pod(v1, web, 1)], [refused]);
    assert.ok(found.rollout.status === 'failed');
    assert.deepEqual([found.rollout.reason, /exceeded quota: team/.test(found.rollout.message)], ['QUOTA_EXCEEDED', true]);
    assert.equal(plan(v2, [web], [pod(v1, web, 1)], [{ ...deployment(v1, web), refused: 'exceeded quota' }]).rollout.status, 'progressing');
  });
});
