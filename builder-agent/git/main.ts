import { chmodSync, mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { busOptions, connectBus } from '../../bus/connect.ts';
import { proxiesBefore, proxyEnv } from '../../service/client-address.ts';
import { busEnv, readEnv } from '../../service/env.ts';
import { listen, listenEnv } from '../../service/listen.ts';
import { run } from '../../service/run.ts';
import { createDeploys } from './deploys.ts';
import { createHolds } from './holds.ts';
import { preReceive } from './pre-receive.ts';
import { procReceive } from './proc-receive.ts';
import { createHookServer, createPushes, listenForHooks } from './pushes.ts';
import { createRepositories } from './repository.ts';
import { createGitServer } from './server.ts';

/** In a cluster the git proxy stands before this server. */
const PROXIES = 1;
const HOOK = fileURLToPath(new URL('./hooks/hook.ts', import.meta.url));
/** At a stop each pusher is told in this time that the deploy goes on without the server. */
const GOODBYE_MS = 3_000;

run('git', async ({ log, signal, onStop }) => {
  const env = readEnv({
    ...busEnv, ...listenEnv, ...proxyEnv, SLIPWAY_REPOSITORY_DIR: z.string().min(1), SLIPWAY_MAX_PUSH_BYTES: z.coerce.number().int().positive().default(1024 ** 3),
    /** For sockets and files of this life only. */
    SLIPWAY_RUN_DIR: z.string().min(1).optional(),
  });
  mkdirSync(env.SLIPWAY_REPOSITORY_DIR, { recursive: true, mode: 0o700 });
  const bus = await connectBus(busOptions('git', env));
  onStop(() => bus.close());
  const hookDir = join(env.SLIPWAY_RUN_DIR ?? dirname(env.SLIPWAY_SOCKET ?? '/tmp/slipway/git.sock'), 'git');
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

  const server = createGitServer({ bus, log, root: env.SLIPWAY_REPOSITORY_DIR, repositories, pushes, hookSocket, maxPushBytes: env.SLIPWAY_MAX_PUSH_BYTES, holds: createHolds({ bus, log, signal }), proxies: proxiesBefore(env, PROXIES) });
  await listen(server, env);
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
