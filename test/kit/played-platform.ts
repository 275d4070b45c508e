import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { accessChanged, eventsWritten } from '../../bus/app.ts';
import { answer, BusError, notify } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { logSubject } from '../../bus/log.ts';
import type { LogBatch } from '../../bus/log.ts';
import { getLastLogBatch, makeLogStream, publishLogBatch } from '../../bus/log-store.ts';
import { pushAuthorize, pushHeld, pushMoved, pushRequestBuild, pushSource, pushState, pushUnfinished } from '../../bus/push.ts';
import type { DeployState } from '../../bus/push.ts';
import type { Scope } from './temp.ts';
import { until } from './wait.ts';

type Build = DeployState['build'];
type Release = NonNullable<DeployState['release']>;

/** One build that was asked for, and what the test makes of it. */
export interface PlayedBuild {
  state: DeployState;
  request: { buildId: string; commit: string; branch: string; message: string; sourceDigest: string; clean: boolean; userId: string };
  moved: boolean;
  /** Lines of its log; `end`: they are the last. */
  log(lines: string[], more?: Partial<LogBatch>): Promise<void>;
  /** Changes its rows, and tells the server. */
  set(build: Partial<Build>): void;
  release(release: Partial<Release>): void;
  /** Queue, run, succeed, live: with these lines. */
  goLive(lines?: string[]): Promise<void>;
}

/** The rest of the platform as the git server sees it: the gateway's answers and log streams on a real bus, source storage by HTTP. */
export interface PlayedPlatform {
  builds: PlayedBuild[];
  /** Who may push where, by the secret of the key. */
  keys: Map<string, { apps: string[]; movedTo?: string }>;
  appId(name: string): string;
  /** The n-th build that was asked for (from 1), once it was. */
  build(n: number): Promise<PlayedBuild>;
  /** What is done with each build by itself. */
  onBuild: ((build: PlayedBuild) => unknown) | null;
  /** Files of a stored source (see readTar). */
  files(digest: string): Promise<Map<string, string>>;
  /** Awaited before each answer. */
  onAsk: ((subject: string, payload: { buildId?: string }) => Promise<void> | void) | null;
  /** Why what was allowed before is not any more; null: it is. */
  refused: { code: string; message: string } | null;
  /** Tells the server that access has changed. */
  tellAccess(): void;
  /** Where the server said that each request came from. */
  addresses: (string | null)[];
  /** While true, the gateway answers that its database is away. */
  databaseAway: boolean;
  /** Storage answers with this status. */
  storageStatus: number;
}

const failed = { reason: 'BUILD_COMMAND_FAILED', message: 'npm ci failed', hint: null, lines: [] };

export async function playPlatform(scope: Scope, bus: Bus, dir: string): Promise<PlayedPlatform> {
  const appIds = new Map<string, string>();
  const storage = await startStorage(scope, dir, () => self.storageStatus);
  const self: PlayedPlatform = {
    builds: [], keys: new Map(), onBuild: null, onAsk: null, refused: null, addresses: [], databaseAway: false, storageStatus: 201,
    appId: (name) => {
      const known = appIds.get(name) ?? uuid(`app ${name}`);
      appIds.set(name, known);
      return known;
    },
    tellAccess: () => { notify(bus, accessChanged, { userId: uuid('user'), apiKeyId: uuid('key'), sessionId: null }); },
    build: async (n) => {
      await until(() => self.builds.length >= n, { within: 60_000, what: () => `build ${n} is asked for` });
      return self.builds[n - 1] as PlayedBuild;
    },
    files: (digest) => readTar(createReadStream(join(dir, digest))),
  };
  const guarded = <Q extends object, A>({ subject }: { subject: string }, handle: (payload: Q) => A | Promise<A>) => async (payload: Q): Promise<A> => {
    await self.onAsk?.(subject, payload);
    if (self.databaseAway) throw new BusError('UNAVAILABLE', 'The database is away; try again.');
    return handle(payload);
  };
  const find = (buildId: string): PlayedBuild => {
    const found = self.builds.find(({ state }) => state.build.id === buildId);
    if (!found) throw new BusError('NOT_FOUND', 'There is no such build.');
    return found;
  };
  const onError = (error: unknown): void => { throw error; };
  answer(bus, pushAuthorize, guarded(pushAuthorize, ({ keyHash, app, address }) => {
    self.addresses.push(address);
    const [, key] = [...self.keys].find(([secret]) => createHash('sha256').update(secret).digest('hex') === keyHash) ?? [];
    if (!key) throw new BusError('UNAUTHENTICATED', 'This API key is not known, has expired, or was revoked.');
    if (!key.apps.includes(app)) throw new BusError('NOT_FOUND', `There is no app "${app}", or you may not see it.`);
    return { userId: uuid('user'), email: 'ann@example.org', apiKeyId: uuid('key'), appId: self.appId(app), appName: app, movedTo: key.movedTo ?? null };
  }), onError);
  answer(bus, pushHeld, guarded(pushHeld, ({ appId }) => {
    if (self.refused) throw new BusError(self.refused.code, self.refused.message);
    if (![...self.keys.values()].some(({ apps }) => apps.some((app) => self.appId(app) === appId))) throw new BusError('NOT_FOUND', 'There is no such app, or you may not see it.');
    return {};
  }), onError);
  answer(bus, pushSource, guarded(pushSource, () => ({ putUrl: storage })), onError);
  answer(bus, pushRequestBuild, guarded(pushRequestBuild, async (request) => {
    const known = self.builds.find(({ state }) => state.build.id === request.buildId);
    if (known) return known.state;
    await makeLogStream(bus, request.appId, 10_000_000);
    const build = playBuild(bus, request, self.builds.length + 1);
    self.builds.push(build);
    void Promise.resolve(self.onBuild?.(build)).catch(onError);
    return build.state;
  }), onError);
  answer(bus, pushState, guarded(pushState, ({ buildId }) => {
    const { state } = find(buildId);
    const overtaken = self.builds.some(({ moved, state: { build } }) => moved && build.appId === state.build.appId && build.branch === state.build.branch && build.number > state.build.number);
    return { ...state, build: { ...state.build, overtaken } };
  }), onError);
  answer(bus, pushUnfinished, guarded(pushUnfinished, () => ({
    deploys: self.builds.filter(({ state: { build, release }, moved }) => ['QUEUED', 'RUNNING'].includes(build.status) || (build.status === 'SUCCEEDED' && !moved && ['PENDING', 'ROLLING_OUT', 'LIVE'].includes(release?.status ?? '')))
      .map(({ state: { build } }) => ({ buildId: build.id, appId: build.appId, commit: build.commit, branch: build.branch, status: build.status })),
  })), onError);
  answer(bus, pushMoved, guarded(pushMoved, ({ buildId }) => { find(buildId).moved = true; return {}; }), onError);
  return self;
}

