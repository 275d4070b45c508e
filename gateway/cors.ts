import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';

/** Exact origins, with commas between them. */
export const originList = z.string().default('').transform((text) => text.split(',').map((origin) => origin.trim()).filter((origin) => origin !== ''))
  .refine((origins) => origins.every(isOrigin), 'must be origins with commas between them, as https://dashboard.example.com,https://tools.example.com');

/** Answers what browsers ask before pages of other origins may use the API. */
export interface Cors {
  /** Lets the page read this answer, if its origin may. True: it was only asked whether, and that is answered. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

const METHODS = 'GET, POST, PUT, DELETE';
const HEADERS = 'authorization, content-type, accept, x-graphql-event-stream-token';
const EXPOSED = 'ratelimit, ratelimit-policy, slipway-cost, retry-after';
/** Seconds for which a browser need not ask again; Chromium believes no more. */
const MAX_AGE = '7200';

/** @param origins whose pages may use the API with an API key; never with a cookie: allow-credentials is not said to anybody */
export function createCors(origins: readonly string[]): Cors {
  const allowed = new Set(origins);
  return {
    handle: (request, response) => {
      const { origin } = request.headers;
      const isPreflight = request.method === 'OPTIONS' && origin !== undefined && request.headers['access-control-request-method'] !== undefined;
      response.appendHeader('vary', 'origin');
      if (origin !== undefined && allowed.has(origin)) {
        response.setHeader('access-control-allow-origin', origin);
        response.setHeader('access-control-expose-headers', EXPOSED);
        // It is read by that page, whatever else is said of other origins.
        response.setHeader('cross-origin-resource-policy', 'cross-origin');
        if (isPreflight) {
          response.setHeader('access-control-allow-methods', METHODS);
          response.setHeader('access-control-allow-headers', HEADERS);
          response.setHeader('access-control-max-age', MAX_AGE);
        }
      }
      if (isPreflight) response.writeHead(204).end();
      return isPreflight;
    },
  };
}

function isOrigin(text: string): boolean {
  return URL.parse(text)?.origin === text && /^https?:/.test(text);
}
