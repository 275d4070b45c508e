import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { freePort } from './free-port.ts';
import type { Scope } from './temp.ts';

export interface FakeRegistryOptions {
  auth?: 'none' | 'basic' | 'bearer';
  /** As Distribution's storage.delete.enabled. */
  deletes?: boolean;
  /** It gives no more tags at once, whatever it is asked for. */
  pageSize?: number;
}

/** An image registry as Distribution is one, as far as listing and deleting go: pages by Link, deletion by digest alone, tokens for just one kind of call. */
export interface FakeRegistry {
  /** `host:port` */
  host: string;
  options: FakeRegistryOptions;
  /** `<method> <path>` of all calls but the token service's, and the status of each. */
  calls: { what: string; status: number }[];
  /** Stores a manifest under these tags. */
  push(repository: string, ...tags: string[]): void;
  /** All tags of all repositories, as `<repository>:<tag>`. */
  tags(): string[];
  /** Called before each answer, with `<method> <path>`. */
  before: ((what: string) => void) | null;
  /** Every call is answered with this status; null: as it should be. */
  fails: number | null;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export const registryLogin = { username: 'builder', password: 'p:ss' };
const asBasic = `Basic ${Buffer.from('builder:p:ss').toString('base64')}`;

interface Answer { status: number; headers?: Record<string, string>; body?: object }

const refusal = (status: number, code: string): Answer => ({ status, body: { errors: [{ code, message: code.toLowerCase() }] } });

export async function startFakeRegistry(scope: Scope, options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const repositories = new Map<string, { manifests: Set<string>; tags: Map<string, string> }>();
  let server: Server | undefined;
  const port = await freePort();
  let pushed = 0;

  const challenge = (repository: string, action: string): Answer => ({
    ...refusal(401, 'UNAUTHORIZED'),
    headers: { 'www-authenticate': options.auth === 'basic' ? 'Basic realm="fake"' : `Bearer realm="http://${self.host}/token",service="fake",scope="repository:${repository}:${action}"` },
  });
  const isAllowed = (authorization: string | undefined, repository: string, action: string): boolean =>
    (options.auth ?? 'none') === 'none' || authorization === (options.auth === 'basic' ? asBasic : `Bearer repository:${repository}:${action}`);

  const listTags = (repository: string, url: URL): Answer => {
    const found = repositories.get(repository);
    if (!found || found.tags.size === 0) return refusal(404, 'NAME_UNKNOWN');
    const rest = [...found.tags.keys()].sort().filter((tag) => tag > (url.searchParams.get('last') ?? ''));
    const tags = rest.slice(0, Math.min(options.pageSize ?? Infinity, Number(url.searchParams.get('n') ?? 1000)));
    const link = `</v2/${repository}/tags/list?last=${tags.at(-1)}&n=${tags.length}>; rel="next"`;
    return { status: 200, ...(rest.length > tags.length ? { headers: { link } } : {}), body: { name: repository, tags } };
  };
  const manifest = (method: string, repository: string, reference: string): Answer => {
    const found = repositories.get(repository);
    const digest = found?.tags.get(reference) ?? reference;
    if (method === 'DELETE' && (options.deletes === false || !reference.startsWith('sha256:'))) return refusal(405, 'UNSUPPORTED');
    if (!found?.manifests.has(digest)) return refusal(404, 'MANIFEST_UNKNOWN');
    if (method !== 'DELETE') return { status: 200, headers: { 'docker-content-digest': digest } };
    found.manifests.delete(digest);
    for (const [tag, of] of found.tags) if (of === digest) found.tags.delete(tag);
    return { status: 202 };
  };
  const answer = (request: IncomingMessage, url: URL): Answer => {
    if (self.fails !== null) return { status: self.fails };
    const method = request.method ?? 'GET';
    const [, repository = '', kind, reference = ''] = /^\/v2\/(.+)\/(tags|manifests)\/([^/]+)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const action = method === 'DELETE' ? 'delete' : 'pull';
    if (!isAllowed(request.headers.authorization, repository, action)) return challenge(repository, action);
    return kind === 'tags' ? listTags(repository, url) : manifest(method, repository, reference);
  };
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://fake');
    const send = ({ status, headers = {}, body }: Answer): void => { response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body && request.method !== 'HEAD' ? JSON.stringify(body) : undefined); };
    if (url.pathname === '/token') {
      if (request.headers.authorization === asBasic) send({ status: 200, body: { token: url.searchParams.get('scope') ?? '', expires_in: 300 } }); else send({ status: 401 });
      return;
    }
    const what = `${request.method} ${url.pathname}`;
    self.before?.(what);
    const given = answer(request, url);
    self.calls.push({ what, status: given.status });
    send(given);
  };
  const self: FakeRegistry = {
    host: `127.0.0.1:${port}`, options, calls: [], fails: null, before: null,
    push: (repository, ...tags) => {
      const known = repositories.get(repository) ?? { manifests: new Set<string>(), tags: new Map<string, string>() };
      const digest = `sha256:${createHash('sha256').update(String(++pushed)).digest('hex')}`;
      known.manifests.add(digest);
      for (const tag of tags) known.tags.set(tag, digest);
      repositories.set(repository, known);
    },
    tags: () => [...repositories].flatMap(([repository, { tags }]) => [...tags.keys()].map((tag) => `${repository}:${tag}`)).sort(),
    start: async () => {
      const own = createServer(serve);
      server = own;
      await new Promise<void>((resolve, reject) => { own.once('error', reject).listen(port, '127.0.0.1', resolve); });
    },
    stop: async () => {
      const own = server;
      server = undefined;
      if (own) await new Promise((resolve) => { own.close(resolve); own.closeAllConnections(); });
    },
  };
  await self.start();
  scope.after(() => self.stop());
  return self;
}
