import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { ReplicaState } from '../../bus/node.ts';
import type { WantedApp, WantedProcess, WantedRelease } from '../deploy.ts';
import { planApp } from './plan.ts';
import type { Plan } from './plan.ts';
import { templateOf } from './template.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const settings = { bootSeconds: 60, now };
const appId = randomUUID();

const releaseOf = (version: number, more: Partial<WantedRelease> = {}): WantedRelease =>
  ({ id: `019400d1-5b5c-7000-8000-${String(version).padStart(12, '0')}`, version, slugDigest: `${version}`.repeat(64).slice(0, 64), image: null, stack: 'heroku-22', configFingerprint: 'c1', keepsReplicas: false, live: false, ...more });
const processOf = (type: string, quantity: number, more: Partial<WantedProcess> = {}): WantedProcess => ({ type, command: `run ${type}`, quantity, memoryBytes: 512, restarts: 0, replace: [], ...more });
const appOf = (release: WantedRelease | null, ...processes: WantedProcess[]): WantedApp => ({ appId, name: 'blog', formerNames: [], release, processes });

let port = 20_000;
function replica(release: WantedRelease, process: WantedProcess, index: number, more: Partial<ReplicaState> = {}): ReplicaState {
  const status = more.status ?? 'UP';
  return {
    id: randomUUID(), appId, process: process.type, index, releaseId: release.id, releaseVersion: release.version, template: templateOf(release, process), status,
    host: '127.0.0.1', port: port++, restarts: 0, exitCode: null, exitReason: null, lastLines: [], startedAt: new Date(now - 5_000).toISOString(), readyAt: status === 'UP' ? new Date(now - 4_000).toISOString() : null, ...more,
  };
}
/** The plan in words: what is kept (of which release), started, routed. */
function tell(plan: Plan, replicas: ReplicaState[]): { keep: string[]; start: string[]; route: string[]; state: string; rollout: string } {
  const nameOf = (id: string): string => { const found = replicas.find((one) => one.id === id); return found ? `v${found.releaseVersion} ${found.process}.${found.index}` : 'unknown'; };
  return {
    keep: plan.keep.map(({ id, releaseVersion }) => `${nameOf(id)} as v${releaseVersion}`).sort(),
    start: plan.start.map(({ process, index, releaseVersion }) => `v${releaseVersion} ${process}.${index}`),
    route: plan.route.replicas.map(({ id }) => nameOf(id)),
    state: plan.route.state, rollout: plan.rollout.status,
  };
}

const web = processOf('web', 1);
const worker = processOf('worker', 1);
const v1 = releaseOf(1);
const v2 = releaseOf(2);
const liveOf = (release: WantedRelease): WantedRelease => ({ ...release, live: true });

