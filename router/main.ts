import type { Socket } from 'node:net';
import { z } from 'zod';
import { answer } from '../bus/ask.ts';
import { connectBus } from '../bus/connect.ts';
import { routesApplied } from '../bus/route.ts';
import { busEnv, readEnv } from '../service/env.ts';
import { faultPoint } from '../service/fault.ts';
import { run } from '../service/run.ts';
import { createAccessLog } from './access-log.ts';
import { followRoutes } from './routes.ts';
import { createRouter } from './server.ts';
import { createToApp } from './to-app.ts';
import { createToPlatform } from './to-platform.ts';

/** How long requests in flight may take when the router is told to stop. */
const FINISH_MS = 10_000;

run('router', async ({ log, signal, onStop }) => {
  const env = readEnv({
    ...busEnv, SLIPWAY_LISTEN: z.string(), SLIPWAY_PORT: z.coerce.number().int(), SLIPWAY_DOMAIN: z.string(), SLIPWAY_LOG_DIR: z.string(), SLIPWAY_ROUTE_FILE: z.string(),
    SLIPWAY_GATEWAY_SOCKET: z.string(), SLIPWAY_GIT_SOCKET: z.string(), SLIPWAY_TRUST_PROXY: z.stringbool().default(false),
  });
  const bus = await connectBus({ url: env.NATS_URL, process: 'router', seedFile: env.SLIPWAY_NATS_SEED_FILE });
  onStop(() => bus.close());
  const onError = (error: unknown): void => { log.warn({ error }, 'a request could not be served'); };
  const routes = followRoutes({ bus, file: env.SLIPWAY_ROUTE_FILE, log, signal, onApplied: () => { faultPoint('router.route-applied'); } });
  answer(bus, routesApplied, async ({ revision }) => ({ revision: await routes.reached(revision) }), onError);
  const accessLog = createAccessLog(env.SLIPWAY_LOG_DIR);
  onStop(() => { accessLog.close(); });
  const toApp = createToApp(routes, onError);
  onStop(() => { toApp.close(); });
  const server = createRouter({
    domain: env.SLIPWAY_DOMAIN, port: env.SLIPWAY_PORT, trustProxy: env.SLIPWAY_TRUST_PROXY, routes, toApp, accessLog, onError,
    toPlatform: createToPlatform({ gateway: env.SLIPWAY_GATEWAY_SOCKET, git: env.SLIPWAY_GIT_SOCKET }),
  });
  // Upgraded connections are no requests to the server any more, and must be ended by us.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => { sockets.add(socket); socket.once('close', () => { sockets.delete(socket); }); });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(env.SLIPWAY_PORT, env.SLIPWAY_LISTEN, resolve); });
  onStop(async () => {
    const closed = new Promise((resolve) => { server.close(resolve); });
    server.closeIdleConnections();
    const timer = setTimeout(() => { for (const socket of sockets) socket.destroy(); }, FINISH_MS);
    await closed;
    clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
  });
});
