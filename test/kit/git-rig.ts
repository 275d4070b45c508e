import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FaultPoint } from '../../service/fault-points.ts';
import { childEnv } from './child-env.ts';
import { startNats } from './nats.ts';
import type { TestNats } from './nats.ts';
import { localRemote } from './place.ts';
import type { Remote } from './place.ts';
import { playPlatform } from './played-platform.ts';
import type { PlayedPlatform } from './played-platform.ts';
import { endChild, listProcesses } from './processes.ts';
import { makeRepository } from './repository.ts';
import type { Repository } from './repository.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';
import { until } from './wait.ts';

/** The real git server with real NATS, real clients, and a test that plays the rest of the platform. */
export interface GitRig {
  platform: PlayedPlatform;
  nats: TestNats;
  port: number;
  remote: Remote;
  apiKey: string;
  repositoryDir: string;
  /** The server dies by SIGKILL when it comes to this point. */
  killAt(point: FaultPoint): void;
  /** A new app with an empty repository that has it as its remote. */
  createApp(): Promise<{ name: string; repository: Repository; tip(branch?: string): Promise<string | null>; bare: string }>;
  /** Another person's working copy. */
  otherCopy(app: string, apiKey?: string): Promise<Repository>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  pid(): number;
  /** Clients that are connected. */
  connections(): Promise<number>;
  output(): string;
}

export async function startGitRig(scope: Scope, env: Record<string, string> = {}): Promise<GitRig> {
  const dir = await makeTemp(scope, 'slip-git-');
  const nats = await startNats(scope);
  await mkdir(join(dir, 'sources'));
  const platform = await playPlatform(scope, await nats.bus('gateway'), join(dir, 'sources'));
  const socketPath = join(dir, 'git.sock');
  const repositoryDir = join(dir, 'repositories');
  let child: ChildProcess | undefined;
  let printed = '';

  const start = async (): Promise<void> => {
    const own = spawn(process.execPath, [join(import.meta.dirname, '../../builder-agent/git/main.ts')], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...childEnv(), NATS_URL: nats.url, SLIPWAY_NATS_SEED_FILE: nats.seedFile('git'), SLIPWAY_SOCKET: socketPath, SLIPWAY_REPOSITORY_DIR: repositoryDir, SLIPWAY_LOG_LEVEL: 'info', SLIPWAY_FAULT_DIR: dir, ...env },
    });
    child = own;
    for (const stream of [own.stdout, own.stderr]) stream?.on('data', (chunk: Buffer) => { printed += chunk.toString(); });
    await new Promise<void>((resolve, reject) => {
      own.once('message', () => { resolve(); });
      own.once('exit', (code) => { reject(new Error(`the git server ended with ${code}: ${printed}`)); });
    });
  };
  const kill = (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => endChild(child, signal);
  // Plays the router: one TCP port before the server's socket.
  const door = createServer((client) => {
    const server = connect(socketPath);
    client.pipe(server).pipe(client);
    for (const [one, other] of [[client, server], [server, client]] as const) one.on('error', () => { other.destroy(); }).on('close', () => { other.destroy(); });
  });
  await new Promise<void>((resolve) => { door.listen(0, '127.0.0.1', resolve); });
  scope.after(async () => {
    await kill('SIGTERM');
    door.close();
    await until(() => listProcesses(repositoryDir).length === 0, { within: 60_000, what: () => `nothing of the git server runs on: ${listProcesses(repositoryDir).join('\n')}` });
  });
  await start();

  let apps = 0;
  const self: GitRig = {
    platform, nats, repositoryDir, port: (door.address() as AddressInfo).port, remote: localRemote((door.address() as AddressInfo).port), apiKey: 'slip_key_of_ann', kill, start,
    pid: () => child?.pid ?? 0,
    killAt: (point) => { writeFileSync(join(dir, point), String(self.pid())); },
    connections: () => new Promise((resolve, reject) => { door.getConnections((error, count) => { if (error) reject(error); else resolve(count); }); }),
    output: () => printed,
    otherCopy: (app, apiKey) => makeRepository(scope, self, app, apiKey),
    createApp: async () => {
      const name = `app-${++apps}`;
      platform.keys.get(self.apiKey)?.apps.push(name);
      const repository = await makeRepository(scope, self, name);
      return {
        name, repository, bare: join(repositoryDir, `${platform.appId(name)}.git`),
        tip: async (branch = 'main') => (await repository.git('ls-remote', 'slipway', `refs/heads/${branch}`)).split('\t')[0] || null,
      };
    },
  };
  platform.keys.set(self.apiKey, { apps: [] });
  return self;
}