describe('the plan of an app', () => {
  const cases: [string, WantedApp, ReplicaState[], ReturnType<typeof tell>][] = [
    ['that has nothing to run drops all', appOf(null), [replica(v1, web, 1)], { keep: [], start: [], route: [], state: 'nothing-deployed', rollout: 'complete' }],
    ['starts all of a first release', appOf(v1, web, worker), [], { keep: [], start: ['v1 web.1', 'v1 worker.1'], route: [], state: 'starting', rollout: 'progressing' }],
    ['starts nothing twice', appOf(v1, web), [replica(v1, web, 1, { status: 'STARTING' })], { keep: ['v1 web.1 as v1'], start: [], route: [], state: 'starting', rollout: 'progressing' }],
    ['serves a first release as soon as its web is up', appOf(v1, web, worker), [replica(v1, web, 1), replica(v1, worker, 1, { status: 'STARTING' })],
      { keep: ['v1 web.1 as v1', 'v1 worker.1 as v1'], start: [], route: ['v1 web.1'], state: 'up', rollout: 'progressing' }],
    ['is complete when all are up', appOf(v1, web, worker), [replica(v1, web, 1), replica(v1, worker, 1)],
      { keep: ['v1 web.1 as v1', 'v1 worker.1 as v1'], start: [], route: ['v1 web.1'], state: 'up', rollout: 'complete' }],
    ['starts the new beside the old', appOf(v2, web), [replica(v1, web, 1)], { keep: ['v1 web.1 as v1'], start: ['v2 web.1'], route: ['v1 web.1'], state: 'up', rollout: 'progressing' }],
    ['lets the old serve alone until all of the new are up', appOf(v2, web, worker), [replica(v1, web, 1), replica(v2, web, 1), replica(v2, worker, 1, { status: 'STARTING' })],
      { keep: ['v1 web.1 as v1', 'v2 web.1 as v2', 'v2 worker.1 as v2'], start: [], route: ['v1 web.1'], state: 'up', rollout: 'progressing' }],
    ['gives the traffic to the new and drops the old when all of the new are up', appOf(v2, web), [replica(v1, web, 1), replica(v2, web, 1)],
      { keep: ['v2 web.1 as v2'], start: [], route: ['v2 web.1'], state: 'up', rollout: 'complete' }],
    ['drops a process type that the new release has no more', appOf(v2, web), [replica(v1, web, 1), replica(v1, worker, 1), replica(v2, web, 1)],
      { keep: ['v2 web.1 as v2'], start: [], route: ['v2 web.1'], state: 'up', rollout: 'complete' }],
    ['adopts replicas of the same code and config, whoever started them', appOf({ ...v2, slugDigest: v1.slugDigest }, web), [replica(v1, web, 1)],
      { keep: ['v1 web.1 as v2'], start: [], route: ['v1 web.1'], state: 'up', rollout: 'complete' }],
    ['adopts replicas with another config when the release keeps them', appOf({ ...v2, slugDigest: v1.slugDigest, configFingerprint: 'c2', keepsReplicas: true }, web), [replica(v1, web, 1)],
      { keep: ['v1 web.1 as v2'], start: [], route: ['v1 web.1'], state: 'up', rollout: 'complete' }],
    ['never adopts other code', appOf({ ...v2, keepsReplicas: true }, web), [replica(v1, web, 1)], { keep: ['v1 web.1 as v1'], start: ['v2 web.1'], route: ['v1 web.1'], state: 'up', rollout: 'progressing' }],
    ['that scales up adds numbers that are free and serves meanwhile', appOf(liveOf(v1), processOf('web', 3)), [replica(v1, web, 2)],
      { keep: ['v1 web.2 as v1'], start: ['v1 web.1', 'v1 web.3'], route: ['v1 web.2'], state: 'up', rollout: 'progressing' }],
    ['that scales down keeps the healthy ones', appOf(liveOf(v1), web), [replica(v1, web, 1, { status: 'BACKING_OFF' }), replica(v1, web, 2), replica(v1, web, 3)],
      { keep: ['v1 web.2 as v1'], start: [], route: ['v1 web.2'], state: 'up', rollout: 'complete' }],
    ['that scales to zero routes to nobody first', appOf(liveOf(v1), processOf('web', 0)), [replica(v1, web, 1)], { keep: [], start: [], route: [], state: 'scaled-to-zero', rollout: 'complete' }],
    ['comes back from zero', appOf(liveOf(v1), web), [], { keep: [], start: ['v1 web.1'], route: [], state: 'starting', rollout: 'progressing' }],
    ['without a web process has no route', appOf(v1, worker), [replica(v1, worker, 1)], { keep: ['v1 worker.1 as v1'], start: [], route: [], state: 'no-web', rollout: 'complete' }],
    ['counts no replica that is ending', appOf(liveOf(v1), web), [replica(v1, web, 1, { status: 'STOPPING' })], { keep: [], start: ['v1 web.1'], route: [], state: 'starting', rollout: 'progressing' }],
    ['restarts a process type new beside old', appOf(liveOf(v1), processOf('web', 1, { restarts: 1 })), [replica(v1, web, 1)],
      { keep: ['v1 web.1 as v1'], start: ['v1 web.1'], route: ['v1 web.1'], state: 'up', rollout: 'progressing' }],
    ['restarts for another size', appOf(liveOf(v1), processOf('web', 1, { memoryBytes: 1024 })), [replica(v1, web, 1)],
      { keep: ['v1 web.1 as v1'], start: ['v1 web.1'], route: ['v1 web.1'], state: 'up', rollout: 'progressing' }],
    ['with a crash loop after it was live is not rolled back', appOf(liveOf(v1), web), [replica(v1, web, 1, { status: 'BACKING_OFF', restarts: 7, exitCode: 1, exitReason: 'exited' })],
      { keep: ['v1 web.1 as v1'], start: [], route: [], state: 'crashed', rollout: 'progressing' }],
    ['is crashed also while it is started again', appOf(liveOf(v1), web), [replica(v1, web, 1, { status: 'STARTING', restarts: 8, exitCode: 1, exitReason: 'exited' })],
      { keep: ['v1 web.1 as v1'], start: [], route: [], state: 'crashed', rollout: 'progressing' }],
    ['of which one of two crashed serves by the other', appOf(liveOf(v1), processOf('web', 2)), [replica(v1, web, 1, { status: 'BACKING_OFF', restarts: 7 }), replica(v1, web, 2)],
      { keep: ['v1 web.1 as v1', 'v1 web.2 as v1'], start: [], route: ['v1 web.2'], state: 'up', rollout: 'progressing' }],
    ['gives crashed replicas of a live release two more tries before a new one has failed', appOf(v2, web), [replica(v1, web, 1), replica(v2, web, 1, { status: 'BACKING_OFF', restarts: 1, exitCode: 3, exitReason: 'exited' })],
      { keep: ['v1 web.1 as v1', 'v2 web.1 as v2'], start: [], route: ['v1 web.1'], state: 'up', rollout: 'progressing' }],
    ['that went back to replicas which crashed long ago and run now is complete', appOf({ ...v2, slugDigest: v1.slugDigest }, web), [replica(v1, web, 1, { restarts: 9, exitCode: 1, exitReason: 'exited' })],
      { keep: ['v1 web.1 as v2'], start: [], route: ['v1 web.1'], state: 'up', rollout: 'complete' }],
  ];
  for (const [name, app, replicas, expected] of cases) it(name, () => { assert.deepEqual(tell(planApp(app, replicas, settings), replicas), expected); });

  it('replaces one replica: the new one stands beside it until it is up', () => {
    const [one, two] = [replica(v1, web, 1), replica(v1, web, 2)];
    const app = appOf(liveOf(v1), processOf('web', 2, { replace: [one.id] }));
    assert.deepEqual(tell(planApp(app, [one, two], settings), [one, two]), { keep: ['v1 web.1 as v1', 'v1 web.2 as v1'], start: ['v1 web.1'], route: ['v1 web.1', 'v1 web.2'], state: 'up', rollout: 'progressing' });
    const next = replica(v1, web, 1);
    const done = planApp(app, [one, two, next], settings);
    assert.deepEqual(done.keep.map(({ id }) => id).sort(), [two.id, next.id].sort());
    assert.deepEqual(done.route.replicas.map(({ id }) => id), [next.id, two.id]);
  });

  it('starts a replica with all that the node must know', () => {
    const [want] = planApp(appOf(v1, web), [], settings).start;
    assert.ok(want);
    assert.deepEqual({ ...want, id: '' }, {
      id: '', appId, appName: 'blog', process: 'web', index: 1, command: 'run web', releaseId: v1.id, releaseVersion: 1, slugDigest: v1.slugDigest, listens: true, memoryBytes: 512, template: templateOf(v1, web),
    });
    assert.equal(planApp(appOf(v1, worker), [], settings).start[0]?.listens, false);
  });
});

