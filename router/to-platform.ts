import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createProxyServer } from 'httpxy';
import { answerPage, html } from './page.ts';

export interface ToPlatform {
  web(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void>;
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void>;
}

export interface PlatformSockets { gateway: string; git: string }

const GATEWAY = /^\/(graphql|blobs|healthz|readyz|metrics)(\/|\?|$)/;

/** The platform's own host: paths go to the process that serves them, bodies stream both ways, and nothing limits how long a push takes. */
export function createToPlatform({ gateway, git }: PlatformSockets, welcome: () => string): ToPlatform {
  const proxy = createProxyServer({ xfwd: false });
  proxy.on('econnreset', () => undefined);
  const socketOf = (path: string): string | null => (path.startsWith('/git/') ? git : GATEWAY.test(path) ? gateway : null);
  return {
    web: async (request, response, requestId) => {
      const path = request.url ?? '/';
      const socketPath = socketOf(path);
      if (socketPath === null) {
        const isHome = path === '/' || path.startsWith('/?');
        const body = isHome ? welcome() : html('Not found', '<p>There is nothing at this address of the platform. <a href="/">Start here.</a></p>');
        response.writeHead(isHome ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(body), 'x-request-id': requestId });
        response.end(request.method === 'HEAD' ? undefined : body);
        return;
      }
      // An upload is asked for with "100 Continue": Node has answered that, so it is not passed on.
      delete request.headers.expect;
      await proxy.web(request, response, { target: { socketPath, host: 'platform' } }).catch(() => { answerPage(request, response, 'platform-away', requestId); });
    },
    upgrade: async (request, socket, head) => {
      const socketPath = socketOf(request.url ?? '/');
      if (socketPath === null) { socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'); return; }
      await proxy.ws(request, socket, { target: { socketPath, host: 'platform' } }, head).catch(() => { socket.destroy(); });
    },
  };
}

/** What a person sees who opens the platform's address. */
export function welcomePage(url: string): string {
  return html('Slipway', `
<p>This is a Slipway platform: <code>git push</code>, and it runs.</p>
<p>In the repository of your app:</p>
<pre>slipway create my-app
git push slipway main
slipway logs --tail</pre>
<p>Everything goes through one API: <a href="/graphql">GraphiQL</a> shows it and lets you try it.</p>
<p class="id">Apps answer at ${url.replace('://', '://&lt;app&gt;.')}.</p>`);
}
