import type { IncomingMessage, ServerResponse } from 'node:http';
import { compress, preferredEncoding } from './compress.ts';
import type { Encoding } from './compress.ts';
import { exampleQuery } from './example-query.ts';
import { pagePolicy } from './response-headers.ts';

export interface GraphiqlPage { serve(request: IncomingMessage, response: ServerResponse): Promise<void> }

/** The page on which people explore the API. It holds all its parts, 5 MB, and is made when somebody asks for it first. */
export function createGraphiqlPage(): GraphiqlPage {
  let made: Promise<{ html: Buffer; policy: string }> | undefined;
  const packed = new Map<Encoding, Promise<Buffer>>();
  return {
    serve: async (request, response) => {
      const { html, policy } = await (made ??= makePage());
      const encoding = preferredEncoding(request.headers);
      let body = html;
      if (encoding) {
        const known = packed.get(encoding) ?? compress(html, encoding);
        packed.set(encoding, known);
        body = await known;
      }
      response.appendHeader('vary', 'accept, accept-encoding');
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy, 'content-length': body.length, ...(encoding ? { 'content-encoding': encoding } : {}) });
      response.end(request.method === 'HEAD' ? undefined : body);
    },
  };
}

async function makePage(): Promise<{ html: Buffer; policy: string }> {
  // Yoga's own page loads its parts from a CDN; this one holds them.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = String(renderGraphiQL({ title: 'Slipway', defaultQuery: exampleQuery, defaultEditorToolsVisibility: 'headers' }));
  // Its editor writes styles as it goes, draws with fonts that it holds, and works in threads that it makes of its own text.
  const policy = pagePolicy(html, { 'style-src': "'unsafe-inline'", 'font-src': 'data:', 'worker-src': 'blob:', 'connect-src': "'self'" });
  return { html: Buffer.from(html), policy };
}
