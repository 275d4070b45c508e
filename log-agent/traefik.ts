import { z } from 'zod';
import type { AccessLine } from '../bus/access-line.ts';
import { withoutQuery } from '../service/without-query.ts';

/** Of Traefik's access log in JSON (accessLog.format=json); durations are nanoseconds. The router's name begins with the Ingress' namespace. */
const entry = z.object({
  RouterName: z.string().regex(/^slipway-app-[0-9a-f-]{36}-/),
  ServiceAddr: z.string().optional(),
  ClientHost: z.string(), RequestHost: z.string(), RequestMethod: z.string(), RequestPath: z.string(),
  'request_X-Request-Id': z.string().optional(),
  DownstreamStatus: z.number(), DownstreamContentSize: z.number().default(0), Duration: z.number(), OriginStatus: z.number().default(0),
});

const APP_ID = { start: 'slipway-app-'.length, length: 36 };

export interface TraefikAccess { appId: string; /** Where the request went, `host:port`. */ address: string | null; line: Omit<AccessLine, 'replica'> }

/** One line of Traefik's access log; null: it is about no app of ours. */
export function parseTraefik(text: string): TraefikAccess | null {
  // Most lines of a shared controller are others': not worth a parse.
  if (!text.includes('"RouterName":"slipway-app-')) return null;
  const parsed = entry.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { RouterName, ServiceAddr, ClientHost, RequestHost, RequestMethod, RequestPath, DownstreamStatus, DownstreamContentSize, Duration, OriginStatus, ...more } = parsed.data;
  return {
    appId: RouterName.slice(APP_ID.start, APP_ID.start + APP_ID.length),
    address: ServiceAddr ?? null,
    line: {
      method: RequestMethod, path: withoutQuery(RequestPath), host: RequestHost, requestId: more['request_X-Request-Id'] ?? '-', client: ClientHost, status: DownstreamStatus, bytes: DownstreamContentSize,
      connectMs: null, serviceMs: Duration / 1e6, reason: reasonOf(DownstreamStatus, OriginStatus),
    },
  };
}

/** The client's 499 and the controller's own 502 to 504 are no answers of the app. */
function reasonOf(status: number, originStatus: number): string | null {
  if (status === 499) return 'client-gone';
  if (originStatus !== 0) return null;
  if (status === 503) return 'no-replica';
  if (status === 504) return 'timeout';
  return status === 502 ? 'replica-closed' : null;
}

function parseJson(text: string): unknown {
  try { return JSON.parse(text); } catch { return null; }
}
