import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { V1ConfigMap, V1Namespace, V1Pod } from '@kubernetes/client-node';
import { connectKube, KubeError } from '../../cluster/kubernetes/api.ts';
import type { KubeApi } from '../../cluster/kubernetes/api.ts';
import { takeTurn } from '../kit/cluster/turn.ts';
import { until } from '../kit/wait.ts';

/** The client against a real API server. */
describe('the Kubernetes client', () => {
  const namespace = `kapi-${randomBytes(4).toString('hex')}`;
  let api: KubeApi;
  let leave = (): Promise<void> => Promise.resolve();

  before(async () => {
    await takeTurn({ after: (fn) => { leave = fn; } });
    api = connectKube({ kubeconfig: process.env.KUBECONFIG ?? null });
    await api.apply<V1Namespace>({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await until(async () => (await api.get('ServiceAccount', namespace, 'default')) !== null, { within: 60_000, what: () => 'the default service account' });
  });
  after(async () => { await api.remove('Namespace', null, namespace); api.close(); await leave(); });

  const configMap = (name: string, data: Record<string, string>, labels: Record<string, string> = {}): V1ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, labels }, data });
  const podOf = (name: string, script: string, stdin = false): V1Pod => ({
    apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name },
    spec: {
      restartPolicy: 'Never', automountServiceAccountToken: false, terminationGracePeriodSeconds: 1,
      containers: [{ name: 'app', image: 'debian:12', command: ['sh', '-c', script], stdin, stdinOnce: stdin }],
    },
  });

  it('applies, reads and removes objects; their times are dates', async () => {
    const applied = await api.apply(configMap('one', { a: '1' }));
    assert.equal(applied.data?.a, '1');
    assert.ok(applied.metadata?.creationTimestamp instanceof Date);
    assert.equal((await api.get<V1ConfigMap>('ConfigMap', namespace, 'one'))?.data?.a, '1');
    assert.equal((await api.patch<V1ConfigMap>('ConfigMap', namespace, 'one', { data: { b: '2' } }))?.data?.b, '2');
    assert.equal(await api.remove('ConfigMap', namespace, 'one'), true);
    assert.equal(await api.get('ConfigMap', namespace, 'one'), null);
    assert.equal(await api.remove('ConfigMap', namespace, 'one'), false);
    assert.equal(await api.patch('ConfigMap', namespace, 'one', { data: {} }), null);
  });

  it('applying the same again changes nothing, and what somebody else changed is put back', async () => {
    const first = await api.apply(configMap('drift', { a: '1' }));
    assert.equal((await api.apply(configMap('drift', { a: '1' }))).metadata?.resourceVersion, first.metadata?.resourceVersion);
    await api.patch('ConfigMap', namespace, 'drift', { data: { a: 'by hand' } });
    assert.equal((await api.apply(configMap('drift', { a: '1' }))).data?.a, '1');
  });

  it('lists by labels and removes by labels', async () => {
    for (const name of ['red-1', 'red-2']) await api.apply(configMap(name, {}, { color: 'red' }));
    await api.apply(configMap('blue-1', {}, { color: 'blue' }));
    const names = async (): Promise<string[]> => (await api.list('ConfigMap', namespace, { labels: 'color in (red, blue)' })).map(({ metadata }) => metadata?.name ?? '').sort();
    assert.deepEqual(await names(), ['blue-1', 'red-1', 'red-2']);
    await api.removeAll('ConfigMap', namespace, 'color=red');
    assert.deepEqual(await names(), ['blue-1']);
  });

  it('says what was refused, in Kubernetes\' words', async () => {
    await assert.rejects(api.apply(Object.assign(configMap('typo', {}), { dat: { a: '1' } })), (error) => error instanceof KubeError && /unknown field|field not declared/.test(error.message));
    await assert.rejects(api.apply(configMap('Not_A_Name', {})), (error) => error instanceof KubeError && error.status === 422 && error.reason === 'Invalid');
  });

  it('follows a log from its first line to the end of the container, and reads its last lines', async () => {
    await api.apply(podOf('lines', 'for i in 1 2 3 4 5; do echo "line $i"; sleep 0.2; done; printf "no line break"'));
    const lines: string[] = [];
    for await (const line of api.followPodLog(namespace, 'lines', 'app', AbortSignal.timeout(180_000))) lines.push(line);
    assert.deepEqual(lines, ['line 1', 'line 2', 'line 3', 'line 4', 'line 5', 'no line break']);
    assert.deepEqual(await api.podLog(namespace, 'lines', 'app', { tailLines: 2 }), ['line 5', 'no line break']);
    assert.deepEqual(await api.podLog(namespace, 'not-there', 'app', { tailLines: 2 }), []);
  });

  it('writes to a container\'s standard input and ends it', async () => {
    await api.apply(podOf('reader', 'cat | wc -c; echo end', true));
    await until(async () => (await api.get<V1Pod>('Pod', namespace, 'reader'))?.status?.phase === 'Running', { within: 180_000, what: () => 'the pod runs' });
    await api.attachStdin(namespace, 'reader', 'app', 'x'.repeat(300_000), AbortSignal.timeout(60_000));
    const lines: string[] = [];
    for await (const line of api.followPodLog(namespace, 'reader', 'app', AbortSignal.timeout(180_000))) lines.push(line.trim());
    assert.deepEqual(lines, ['300000', 'end']);
  });

  it('watches: what is there, and each change', async () => {
    await api.apply(configMap('watched-1', {}, { set: 'watched' }));
    const seen: string[] = [];
    const over = new AbortController();
    const name = ({ metadata }: V1ConfigMap): string => metadata?.name ?? '';
    api.watch<V1ConfigMap>('ConfigMap', namespace, { labels: 'set=watched' }, {
      synced: (all) => { seen.push(`synced ${all.map(name).join()}`); },
      changed: (object) => { seen.push(`changed ${name(object)} ${object.data?.a}`); },
      deleted: (object) => { seen.push(`deleted ${name(object)}`); },
    }, over.signal);
    const sees = (event: string): Promise<void> => until(() => seen.includes(event), { within: 60_000, what: () => `${event}; so far ${seen.join(', ')}` });
    await sees('synced watched-1');
    await api.apply(configMap('watched-2', { a: '1' }, { set: 'watched' }));
    await sees('changed watched-2 1');
    await api.remove('ConfigMap', namespace, 'watched-1');
    await sees('deleted watched-1');
    over.abort();
  });
});