describe('a rollout that fails', () => {
  const starting = (startedAt: number): ReplicaState => replica(v2, web, 1, { status: 'STARTING', startedAt: new Date(startedAt).toISOString(), lastLines: ['waiting for nothing'] });
  const exits = (exitReason: string, more: Partial<ReplicaState> = {}): ReplicaState => replica(v2, web, 1, { status: 'BACKING_OFF', restarts: 2, exitCode: 3, exitReason, lastLines: ['the database is on fire'], ...more });
  const cases: [string, ReplicaState, string, RegExp, string[]][] = [
    ['by the third exit', exits('exited'), 'CRASH_LOOP', /web\.1 \(run web\).*exit code 3/, ['the database is on fire']],
    ['by want of memory', exits('out of memory', { exitCode: 137 }), 'OUT_OF_MEMORY', /web\.1 used more memory/, ['the database is on fire']],
    ['by a slug that cannot be had', exits('slug storage answered 404', { exitCode: null, lastLines: [] }), 'SLUG_UNAVAILABLE', /slug storage answered 404/, []],
    ['by a port that is not bound in time', starting(now - 60_000), 'PORT_NOT_BOUND', /web\.1 did not listen on \$PORT within 60 s/, ['waiting for nothing']],
  ];
  for (const [name, failed, reason, message, lines] of cases) {
    it(`${name} is told, leaves the old release serving and ends the new replicas`, () => {
      const old = replica(v1, web, 1);
      const plan = planApp(appOf(v2, web, worker), [old, failed, replica(v2, worker, 1)], settings);
      assert.equal(plan.rollout.status, 'failed');
      assert.ok(plan.rollout.status === 'failed');
      assert.equal(plan.rollout.reason, reason);
      assert.match(plan.rollout.message, message);
      assert.deepEqual(plan.rollout.lines, lines);
      assert.deepEqual(tell(plan, [old]), { keep: ['v1 web.1 as v1'], start: [], route: ['v1 web.1'], state: 'up', rollout: 'failed' });
    });
  }

  it('leaves what it would have adopted', () => {
    const same = { ...v2, slugDigest: v1.slugDigest };
    const two = processOf('web', 2);
    const old = replica(v1, two, 1);
    const begun = planApp(appOf(same, two), [old], settings);
    assert.deepEqual(tell(begun, [old]), { keep: ['v1 web.1 as v1'], start: ['v2 web.2'], route: ['v1 web.1'], state: 'up', rollout: 'progressing' });
    const plan = planApp(appOf(same, two), [old, replica(same, two, 2, { status: 'BACKING_OFF', restarts: 2, exitCode: 1, exitReason: 'exited' })], settings);
    assert.deepEqual(tell(plan, [old]), { keep: ['v1 web.1 as v1'], start: [], route: ['v1 web.1'], state: 'up', rollout: 'failed' });
  });

  it('tells the exit code', () => {
    const plan = planApp(appOf(v1, web), [replica(v1, web, 1, { status: 'BACKING_OFF', restarts: 2, exitCode: 3, exitReason: 'exited' })], settings);
    assert.ok(plan.rollout.status === 'failed');
    assert.equal(plan.rollout.exitCode, 3);
    assert.equal(plan.route.state, 'crashed');
  });

  it('is looked at again when the time to bind the port is over', () => {
    const plan = planApp(appOf(v2, web), [replica(v1, web, 1), starting(now - 20_000)], settings);
    assert.equal(plan.rollout.status, 'progressing');
    assert.equal(plan.lookAgainAt, now + 40_000);
    assert.equal(planApp(appOf(v2, worker), [replica(v2, worker, 1, { status: 'STARTING' })], settings).lookAgainAt, null);
  });
});
