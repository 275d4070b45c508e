import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createProxyServer } from 'httpxy';
import { answerPage } from './page.ts';

export interface ToPlatform {
  web(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void>;
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void>;
}

export interface PlatformSockets { gateway: string; git: string }

/** The platform's own host: paths go to the process that serves them, bodies stream both ways, and nothing limits how long a push takes. */
export function createToPlatform({ gateway, git }: PlatformSockets): ToPlatform {
  const proxy = createProxyServer({ xfwd: false });
  proxy.on('econnreset', () => undefined);
  const socketOf = (path: string): string => (path.startsWith('/git/') ? git : gateway);
  return {
    web: async (request, response, requestId) => {
      // An upload is asked for with "100 Continue": Node has answered that, so it is not passed on.
      delete request.headers.expect;
      await proxy.web(request, response, { target: { socketPath: socketOf(request.url ?? '/'), host: 'platform' } }).catch(() => { answerPage(request, response, 'platform-away', requestId); });
    },
    upgrade: async (request, socket, head) => {
      await proxy.ws(request, socket, { target: { socketPath: socketOf(request.url ?? '/'), host: 'platform' } }, head).catch(() => { socket.destroy(); });
    },
  };
}
