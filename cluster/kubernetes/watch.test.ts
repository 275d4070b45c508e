import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { startFakeKube } from '../../test/kit/fake-kube.ts';
import type { FakeKube } from '../../test/kit/fake-kube.ts';
import { until } from '../../test/kit/wait.ts';
import { connectKube, KubeError } from './api.ts';
import type { KubeApi } from './api.ts';

const within = 60_000;

/** The real client against an API server that misbehaves when told to. */
describe('the client of an API server that misbehaves', () => {
  const cleanups: (() => unknown)[] = [];
  let kube: FakeKube;
  let api: KubeApi;
  let mayWrite = true;

  beforeEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    mayWrite = true;
    kube = await startFakeKube({ after: (fn) => { cleanups.push(fn); } }, { bookmarkMs: 50 });
    api = connectKube({ kubeconfig: kube.kubeconfig, beforeWrite: () => { if (!mayWrite) throw new Error('not any more'); }, timing: { silenceMs: 1_000, relistMs: 3_600_000, pauseMs: 20 } });
    cleanups.push(() => { api.close(); });
    kube.store.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const put = (name: string, value: string): void => { kube.store.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'n', name }, data: { value } }); };
  const lists = (): number => kube.requests.filter(({ kind, query, name }) => kind === 'ConfigMap' && name === null && !query.has('watch')).length;
  const watches = (): number => kube.requests.filter(({ query }) => query.has('watch')).length;
  /** What is there, as a watch tells it. */
  const follow = (): Map<string, string> => {
    const seen = new Map<string, string>();
    const over = new AbortController();
    cleanups.push(() => { over.abort(); });
    const store = ({ metadata, data }: V1ConfigMap): void => { seen.set(metadata?.name ?? '', data?.value ?? ''); };
    api.watch<V1ConfigMap>('ConfigMap', 'n', {}, { synced: (all) => { seen.clear(); all.forEach(store); }, changed: store, deleted: ({ metadata }) => { seen.delete(metadata?.name ?? ''); } }, over.signal);
    return seen;
  };
  const sees = async (seen: Map<string, string>): Promise<void> => {
    const there = (): [string, string][] => kube.store.list('ConfigMap', 'n').map(({ metadata, data }) => [metadata.name, String((data as { value?: string } | undefined)?.value)]);
    const inOrder = (pairs: [string, string][]): string[] => pairs.map(String).sort();
    await until(() => { assert.deepEqual(inOrder([...seen]), inOrder(there())); return true; }, { within, what: () => `the watch sees ${JSON.stringify(there())}, not ${JSON.stringify([...seen])}` });
  };

  it('tells what is there and each change', async () => {
    put('a', '1');
    const seen = follow();
    await sees(seen);
    put('b', '1');
    put('a', '2');
    await sees(seen);
    kube.store.remove('ConfigMap', 'n', 'a');
    await sees(seen);
    assert.equal(lists(), 1);
  });

  it('goes on where it was after the connection is lost, with no new list', async () => {
    const seen = follow();
    await until(() => kube.openWatches() === 1, { within, what: () => 'a watch' });
    kube.disconnect();
    put('a', '1');
    await sees(seen);
    assert.equal(lists(), 1);
  });

  it('notices a watch that is open and brings nothing, not even bookmarks', async () => {
    const seen = follow();
    await until(() => kube.openWatches() === 1, { within, what: () => 'a watch' });
    kube.silenceWatches();
    put('a', '1');
    await sees(seen);
    assert.equal(lists(), 1);
  });

  it('lists anew when what it goes on from is forgotten', async () => {
    put('a', '1');
    const seen = follow();
    await until(() => kube.openWatches() === 1, { within, what: () => 'a watch' });
    kube.intercept = ({ query }) => (query.has('watch') ? { status: 503 } : null);
    kube.disconnect();
    kube.store.remove('ConfigMap', 'n', 'a');
    put('b', '1');
    kube.store.forget();
    kube.intercept = null;
    await sees(seen);
    assert.equal(lists(), 2);
  });

  it('a quiet watch stays: bookmarks keep it alive', async () => {
    follow();
    await until(() => kube.openWatches() === 1, { within, what: () => 'a watch' });
    // Where this process stood still for longer than that deadline, the watch is another one, which has to stay as long.
    let [count, since] = [watches(), performance.now()];
    await until(() => {
      if (watches() !== count) [count, since] = [watches(), performance.now()];
      return performance.now() > since + 3_000;
    }, { within, what: () => `a watch stays for three times the deadline for silence; there were ${watches()}` });
  });

  it('waits as long as the API server asks when there are too many requests', async () => {
    const asked: number[] = [];
    kube.intercept = () => { asked.push(performance.now()); return asked.length < 3 ? { status: 429, retryAfter: 1 } : null; };
    assert.equal(await api.get('ConfigMap', 'n', 'a'), null);
    for (const [index, at] of asked.slice(1).entries()) assert.ok(at - (asked[index] ?? 0) >= 990);
    assert.equal(asked.length, 3);
  });

  it('gives up where that is too long, and says how long', async () => {
    kube.intercept = () => ({ status: 429, retryAfter: 60 });
    await assert.rejects(api.get('ConfigMap', 'n', 'a'), (error) => error instanceof KubeError && error.status === 429 && error.retryAfterSeconds === 60);
    const before = kube.requests.length;
    await assert.rejects(api.get('ConfigMap', 'n', 'b'), (error) => error instanceof KubeError && error.status === 429);
    assert.equal(kube.requests.length, before);
  });

  it('sends no change once it may not, nor tries one again', async () => {
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'n', name: 'a' }, data: { value: '1' } };
    kube.intercept = () => { mayWrite = false; return { status: 503 }; };
    await assert.rejects(api.apply(map), /not any more/);
    kube.intercept = null;
    for (const write of [() => api.apply(map), () => api.patch('ConfigMap', 'n', 'a', {}), () => api.remove('ConfigMap', 'n', 'a'), () => api.removeAll('ConfigMap', 'n', 'a=b')]) await assert.rejects(write, /not any more/);
    assert.equal(kube.requests.filter(({ method }) => method !== 'GET').length, 1);
    assert.equal(await api.get('ConfigMap', 'n', 'a'), null);
  });

  it('reads a list of many pages, and from its beginning where its moment is forgotten meanwhile', async () => {
    for (let i = 0; i < 1_200; i++) put(`c${i}`, '1');
    let expired = false;
    kube.intercept = ({ query }) => { if (!query.has('continue') || expired) return null; expired = true; return { status: 410 }; };
    assert.equal((await api.list('ConfigMap', 'n')).length, 1_200);
    assert.equal(lists(), 5);
  });
});
