import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import WebSocket from 'ws';
import type { TypedDocumentString } from '../gql/graphql.ts';
import { createApiClient } from './api-client.ts';
import { childEnv } from './child-env.ts';
import { freePort } from './free-port.ts';
import { fetchAnswer } from './http-answer.ts';
import type { Answer } from './http-answer.ts';
import { inCluster, localRemote } from './place.ts';
import type { Remote } from './place.ts';
import { plantInHome } from './postgres-seed.ts';
import { endChild, isAlive, listOrphans } from './processes.ts';
import { makeTemp } from './temp.ts';
import { until } from './wait.ts';

export interface CommandResult { code: number; out: string; err: string }

/** One program of ours, for the platform that has this home. */
export function runCommand(home: string, file: string, ...args: string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd: root, env: { ...childEnv(), SLIPWAY_HOME: home } }, (error, out, err) => { resolve({ code: error ? Number(error.code) : 0, out, err }); });
  });
}

/** A whole platform: under its own supervisor, as `npm start` gives it, on a free port and in a directory of its own; or the one that the run installed in a cluster. */
export interface Slipway {
  place: 'one machine' | 'kubernetes';
  remote: Remote;
  home: string;
  port: number;
  apiKey: string;
  url: string;
  /** All that the supervisor and its processes printed, of all starts. */
  output(): string;
  /** One HTTP request to the platform's own host, or to the app's. */
  get(path: string, options?: { app?: string; headers?: Record<string, string>; method?: string; body?: string }): Promise<Answer>;
  query<R, V>(document: TypedDocumentString<R, V>, variables: V): Promise<R>;
  /** The events of a subscription until `enough` says so, or the server ends it. */
  subscribe<R, V extends Record<string, unknown>>(document: TypedDocumentString<R, V>, variables: V, enough: (event: R) => boolean): Promise<R[]>;
  socket(): Client;
  /** The process id of a process of the platform: `gateway`, `postgres`, …, `supervisor`. Throws where it is not there now. */
  pid(process: string): number;
  kill(process: string, signal?: NodeJS.Signals): Promise<void>;
  /** NATS ends and comes back with nothing of what it had. */
  loseMessages(): Promise<void>;
  /** The mails that the platform wrote to files, oldest first: no mail server is set. */
  mails(): Promise<string[]>;
  /** One command about the encryption key, as an operator gives it where the platform's key is. */
  encryptionKey(...args: string[]): Promise<CommandResult>;
  /** What still runs of an app besides these replicas: of builds, commands, former replicas, processes that were killed. */
  leftovers(app: string, replicas: readonly string[]): Promise<string[]>;
  /** Starts again after stop() or killSupervisor(), on the same directory and port. */
  start(): Promise<void>;
  stop(): Promise<void>;
  killSupervisor(): Promise<void>;
}

const root = new URL('../..', import.meta.url).pathname;

export interface StartOptions {
  /** Where its directory is made; absent: where the system's temporary files are. */
  under?: string | undefined;
  /** Its start makes all that a first start makes. Absent: it finds PostgreSQL made. */
  anew?: boolean;
}

/**
 * A platform for this test. On one machine it is started with these settings, stopped and removed with its directory when the test ends; in a
 * cluster all tests share one, with settings of its own.
 */
export async function startSlipway(t: TestContext | { after(fn: () => Promise<void>): void }, env: Record<string, string> = {}, options: StartOptions = {}): Promise<Slipway> {
  return inCluster ? (await import('./cluster/slipway.ts')).clusterSlipway(t) : startOnThisMachine(t, env, options);
}

/** The same for a test that kills what others need: in a cluster it waits until no other test is there, and keeps all away. */
export async function startSlipwayAlone(t: TestContext): Promise<Slipway> {
  if (inCluster) await (await import('./cluster/turn.ts')).takeTurnAlone(t);
  return startSlipway(t);
}

