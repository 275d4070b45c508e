import { z } from 'zod';
import { answerPage, pageHead } from '../http/page.ts';
import type { Reason } from '../http/page.ts';
import { isAmbiguous, requestIdOf, takePath } from '../http/request-head.ts';
import { readEnv } from '../service/env.ts';
import { inServerSpan } from '../service/http-trace.ts';
import { hostPort, listenOnPort, splitAddress } from '../service/listen.ts';
import { run } from '../service/run.ts';
import { traceHeaders } from '../service/trace-context.ts';
import { withoutQuery } from '../service/without-query.ts';
import { closeDoor, createDoor } from './door.ts';
import { originOf } from './origin.ts';
import { createToPlatform } from './to-platform.ts';

/** How long the head of a request may take to arrive. */
const HEAD_SECONDS = 20;
/** A push may take long; after this it is cut, its build goes on, and the same push again joins it. */
const FINISH_SECONDS = 600;

/** Before the one git server of a cluster, which has the volume: while that restarts, pushes wait here, and nobody meets a closed door. */
run('git-proxy', async ({ log, onStop }) => {
  const env = readEnv({
    SLIPWAY_LISTEN: hostPort, SLIPWAY_GIT_SERVER: hostPort,
    /** How long a push waits for the git server before it is told to try again. */
    SLIPWAY_GIT_AWAY_SECONDS: z.coerce.number().positive().default(90),
  });
  const { host, port } = splitAddress(env.SLIPWAY_GIT_SERVER);
  const toGit = createToPlatform(() => ({ host, port }), { awayMs: env.SLIPWAY_GIT_AWAY_SECONDS * 1000, halfDuplex: () => true });
  onStop(() => { toGit.close(); });
  const server = createDoor({
    headSeconds: HEAD_SECONDS,
    onError: (error) => { log.warn({ error }, 'a request could not be passed on'); },
    onRequest: async (request, response, awaitsContinue) => {
      const requestId = requestIdOf(request);
      const { headers } = originOf(request, { trusted: true, port });
      const pass = (): Promise<Reason | null> => toGit.web({
        request, response, awaitsContinue, toApp: [...headers, 'X-Request-Id', requestId, ...Object.entries(traceHeaders()).flat()], toClient: ['X-Request-Id', requestId],
      });
      const reason = isAmbiguous(request) || !takePath(request) ? 'bad-request'
        : await inServerSpan(request, response, { route: '/git', path: withoutQuery(request.url) }, pass);
      if (reason !== null) answerPage(request, response, reason, requestId);
    },
    // Git speaks no other protocol.
    onUpgrade: (request, socket) => { socket.end(pageHead('bad-request', requestIdOf(request))); return Promise.resolve(); },
  });
  const close = closeDoor(server, FINISH_SECONDS * 1000);
  await listenOnPort(server, env.SLIPWAY_LISTEN);
  onStop(close);
}, FINISH_SECONDS + 10);
