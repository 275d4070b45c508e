import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { decodeJson, decodeProtobuf } from './decode-otlp.ts';
import type { Scope } from './temp.ts';

export interface CollectedSpan {
  resource: Record<string, unknown>; traceId: string; spanId: string; parentSpanId: string; name: string;
  /** 1 internal, 2 server, 3 client, 5 consumer */
  kind: number;
  /** Milliseconds since 1970. */
  start: number; end: number; attributes: Record<string, unknown>; links: string[]; failed: boolean;
}

export interface Collector {
  url: string;
  spans: CollectedSpan[];
  requests: { path: string; headers: IncomingHttpHeaders }[];
  /** How it answers from now on; `silent`: it takes what comes and says nothing. */
  behave(as: 'well' | 'failing' | 'silent'): void;
}

/** A collector of traces (OTLP over HTTP, Protocol Buffers or JSON): on loopback, or where pods of a cluster reach it. */
export async function startCollector(scope: Scope, { host, port }: { host: string; port: number } = { host: '127.0.0.1', port: 0 }): Promise<Collector> {
  let manners: 'well' | 'failing' | 'silent' = 'well';
  const collector: Omit<Collector, 'url'> = { spans: [], requests: [], behave: (as) => { manners = as; } };
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { headers } = request;
    const body = await buffer(request);
    collector.requests.push({ path: request.url ?? '', headers });
    if (manners === 'silent') return;
    if (manners === 'failing') { response.writeHead(500).end('no'); return; }
    const isJson = headers['content-type'] === 'application/json';
    collector.spans.push(...isJson ? decodeJson(body.toString()) : decodeProtobuf(body));
    response.writeHead(200, { 'content-type': headers['content-type'] ?? '' }).end(isJson ? '{}' : '');
  };
  const server = createServer((request, response) => { take(request, response).catch(() => { response.destroy(); }); });
  await new Promise<void>((resolve) => { server.listen(port, host, resolve); });
  scope.after(async () => {
    const closed = new Promise((resolve) => { server.close(resolve); });
    server.closeAllConnections();
    await closed;
  });
  return { ...collector, url: `http://${host}:${(server.address() as AddressInfo).port}` };
}
