import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import type { Client, ClientOptions } from 'graphql-ws';
import WebSocket from 'ws';
import { createDirectoryStore } from '../../blobs/directory.ts';
import { appChanged, eventsWritten, accessChanged } from '../../bus/app.ts';
import { onNotice } from '../../bus/ask.ts';
import { buildQueued } from '../../bus/build.ts';
import { ensureWork } from '../../bus/work.ts';
import { createEngine } from '../../gateway/engine.ts';
import { createHttp } from '../../gateway/http.ts';
import { createActors } from '../../gateway/actors.ts';
import type { Limits } from '../../gateway/limits.ts';
import { createMetrics } from '../../gateway/metrics.ts';
import type { ApiSettings } from '../../gateway/settings.ts';
import { createSecret } from '../../platform/key/api-key-secret.ts';
import type { KeyActor } from '../../platform/key/key-actor.ts';
import { createKeyRing } from '../../platform/encryption/key-ring.ts';
import type { PasswordCost } from '../../platform/account/password.ts';
import type { Platform, Registration } from '../../platform/platform.ts';
import { blobKeys, createSecretBox } from '../../platform/encryption/secret-box.ts';
import { createPrisma } from '../../prisma/client.ts';
import type { ApiKeyScope } from '../../prisma/generated/client/enums.ts';
import { createWakeUps } from '../../schema/wake-ups.ts';
import { listenOnSocket } from '../../service/listen.ts';
import { createLog } from '../../service/log.ts';
import { leave } from './api-client.ts';
import { startCut } from './cut.ts';
import type { Cut } from './cut.ts';
import { startNats } from './nats.ts';
import type { TestNats } from './nats.ts';
import { createDatabase } from './postgres.ts';
import { fetchAnswer } from './http-answer.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';

export interface HttpAnswer { status: number; headers: Record<string, string | string[] | undefined>; text: string }
export interface GraphqlAnswer<T> { status: number; data: T; errors?: { message: string; extensions: Record<string, unknown> }[]; extensions: { cost: { requested: number; remaining: number; resetAt: string } } }

/** A user with a key. */
export interface TestUser { actor: KeyActor; secret: string }

/** The gateway's HTTP side in this process, on a unix socket, with a real database and a real NATS server. */
export interface TestGateway {
  platform: Platform;
  nats: TestNats;
  /** The lines of its key file, newest first: what is put here it sees when it reads its keys again. */
  keys: Buffer[];
  /** Takes the database away, and gives it back. */
  database: Pick<Cut, 'cut' | 'mend' | 'url'>;
  socketPath: string;
  /** SQL statements since the last call. */
  statements(): string[];
  /** Resolves when this gateway has heard what was told by it so far: its own notices come back to it before the answer to this. */
  heard(): Promise<void>;
  createUser(scopes?: ApiKeyScope[], more?: { administrator?: boolean }): Promise<TestUser>;
  http(path: string, options?: { method?: string; headers?: Record<string, string>; body?: string }): Promise<HttpAnswer>;
  query<T>(user: TestUser | null, query: string, variables?: object): Promise<GraphqlAnswer<T>>;
  socket(user: TestUser | null, options?: Partial<ClientOptions> & { headers?: Record<string, string> }): Client;
  close(): Promise<void>;
}

export interface GatewayOptions extends Partial<ApiSettings> {
  limits?: Partial<Limits>;
  known?: Record<string, string>;
  appsDomain?: string | null;
  url?: string;
  registration?: Registration;
  /** Absent: next to nothing, as a guess takes a third of a second of one that is not to be guessed. */
  passwordCost?: PasswordCost;
  /** The clock by which it forgets who asks, after seconds; one that stands still: it looks them up once. */
  now?: () => number;
  /** Another gateway, whose database, NATS server and keys it shares. */
  beside?: TestGateway;
}

const CHEAP: PasswordCost = { ln: 4, r: 1, p: 1 };
/** A crowd of requests on a machine that is slow is answered late, and not told to try again. */
const PATIENCE = { maxWait: 60_000, timeout: 120_000 };

