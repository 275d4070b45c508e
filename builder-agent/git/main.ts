import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { connectBus } from '../../bus/connect.ts';
import { busEnv, readEnv } from '../../service/env.ts';
import { run } from '../../service/run.ts';
import { createDeploys } from './deploys.ts';
import { preReceive } from './pre-receive.ts';
import { procReceive } from './proc-receive.ts';
import { createHookServer, createPushes, listenForHooks } from './pushes.ts';
import { createRepositories } from './repository.ts';
import { createGitServer } from './server.ts';

const HOOK = fileURLToPath(new URL('./hooks/hook.ts', import.meta.url));
/** At a stop each pusher is told in this time that the deploy goes on without the server. */
const GOODBYE_MS = 3_000;

run('git', async ({ log, signal, onStop }) => {
  const env = readEnv({
    ...busEnv, SLIPWAY_SOCKET: z.string(), SLIPWAY_REPOSITORY_DIR: z.string(), SLIPWAY_MAX_PUSH_BYTES: z.coerce.number().int().positive().default(1024 ** 3),
  });
  mkdirSync(env.SLIPWAY_REPOSITORY_DIR, { recursive: true, mode: 0o700 });
  const bus = await connectBus({ url: env.NATS_URL, process: 'git', seedFile: env.SLIPWAY_NATS_SEED_FILE });
  onStop(() => bus.close());
  const hookDir = join(dirname(env.SLIPWAY_SOCKET), 'git');
  mkdirSync(hookDir, { recursive: true });
  chmodSync(hookDir, 0o700);
  const hookSocket = join(hookDir, 'hooks');
  const repositories = createRepositories(env.SLIPWAY_REPOSITORY_DIR, { node: process.execPath, script: HOOK, cacheDir: join(hookDir, 'cache') });
  const pushes = createPushes();
  const deploys = createDeploys({ bus, log, repositories, signal });
  const left = await deploys.listLeft();

  const hooks = createHookServer({
    pushes, log, isStopping: deploys.isStopping,
    handle: async (question, push, pusher) => {
      const dir = await repositories.open(push.appId);
      return question.hook === 'pre-receive' ? preReceive(bus, dir, question, push, pusher) : procReceive({ deploys, dir, push, maxBytes: env.SLIPWAY_MAX_PUSH_BYTES }, question, pusher);
    },
  });
  await listenForHooks(hooks, hookSocket);
  onStop(() => { hooks.close(); });

  const server = createGitServer({ bus, log, root: env.SLIPWAY_REPOSITORY_DIR, repositories, pushes, hookSocket, maxPushBytes: env.SLIPWAY_MAX_PUSH_BYTES });
  rmSync(env.SLIPWAY_SOCKET, { force: true });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(env.SLIPWAY_SOCKET, resolve); });
  chmodSync(env.SLIPWAY_SOCKET, 0o600);
  onStop(() => closeServer(server));
  // Beside serving: until the gateway answers, pushes are refused by themselves.
  deploys.repair(left).catch((error: unknown) => { if (!signal.aborted) log.error({ error }, 'unfinished deploys could not be taken up'); });
});

/** Those who watch a deploy hear that it goes on without us; whoever still sends then is cut off. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
  const timer = setTimeout(() => { server.closeAllConnections(); }, GOODBYE_MS);
  await closed;
  clearTimeout(timer);
}
