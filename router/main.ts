import { z } from 'zod';
import { answer, BusError } from '../bus/ask.ts';
import { busOptions, connectBus } from '../bus/connect.ts';
import { routesApplied } from '../bus/route.ts';
import { busEnv, readEnv } from '../service/env.ts';
import { faultPoint } from '../service/fault.ts';
import { run } from '../service/run.ts';
import { createAccessLog } from './access-log.ts';
import { closeDoor } from './door.ts';
import { followRoutes } from './routes.ts';
import { createRouter } from './server.ts';
import { createToApp } from './to-app.ts';
import { createToPlatform } from './to-platform.ts';

/** How long requests in flight may take when the router is told to stop. */
const FINISH_MS = 10_000;
/** How long a revision of the routes may take from the bucket to here before its asker is told to try again. */
const APPLY_MS = 2_000;
/** A process of the platform that is not there is about to be started again: this long its requests wait. */
const AWAY_MS = 5_000;

run('router', async ({ log, signal, onStop }) => {
  const env = readEnv({
    ...busEnv, SLIPWAY_LISTEN: z.string(), SLIPWAY_PORT: z.coerce.number().int(), SLIPWAY_DOMAIN: z.string(), SLIPWAY_LOG_DIR: z.string(), SLIPWAY_ROUTE_FILE: z.string(),
    SLIPWAY_GATEWAY_SOCKET: z.string(), SLIPWAY_GIT_SOCKET: z.string(),
    /** The peer is a proxy of the operator's own: its X-Forwarded-* headers count. */
    SLIPWAY_TRUST_PROXY: z.stringbool().default(false),
    /** How long a request to an app may stand still before its answer begins. */
    SLIPWAY_REQUEST_SECONDS: z.coerce.number().positive().default(60),
    /** How long the head of a request may take to arrive. */
    SLIPWAY_REQUEST_HEAD_SECONDS: z.coerce.number().positive().default(20),
  });
  const bus = await connectBus(busOptions('router', env));
  onStop(() => bus.close());
  const onError = (error: unknown): void => { log.warn({ error }, 'a request could not be served'); };
  const routes = followRoutes({ bus, file: env.SLIPWAY_ROUTE_FILE, log, signal, onApplied: () => { faultPoint('router.route-applied'); } });
  const accessLog = createAccessLog(env.SLIPWAY_LOG_DIR);
  onStop(() => { accessLog.close(); });
  const toApp = createToApp(routes, env.SLIPWAY_REQUEST_SECONDS * 1000);
  onStop(() => { toApp.close(); });
  answer(bus, routesApplied, async ({ revision }) => {
    const reached = await routes.reached(revision, AbortSignal.any([signal, AbortSignal.timeout(APPLY_MS)]));
    if (reached < revision) throw new BusError('UNAVAILABLE', `The router has not heard of revision ${revision} of the routes yet.`);
    await toApp.settled();
    return { revision: reached };
  }, onError);
  const isGit = (path: string): boolean => path.startsWith('/git/');
  const server = createRouter({
    domain: env.SLIPWAY_DOMAIN, port: env.SLIPWAY_PORT, trustProxy: env.SLIPWAY_TRUST_PROXY, headSeconds: env.SLIPWAY_REQUEST_HEAD_SECONDS, routes, toApp, accessLog, onError,
    toPlatform: createToPlatform((path) => ({ socketPath: isGit(path) ? env.SLIPWAY_GIT_SOCKET : env.SLIPWAY_GATEWAY_SOCKET }), { awayMs: AWAY_MS, halfDuplex: (path) => env.SLIPWAY_TRUST_PROXY && isGit(path) }),
  });
  const close = closeDoor(server, FINISH_MS);
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(env.SLIPWAY_PORT, env.SLIPWAY_LISTEN, resolve); });
  onStop(close);
});
