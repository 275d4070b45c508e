import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import pino from 'pino';
import { answer } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import type { LogBatch } from '../../bus/log.ts';
import { logEnsure } from '../../bus/log.ts';
import { makeLogStream } from '../../bus/log-store.ts';
import { connectKube } from '../../cluster/kubernetes/api.ts';
import type { KubeApi } from '../../cluster/kubernetes/api.ts';
import { createKubernetesLogSources } from '../../cluster/kubernetes/log-sources.ts';
import { startLogAgent } from '../../log-agent/agent.ts';
import { takeTurn } from '../kit/cluster/turn.ts';
import { startNats } from '../kit/nats.ts';
import { readStoredLog } from '../kit/stored-log.ts';
import { makeTemp } from '../kit/temp.ts';
import { until } from '../kit/wait.ts';

/** Runs beside the node's kubelet: it reads the files that the kubelet and its runtime write. */
describe('the lines of pods on a node', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  const stopping = new AbortController();
  const appId = randomUUID();
  const namespace = `slipway-app-${appId}`;
  let api: KubeApi;
  let gateway: Bus;
  before(async () => {
    await takeTurn(scope);
    api = connectKube({ kubeconfig: process.env.KUBECONFIG ?? null });
    const nats = await startNats(scope);
    gateway = await nats.bus('gateway');
    answer(gateway, logEnsure, async (wanted) => { await makeLogStream(gateway, wanted.appId, 64 * 1024 * 1024); return {}; }, () => undefined);
    await gateway.nc.flush();
    await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const [node] = await api.list('Node', null);
    const agent = await startLogAgent({
      bus: await nats.bus('log-agent'), log: pino({ level: 'silent' }),
      sources: createKubernetesLogSources({
        api, podLogDir: '/var/log/pods', stateDir: await makeTemp(scope, 'slip-log-state-'), nodeName: node?.metadata?.name ?? '', signal: stopping.signal,
        names: { appNamespacePrefix: 'slipway-app-', buildsNamespace: 'no-builds', selector: 'app.kubernetes.io/managed-by=slipway' },
        ingress: { namespace: 'traefik', labels: 'app=traefik' },
      }),
    });
    scope.after(async () => {
      await agent.stop();
      stopping.abort();
      await api.remove('Namespace', null, namespace);
      api.close();
    });
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const labels = (process: string) => ({ 'app.kubernetes.io/managed-by': 'slipway', 'slipway.dev/app': appId, 'slipway.dev/process': process });
  const run = async (name: string, script: string, annotations: Record<string, string> = {}): Promise<string> => {
    const pod = await api.apply<V1Pod>({
      apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: labels(name), annotations },
      spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [{ name: 'app', image: 'docker.io/library/node:24', command: ['node', '-e', script] }] },
    });
    return pod.metadata?.uid ?? '';
  };
  const read = (): Promise<LogBatch[]> => readStoredLog(gateway, appId);
  const linesOf = (batches: LogBatch[], process: string) => batches.filter((batch) => batch.process === process).flatMap(({ lines }) => lines.map((line) => line[3]));

  it('come from a pod that lives for a moment, with its number and release, and its end', async () => {
    await run('worker', 'console.log("hello"); console.error("oops")', { 'slipway.dev/index': '1', 'slipway.dev/release': '5' });
    await until(async () => (await read()).some((batch) => batch.process === 'worker' && batch.end), { within: 180_000, what: () => 'the end has come' });
    const batches = await read();
    assert.deepEqual(linesOf(batches, 'worker').sort(), ['hello', 'oops']);
    const [first] = batches.filter(({ process }) => process === 'worker');
    assert.deepEqual([first?.replica, first?.release], ['worker.1', 5]);
  });

  it('are all there of a pod that is deleted while it writes', async () => {
    await run('clock', 'let n = 0; setInterval(() => console.log("tick " + n++), 2)', { 'slipway.dev/index': '1', 'slipway.dev/release': '5' });
    await until(async () => linesOf(await read(), 'clock').length > 500, { within: 180_000, what: () => 'it writes' });
    await api.remove('Pod', namespace, 'clock', { graceSeconds: 0 });
    await until(async () => (await read()).some((batch) => batch.process === 'clock' && batch.end), { within: 180_000, what: () => 'the end has come' });
    const batches = await read();
    const numbers = linesOf(batches, 'clock').map((text) => Number(text.split(' ')[1]));
    assert.deepEqual(numbers, numbers.map((_, index) => index));
    assert.deepEqual(batches.filter(({ gap, process }) => gap && process === 'clock'), []);
  });

  it('are not taken from a pod that only says it is ours', async () => {
    await api.apply({
      apiVersion: 'v1', kind: 'Pod', metadata: { name: `liar-${appId}`, namespace: 'default', labels: labels('liar') },
      spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'docker.io/library/node:24', command: ['node', '-e', 'console.log("not yours")'] }] },
    });
    try {
      await until(async () => (await api.get<V1Pod>('Pod', 'default', `liar-${appId}`))?.status?.phase === 'Succeeded', { within: 180_000, what: () => 'it has ended' });
      await run('honest', 'console.log("mine")', { 'slipway.dev/index': '1', 'slipway.dev/release': '5' });
      await until(async () => linesOf(await read(), 'honest').length === 1, { within: 180_000, what: () => 'another one\'s line has come' });
      assert.deepEqual(linesOf(await read(), 'liar'), []);
    } finally {
      await api.remove('Pod', 'default', `liar-${appId}`);
    }
  });

  it('tell of requests by the Ingress controller\'s access log', async () => {
    await run('web', 'require("http").createServer((q, r) => r.end("hi")).listen(8080)', { 'slipway.dev/index': '1', 'slipway.dev/release': '6' });
    await api.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace }, spec: { selector: labels('web'), ports: [{ port: 80, targetPort: 8080 }] } });
    const host = `${appId}.example.test`;
    await api.apply({
      apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web', namespace },
      spec: { ingressClassName: 'traefik', rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } }] },
    });
    const ask = (path: string): string => execFileSync('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `Host: ${host}`, `http://${process.env.INGRESS}${path}`], { encoding: 'utf8' });
    await until(() => ask('/first') === '200', { within: 180_000, what: () => 'the app answers' });
    ask('/second?token=secret');
    await until(async () => linesOf(await read(), 'router').some((text) => text.includes('path="/second"')), { within: 60_000, what: () => 'the request is told' });
    const line = linesOf(await read(), 'router').find((text) => text.includes('/second')) ?? '';
    assert.match(line, /^method=GET path="\/second" host=".*" .*replica=web\.1 release=v6 .*status=200/);
    assert.doesNotMatch(line, /secret/);
  });
});