function playBuild(bus: Bus, request: PlayedBuild['request'] & { appId: string }, number: number): PlayedBuild {
  const { buildId, appId, commit, branch } = request;
  const subject = logSubject(appId, 'BUILD', buildId);
  const tell = (): void => { notify(bus, eventsWritten, { appId, number: 1 }); };
  let written = 0;
  const self: PlayedBuild = {
    request, moved: false,
    state: { build: { id: buildId, appId, number, commit, branch, status: 'QUEUED', supersededBy: null, failure: null, overtaken: false }, release: null },
    log: async (lines, more = {}) => {
      const last = await getLastLogBatch(bus, appId, subject);
      const batch: LogBatch = {
        source: 'BUILD', process: null, replica: null, release: null, build: buildId, lines: lines.map((text) => [0, 'o', 'i', text]),
        position: { n: written + lines.length, s: written }, ...more,
      };
      written += lines.length;
      await publishLogBatch(bus, subject, JSON.stringify(batch), last?.seq ?? 0);
    },
    set: (build) => {
      Object.assign(self.state.build, build.status === 'FAILED' ? { failure: failed, ...build } : build);
      if (build.status === 'SUCCEEDED') self.release({ status: 'PENDING' });
      tell();
    },
    release: (release) => {
      self.state.release = { id: uuid(`release ${buildId}`), version: number, status: 'PENDING', failure: null, rolledBack: null, url: 'http://blog.localhost', ...self.state.release, ...release };
      tell();
    },
    goLive: async (lines = ['compiling']) => {
      self.set({ status: 'RUNNING' });
      await self.log(lines);
      await self.log([], { end: true });
      self.set({ status: 'SUCCEEDED' });
      self.release({ status: 'LIVE' });
    },
  };
  return self;
}

/** The same text gives the same id. */
function uuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function startStorage(scope: Scope, dir: string, status: () => number): Promise<string> {
  let count = 0;
  const server = createServer((request, response) => {
    if (status() !== 201) { request.resume(); response.writeHead(status()).end(); return; }
    const path = join(dir, `upload-${++count}`);
    const hash = createHash('sha256');
    request.on('data', (chunk: Buffer) => { hash.update(chunk); });
    pipeline(request, createWriteStream(path)).then(async () => {
      const digest = hash.digest('hex');
      await rename(path, join(dir, digest));
      response.writeHead(201).end(JSON.stringify({ digest, size: 1 }));
    }, () => { response.destroy(); });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  scope.after(() => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/sources`;
}

/** Its files: path → content (a `*` after the path: executable), or `-> target` of a link. */
export async function readTar(tar: Readable): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const reader = extract();
  const read = pipeline(tar, reader);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, type, linkname, mode } = entry.header;
    if (type === 'symlink') files.set(name, `-> ${linkname ?? ''}`);
    else if (type === 'file') files.set(mode & 0o100 ? `${name}*` : name, Buffer.concat(chunks).toString('latin1'));
  }
  await read;
  return files;
}
