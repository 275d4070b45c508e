import { createServer } from 'node:http2';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kinds } from '../../cluster/kubernetes/kinds.ts';
import type { Kind } from '../../cluster/kubernetes/kinds.ts';
import { createFakeStore } from './fake-kube-store.ts';
import type { FakeStore, StoredObject } from './fake-kube-store.ts';
import { playWorkloads } from './fake-kube-workloads.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';

export interface FakeRequest { /** The port at the other end: who asked. */ client: number; method: string; path: string; kind: Kind; namespace: string | null; name: string | null; query: URLSearchParams }

/** An API server without a cluster, spoken to over HTTP/2 by the real client: lists by pages, watches with bookmarks, server-side apply, and Deployments whose pods are up at once. */
export interface FakeKube {
  kubeconfig: string;
  store: FakeStore;
  /** All requests so far; watches are those with `watch` in their query. */
  requests: FakeRequest[];
  /** Of one kind, or of all. */
  openWatches(kind?: Kind): number;
  /** Watches that are open bring nothing any more, and stay open; those that are opened later work. */
  silenceWatches(): void;
  /** Ends all connections, and with them all watches. */
  disconnect(): void;
  /** While set, asked of each request: an answer of its own (a status), or a promise that is waited for first. */
  intercept: ((request: FakeRequest) => { status: number; retryAfter?: number } | Promise<void> | null) | null;
}

interface Watch { kind: Kind; stream: ServerHttp2Stream; silent: boolean; end(): void }

export interface FakeKubeOptions { bookmarkMs?: number }

export async function startFakeKube(scope: Scope, { bookmarkMs = 60_000 }: FakeKubeOptions = {}): Promise<FakeKube> {
  const store = createFakeStore();
  const watches = new Set<Watch>();
  const sessions = new Set<Http2Session>();
  const server = createServer({ settings: { maxConcurrentStreams: 250 } });
  server.on('session', (session) => { sessions.add(session); session.once('close', () => { sessions.delete(session); }); });
  const kube: Omit<FakeKube, 'kubeconfig'> = {
    store, requests: [], intercept: null,
    openWatches: (kind) => (kind === undefined ? watches.size : [...watches].filter((watch) => watch.kind === kind).length),
    silenceWatches: () => { for (const watch of watches) watch.silent = true; },
    disconnect: () => {
      for (const watch of watches) watch.end();
      for (const session of sessions) session.destroy();
    },
  };
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    let body = '';
    stream.on('data', (chunk: Buffer) => { body += chunk.toString(); });
    stream.on('end', () => {
      const request: FakeRequest = { client: stream.session?.socket.remotePort ?? 0, ...parsePath(headers[':method'] ?? 'GET', headers[':path'] ?? '') };
      kube.requests.push(request);
      void answer(request, body, stream);
    });
  });
  const answer = async (request: FakeRequest, body: string, stream: ServerHttp2Stream): Promise<void> => {
    const intercepted = kube.intercept?.(request) ?? null;
    if (intercepted && 'status' in intercepted) { refuse(stream, intercepted.status, 'Intercepted', intercepted.retryAfter); return; }
    await intercepted;
    if (stream.destroyed) return;
    if (request.query.has('watch')) openWatch(request, stream);
    else respond(stream, store, request, body);
  };
  const openWatch = ({ kind, namespace, query }: FakeRequest, stream: ServerHttp2Stream): void => {
    const matches = labelMatcher(query.get('labelSelector'));
    const missed = store.since(kind, namespace, Number(query.get('resourceVersion')));
    if (missed === null) { refuse(stream, 410, 'Expired'); return; }
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    const send = (type: string, object: object): void => { if (!watch.silent && !stream.destroyed) stream.write(`${JSON.stringify({ type, object })}\n`); };
    const unlisten = store.listen(kind, namespace, ({ type, object }) => { if (matches(object)) send(type, object); });
    const bookmark = (): void => { send('BOOKMARK', { kind, apiVersion: kinds[kind].apiVersion, metadata: { resourceVersion: String(store.version()) } }); };
    const timer = setInterval(bookmark, bookmarkMs);
    const limit = setTimeout(() => { stream.end(); }, Number(query.get('timeoutSeconds') ?? 3600) * 1000);
    const watch: Watch = { kind, stream, silent: false, end: () => { clearInterval(timer); clearTimeout(limit); unlisten(); watches.delete(watch); } };
    watches.add(watch);
    stream.once('close', () => { watch.end(); });
    for (const { type, object } of missed) if (matches(object)) send(type, object);
  };
  playWorkloads(store);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  scope.after(async () => {
    for (const watch of watches) watch.end();
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => { server.close(resolve); });
  });
  const kubeconfig = join(await makeTemp(scope, 'slip-kube-'), 'kubeconfig');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(kubeconfig, JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'fake', contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    clusters: [{ name: 'fake', cluster: { server: url, 'insecure-skip-tls-verify': true } }], users: [{ name: 'fake', user: { token: 'fake' } }],
  }));
  return Object.assign(kube, { kubeconfig });
}