async function startOnThisMachine(t: TestContext | { after(fn: () => Promise<void>): void }, env: Record<string, string>, { under, anew = under !== undefined }: StartOptions): Promise<Slipway> {
  // One hook for both: a directory that goes before its platform has stopped makes the supervisor fail, and PostgreSQL and NATS outlive it.
  let removeHome = (): Promise<void> => Promise.resolve();
  const home = await makeTemp({ after: (fn) => { removeHome = fn; } }, 'slipway-', under);
  if (!anew && env.DATABASE_URL === undefined) await plantInHome(home);
  const port = await freePort();
  let child: ChildProcess | undefined;
  let printed = '';
  let closeSockets = (): Promise<void> => Promise.resolve();

  const start = async (): Promise<void> => {
    let said = '';
    const own = spawn(process.execPath, [join(root, 'standalone/main.ts'), '--json'], {
      cwd: root, stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SLIPWAY_HOME: home, SLIPWAY_PORT: String(port), SLIPWAY_LOG_LEVEL: 'info', ...env },
    });
    child = own;
    const take = (chunk: Buffer): void => { said += chunk.toString(); printed = (printed + chunk.toString()).slice(-2_000_000); };
    own.stdout.on('data', take);
    own.stderr.on('data', take);
    await until(() => {
      if (own.exitCode !== null) throw new Error(`the platform ended with ${own.exitCode}:\n${said}`);
      return said.includes('Slipway is ready');
    }, { within: 120_000, what: () => `the platform is ready; it printed:\n${said}` });
  };
  const end = (signal: NodeJS.Signals): Promise<void> => endChild(child, signal);

  t.after(async () => {
    await closeSockets();
    await end('SIGTERM');
    await removeHome();
  });
  await start();
  const credentials = JSON.parse(readFileSync(join(home, 'credentials.json'), 'utf8')) as { url: string; apiKey: string };
  const get: Slipway['get'] = (path, { app, headers = {}, method = 'GET', body } = {}) =>
    fetchAnswer({ host: '127.0.0.1', port, path, method, headers: { host: app ? `${app}.localhost:${port}` : `localhost:${port}`, ...headers } }, body);
  const { close, ...api } = createApiClient({
    apiKey: credentials.apiKey, get,
    // A lost connection is the caller's: trying again by itself would ask from where the subscription began, not from where it was.
    open: () => createClient({ url: `ws://127.0.0.1:${port}/graphql`, webSocketImpl: WebSocket, connectionParams: { apiKey: credentials.apiKey }, retryAttempts: 0 }),
  });
  closeSockets = close;

  const self: Slipway = {
    place: 'one machine', home, port, apiKey: credentials.apiKey, url: credentials.url, remote: localRemote(port),
    output: () => printed,
    get, ...api,
    pid: (name) => {
      if (name === 'supervisor' && child?.pid !== undefined) return child.pid;
      const record = JSON.parse(readFileSync(join(home, 'run/processes.json'), 'utf8')) as Record<string, { pid: number }>;
      const entry = record[name];
      if (!entry) throw new Error(`no process ${name} in ${JSON.stringify(record)}`);
      return entry.pid;
    },
    kill: async (name, signal = 'SIGKILL') => {
      const pid = self.pid(name);
      process.kill(pid, signal);
      await until(() => !isAlive(pid), { within: 60_000, what: () => `${name} has ended` });
    },
    loseMessages: () => {
      renameSync(join(home, 'nats/jetstream'), join(home, 'nats/lost'));
      return self.kill('nats');
    },
    mails: async () => {
      const dir = join(home, 'mail');
      const files = existsSync(dir) ? (await readdir(dir)).filter((file) => file.endsWith('.eml')).sort() : [];
      return Promise.all(files.map((file) => readFile(join(dir, file), 'utf8')));
    },
    encryptionKey: (...args) => runCommand(home, process.execPath, 'standalone/encryption-key.ts', ...args),
    leftovers: (_app, replicas) => Promise.resolve(listOrphans(home, self.pid('supervisor'), replicas)),
    start,
    stop: () => end('SIGTERM'),
    killSupervisor: () => end('SIGKILL'),
  };
  return self;
}