export async function startGateway(scope: Scope, { limits, known, appsDomain = null, registration = 'open', passwordCost = CHEAP, url: platformUrl = 'http://localhost:4000', now, beside, ...settings }: GatewayOptions = {}): Promise<TestGateway> {
  const dir = await makeTemp(scope, 'slip-gw-');
  const [database, nats] = beside ? [beside.database, beside.nats] : await Promise.all([createDatabase(scope).then((url) => startCut(scope, url)), startNats(scope)]);
  const db = createPrisma(database.url, 5, PATIENCE);
  scope.after(() => db.$disconnect());
  let seen: string[] = [];
  // The client is made with query events on; its type does not tell.
  (db as unknown as { $on(event: 'query', take: (event: { query: string }) => void): void }).$on('query', (event) => { seen.push(event.query); });
  const bus = await nats.bus('gateway');
  await ensureWork(bus.jsm, buildQueued);
  const keys = beside?.keys ?? [randomBytes(32)];
  const box = createSecretBox(createKeyRing(() => keys));
  const blobKey = blobKeys(box);
  const log = createLog('gateway');
  log.level = process.env.SLIPWAY_TEST_LOG ?? 'silent';
  const platform: Platform = {
    db, bus, box, log, blobs: createDirectoryStore({ dir: join(dir, 'blobs'), key: blobKey }),
    settings: {
      url: platformUrl, gitUrl: 'http://localhost:4000/git', domain: 'localhost', port: 4000, internalUrl: 'http://127.0.0.1:4000', registration, passwordCost, logRetentionBytes: 1_000_000, logArchiveBytes: 10_000_000,
      buildLimits: { seconds: 60, memoryBytes: 1e9, diskBytes: 1e9, outputBytes: 1e6, slugBytes: 1e8 },
    },
  };
  const actors = createActors(platform, now);
  const wakeUps = createWakeUps();
  const onError = (error: unknown): void => { throw error; };
  onNotice(bus, accessChanged, (change) => { actors.end(change); }, onError);
  for (const notice of [eventsWritten, appChanged] as const) onNotice(bus, notice, ({ appId }: { appId: string }) => { wakeUps.ring(appId); }, onError);
  const metrics = createMetrics();
  const engine = createEngine({ log, metrics, limits, known, settings: { costPerMinute: 10_000_000, corsOrigins: [], introspection: true, onlyPersisted: false, ...settings } });
  const http = createHttp({ platform, ...engine, actors, wakeUps, metrics, blobKey, appsDomain, proxies: 1 });
  const socketPath = join(dir, 'gateway.sock');
  await listenOnSocket(http.server, socketPath);
  const clients = new Set<Client>();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => closed ??= http.close();
  scope.after(async () => { for (const client of clients) await leave(client); await close(); });

  let users = 0;
  const self: TestGateway = {
    platform, nats, keys, database, socketPath, close,
    statements: () => { const own = seen.filter((sql) => !/^(BEGIN|COMMIT|ROLLBACK)/.test(sql)); seen = []; return own; },
    heard: () => bus.nc.flush(),
    createUser: async (scopes = ['ADMIN'], { administrator = false } = {}) => {
      const { secret, prefix, hash } = createSecret();
      const user = await db.user.create({ data: { email: `user${++users}@example.com`, emailConfirmedAt: new Date(), administrator, apiKeys: { create: { name: 'test', prefix, hash, scopes } } }, include: { apiKeys: true } });
      const apiKeyId = user.apiKeys[0]?.id ?? '';
      return { secret, actor: { userId: user.id, email: user.email, apiKeyId, sessionId: null, scopes, appId: null, administrator } };
    },
    http: (path, { method = 'GET', headers = {}, body } = {}) => fetchAnswer({ socketPath, path, method, headers }, body),
    query: async <T>(user: TestUser | null, query: string, variables: object = {}) => {
      const answer = await self.http('/graphql', {
        method: 'POST', body: JSON.stringify({ query, variables }),
        headers: { 'content-type': 'application/json', ...(user ? { authorization: `Bearer ${user.secret}` } : {}) },
      });
      return { status: answer.status, ...(JSON.parse(answer.text) as Omit<GraphqlAnswer<T>, 'status'>) };
    },
    socket: (user, { headers = {}, ...options } = {}) => {
      class OverUnixSocket extends WebSocket {
        constructor(_url: string, protocols: string) { super(`ws+unix:${socketPath}:/graphql`, protocols, { headers }); }
      }
      const client = createClient({ url: 'ws://gateway/graphql', webSocketImpl: OverUnixSocket, retryAttempts: 0, ...(user ? { connectionParams: { apiKey: user.secret } } : {}), ...options });
      clients.add(client);
      return client;
    },
  };
  return self;
}