const kindOfPlural = new Map(Object.entries(kinds).map(([kind, { apiVersion, plural }]) => [`${apiVersion}/${plural}`, kind as Kind]));

function parsePath(method: string, target: string): Omit<FakeRequest, 'client'> {
  const url = new URL(target, 'http://fake');
  const [, apiVersion = '', namespace, plural = '', name] = /^\/apis?\/((?:[^/]+\/)?v[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
  const kind = kindOfPlural.get(`${apiVersion}/${plural}`);
  if (!kind) throw new Error(`The fake API server knows no ${target}.`);
  return { method, path: url.pathname, kind, namespace: namespace ?? null, name: name ?? null, query: url.searchParams };
}

function respond(stream: ServerHttp2Stream, store: FakeStore, request: FakeRequest, body: string): void {
  const { method, kind, namespace, name, query } = request;
  if (method === 'GET' && name === null) { reply(stream, 200, listPage(store, request)); return; }
  if (name === null) {
    const matches = labelMatcher(query.get('labelSelector'));
    for (const { metadata } of store.list(kind, namespace).filter(matches)) store.remove(kind, namespace, metadata.name);
    reply(stream, 200, {});
    return;
  }
  const isApply = method === 'PATCH' && query.has('force');
  if (isApply && namespace !== null && !store.get('Namespace', null, namespace)) { refuse(stream, 404, 'NotFound'); return; }
  const object = method === 'GET' ? store.get(kind, namespace, name)
    : method === 'DELETE' ? store.remove(kind, namespace, name)
    : isApply ? store.apply(JSON.parse(body) as Record<string, unknown>) : store.merge(kind, namespace, name, JSON.parse(body) as object);
  if (object) reply(stream, 200, object); else refuse(stream, 404, 'NotFound');
}

function listPage(store: FakeStore, { kind, namespace, query }: FakeRequest): object {
  const all = store.list(kind, namespace).filter(labelMatcher(query.get('labelSelector')));
  const from = Number(query.get('continue') ?? 0);
  const to = from + Number(query.get('limit') ?? all.length);
  return { kind: `${kind}List`, apiVersion: kinds[kind].apiVersion, metadata: { resourceVersion: String(store.version()), ...(to < all.length ? { continue: String(to) } : {}) }, items: all.slice(from, to) };
}

/** As much of label selectors as we use: `a=b` and `a`, with commas between them. */
function labelMatcher(selector: string | null): (object: StoredObject) => boolean {
  const terms = (selector ?? '').split(',').filter((term) => term !== '').map((term) => term.split('='));
  return ({ metadata: { labels = {} } }) => terms.every(([key = '', value]) => (value === undefined ? key in labels : labels[key] === value));
}

function reply(stream: ServerHttp2Stream, status: number, body: object, more: Record<string, string> = {}): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': status, 'content-type': 'application/json', ...more });
  stream.end(JSON.stringify(body));
}

function refuse(stream: ServerHttp2Stream, status: number, reason: string, retryAfter?: number): void {
  reply(stream, status, { kind: 'Status', status: 'Failure', reason, code: status, message: reason }, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
}
