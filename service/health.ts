import { createServer } from 'node:http';
import { listenOnPort } from './listen.ts';
import { withoutQuery } from './without-query.ts';

export interface HealthDoor { close(): void }

/** Answers a cluster's probes on `host:port`: `/healthz` as long as the process turns, `/readyz` while it has started and is not stopping. */
export async function openHealthDoor(address: string, isReady: () => boolean): Promise<HealthDoor> {
  const server = createServer((request, response) => {
    const path = withoutQuery(request.url);
    const status = path === '/healthz' || (path === '/readyz' && isReady()) ? 200 : path === '/readyz' ? 503 : 404;
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${status === 200 ? 'ok' : status === 503 ? 'not ready' : 'There is nothing here.'}\n`);
  });
  await listenOnPort(server, address);
  return { close: () => { server.close(); server.closeAllConnections(); } };
}
