import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import type { TestApp } from '../kit/app.ts';
import { clusterEnvironment, installPlatform, tagAgain } from '../kit/cluster/install.ts';
import { kubectl } from '../kit/cluster/kubectl.ts';
import { killPods } from '../kit/cluster/slipway.ts';
import { takeTurnAlone } from '../kit/cluster/turn.ts';
import { startCollector } from '../kit/collector.ts';
import type { Collector } from '../kit/collector.ts';
import { AppState } from '../kit/documents.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import type { Slipway } from '../kit/slipway.ts';
import type { Scope } from '../kit/temp.ts';
import { startAsking, startTraffic } from '../kit/traffic.ts';
import { until } from '../kit/wait.ts';

describe('an upgrade, which is applying the next version', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let slipway: Slipway;
  let collector: Collector;
  let app: TestApp;
  /** Its build takes as many seconds as its file says. */
  let slow: TestApp;
  before(async () => {
    await takeTurnAlone(scope);
    slipway = await startSlipway(scope);
    // What is set before an upgrade, the pods of the next version have.
    collector = await collectTraces(scope);
    [app, slow] = await Promise.all([
      deployed(),
      deployed({ '.buildpacks': './pack\n', 'pack/bin/detect': '#!/bin/sh\necho slow\n', 'pack/bin/compile': '#!/bin/sh\nsleep "$(cat "$1/seconds")"\n', seconds: '0\n' }),
    ]);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const deployed = async (files: Record<string, string> = {}): Promise<TestApp> => {
    const made = await createApp(scope, slipway);
    await made.repository.commit(sampleApp('one', 'node', files));
    const push = await made.repository.push();
    assert.equal(push.code, 0, push.output);
    return made;
  };

  it('fails no request to an app or to the API, and a deploy that is in progress ends', async (t) => {
    const visitors = startTraffic(slipway, app.name, 2);
    const askers = startAsking(2, 20, () => slipway.query(AppState, { name: app.name }));
    t.after(() => Promise.all([visitors.stop(), askers.stop()]));
    await slow.repository.commit({ 'version.txt': 'two\n', seconds: '20\n' });
    const push = slow.repository.startPush();
    await slow.untilState('it builds', ({ builds: { nodes: [build] } }) => build?.status === 'RUNNING' && build.steps.some(({ kind }) => kind === 'COMPILE'));
    await installPlatform({ SLIPWAY_BUILDER_IMAGE: await tagAgain('platform') });
    const first = await push.ended;
    // Whoever watched through the old git server is told that it goes, and to push again.
    const { code, output } = first.code === 0 ? first : await slow.repository.push();
    assert.equal(code, 0, `${first.output}\n--- again\n${output}`);
    assert.equal(await slow.read(), 'version two ');
    const { releases } = await slow.state();
    assert.deepEqual(releases.nodes.map(({ version, reason, status }) => [version, reason, status]), [[2, 'DEPLOY', 'LIVE'], [1, 'DEPLOY', 'LIVE']]);
    await Promise.all([visitors.stop(), askers.stop()]);
    assert.deepEqual(visitors.failures, []);
    assert.deepEqual(askers.failures, []);
    assert.ok(visitors.count > 100 && askers.count > 100, `${visitors.count} requests to the app, ${askers.count} to the API`);
  });

  it('lets a push wait while the git server is away', async () => {
    await app.repository.commit({ 'version.txt': 'two\n' });
    await killPods('git');
    const { code, output } = await app.repository.push();
    assert.equal(code, 0, output);
    assert.equal(await app.read(), 'version two ');
  });

  it('gives all parts the collector that was set: it is told of a push as one trace', async () => {
    const traceId = randomBytes(16).toString('hex');
    await app.repository.commit({ 'version.txt': 'three\n' });
    await app.repository.git('config', 'http.extraHeader', `traceparent: 00-${traceId}-00f067aa0ba902b7-01`);
    const { code, output } = await app.repository.push();
    assert.equal(code, 0, output);
    const wanted: [string, RegExp][] = [
      ['git-proxy', /git/], ['git', /^push$/], ['gateway', /^answer push\.request-build$/], ['blobs', /blobs/], ['build', /^build$/], ['gateway', /^answer build\.finished$/], ['controller', /^reconcile$/],
    ];
    const told = (): [string, string][] => collector.spans.filter((span) => span.traceId === traceId).map(({ resource, name }) => [String(resource['slipway.process']), name]);
    const missing = (): string[] => wanted.filter(([process, name]) => !told().some(([by, span]) => by === process && name.test(span))).map(([process, name]) => `${process}: ${String(name)}`);
    await until(() => missing().length === 0, { within: 30_000, what: () => `${missing().join('; ')}; there are ${told().map((one) => one.join(': ')).sort().join('; ')}` });
  });
});

/** A collector that pods reach, set as docs/kubernetes.md says. */
async function collectTraces(scope: Scope): Promise<Collector> {
  const [host = ''] = clusterEnvironment().registry.split(':');
  const collector = await startCollector(scope, { host, port: 4318 });
  await kubectl('apply', '-f', 'k8s/components/tracing/network.yaml');
  scope.after(async () => { await kubectl('delete', '-f', 'k8s/components/tracing/network.yaml', '--ignore-not-found'); });
  for (const namespace of ['slipway', 'slipway-logs']) {
    await kubectl('create', 'configmap', 'slipway-tracing', '-n', namespace, `--from-literal=OTEL_EXPORTER_OTLP_ENDPOINT=${collector.url}`, '--from-literal=OTEL_BSP_SCHEDULE_DELAY=200');
    scope.after(async () => { await kubectl('delete', 'configmap', 'slipway-tracing', '-n', namespace, '--ignore-not-found'); });
  }
  return collector;
}
