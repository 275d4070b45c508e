import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ask as askBus } from '../../bus/ask.ts';
import { routesApplied } from '../../bus/route.ts';
import type { Route } from '../../bus/route.ts';
import { openRouteTable } from '../../bus/route-table.ts';
import { childEnv } from './child-env.ts';
import { freePort } from './free-port.ts';
import { startNats } from './nats.ts';
import type { TestNats } from './nats.ts';
import { endChild } from './processes.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';
import { until } from './wait.ts';

export type Replica = Route['replicas'][number];

export interface Answer { status: number; headers: IncomingMessage['headers']; rawHeaders: string[]; text: string; trailers: IncomingMessage['trailers'] }
export interface Ask { host?: string; method?: string; headers?: Record<string, string>; body?: string }

/** A real router process between a real NATS and servers of the test. */
export interface RouterRig {
  port: number;
  dir: string;
  nats: TestNats;
  pid(): number;
  gatewaySocket: string;
  gitSocket: string;
  /** Writes an app's route and waits until the router routes by it. */
  route(route: Partial<Route> & { appName: string }): Promise<Route>;
  forget(route: Route): Promise<void>;
  ask(path: string, options?: Ask): Promise<Answer>;
  /** Sends these bytes and answers all that came back until the connection ended. */
  raw(bytes: string): Promise<string>;
  /** The access lines of an app so far. */
  lines(route: Route): string[];
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export async function startRouterRig(scope: Scope, env: Record<string, string> = {}): Promise<RouterRig> {
  const nats = await startNats(scope);
  const dir = await makeTemp(scope, 'slip-router-');
  const port = await freePort();
  const bus = await nats.bus('controller');
  const [gatewaySocket, gitSocket] = [join(dir, 'gateway.sock'), join(dir, 'git.sock')];
  const appIds = new Map<string, string>();
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const own = spawn(process.execPath, [new URL('../../router/main.ts', import.meta.url).pathname], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: {
        ...childEnv(), NATS_URL: nats.url, SLIPWAY_NATS_SEED_FILE: nats.seedFile('router'), SLIPWAY_LISTEN: '127.0.0.1', SLIPWAY_PORT: String(port), SLIPWAY_DOMAIN: 'localhost',
        SLIPWAY_GATEWAY_SOCKET: gatewaySocket, SLIPWAY_GIT_SOCKET: gitSocket, SLIPWAY_LOG_DIR: join(dir, 'logs'), SLIPWAY_ROUTE_FILE: join(dir, 'routes.json'), SLIPWAY_LOG_LEVEL: 'error', ...env,
      },
    });
    child = own;
    await new Promise<void>((resolve, reject) => {
      own.once('message', () => { resolve(); });
      own.once('exit', (code) => { reject(new Error(`the router ended with ${code}`)); });
    });
  };
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => endChild(child, signal);
  scope.after(() => stop('SIGKILL'));
  await start();
  return {
    port, dir, nats, gatewaySocket, gitSocket, start, stop,
    pid: () => child?.pid ?? 0,
    route: async (given) => {
      const appId = given.appId ?? appIds.get(given.appName) ?? randomUUID();
      appIds.set(given.appName, appId);
      const value: Route = { formerNames: [], hosts: [], state: 'up', releaseVersion: 1, replicas: [], ...given, appId };
      // Opened anew and tried again: NATS may just have been restarted.
      await until(async () => {
        const revision = await (await openRouteTable(bus)).put(value);
        return (await askBus(bus, routesApplied, { revision })).revision >= revision;
      }, { within: 60_000, what: () => `the router routes by the route of ${value.appName}` });
      return value;
    },
    forget: async ({ appId }) => { await (await openRouteTable(bus)).delete(appId); },
    ask: (path, options) => askHttp(port, path, options),
    raw: (bytes) => askRaw(port, bytes),
    lines: ({ appId }) => {
      const source = join(dir, 'logs', appId, 'ROUTER/router');
      try {
        return readdirSync(source).filter((name) => name.startsWith('0.log')).sort().flatMap((name) => readFileSync(join(source, name), 'utf8').split('\n').filter((line) => line !== ''));
      } catch { return []; }
    },
  };
}

/** One request on a connection of its own. */
export function askHttp(port: number, path: string, { host = `localhost:${port}`, method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = send({ host: '127.0.0.1', port, path, method, headers: { host, ...headers }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, headers: response.headers, rawHeaders: response.rawHeaders, text: Buffer.concat(chunks).toString(), trailers: response.trailers }); });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function askRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => { socket.write(bytes); });
    let got = '';
    socket.on('data', (chunk: Buffer) => { got += chunk.toString('latin1'); });
    // A reset after an answer is an end like another: the rest of what was sent is not read any more.
    socket.on('error', (error) => { if (got === '') reject(error); });
    socket.on('close', () => { resolve(got); });
  });
}

/** Starts a server that stands for a replica of an app. */
export async function startReplica(scope: Scope, handler: RequestListener, index = 1): Promise<Replica & { server: Server }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  scope.after(async () => { server.closeAllConnections(); await new Promise((resolve) => { server.close(resolve); }); });
  return { id: randomUUID(), process: 'web', index, releaseVersion: 1, host: '127.0.0.1', port: (server.address() as AddressInfo).port, server };
}

/** The route's form of a replica. */
export const placeOf = ({ id, process: name, index, releaseVersion, host, port }: Replica): Replica => ({ id, process: name, index, releaseVersion, host, port });
