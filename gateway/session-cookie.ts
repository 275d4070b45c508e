import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cookies } from '../schema/context.ts';
import { ownOrigins } from './own-origins.ts';

/** The cookie by which a browser is logged in. */
export interface SessionCookie {
  /** The session's secret, where a page of the platform itself makes this request; null: there is none that counts. */
  secretOf(request: IncomingMessage): string | null;
  /** That one, and the one that the browser was last logged out of: it logs nobody in, but shows that the browser is no stranger. */
  secretsOf(request: IncomingMessage): string[];
  /** Sets or clears the cookie with this answer; null where another origin's page asks. */
  writerFor(request: IncomingMessage, response: ServerResponse): Cookies | null;
}

/** Browsers keep no cookie longer than 400 days; that a session ends 30 days after its last use, its row says. */
const KEEP_SECONDS = 400 * 24 * 3_600;

/**
 * CSRF is closed by where a request says it comes from, not by SameSite alone: the apps are at subdomains of the platform, so they are the
 * same site, and hostile. The browser itself says `Origin` with each POST and each WebSocket, and `Sec-Fetch-Site` with what it only gets; pages cannot change either.
 */
export function createSessionCookie(settings: { url: string; port: number }): SessionCookie {
  const origins = ownOrigins(settings);
  const secure = settings.url.startsWith('https:');
  // Only the host itself can set a cookie of this prefix. Without TLS an app can put one of the plain name beside ours.
  const name = secure ? '__Host-slipway' : 'slipway_session';
  const formerName = secure ? '__Host-slipway-former' : 'slipway_former';
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  const read = (request: IncomingMessage, of: string): string | null => {
    if (!isOwnPage(request, origins)) return null;
    const found = cookiesNamed(request.headers.cookie, of);
    // Of two of one name, one was planted; which of them cannot be told.
    return found.length === 1 ? found[0] ?? null : null;
  };
  const written = (of: string, value: string, seconds = KEEP_SECONDS): string => `${of}=${value}; Max-Age=${seconds}; ${attributes}`;
  return {
    secretOf: (request) => read(request, name),
    secretsOf: (request) => [name, formerName].flatMap((of) => read(request, of) ?? []),
    writerFor: (request, response) => {
      const { origin } = request.headers;
      if (origin !== undefined && !origins.has(origin)) return null;
      return {
        set: (secret) => { response.setHeader('set-cookie', written(name, secret)); },
        clear: () => {
          const ended = read(request, name);
          response.setHeader('set-cookie', [written(name, '', 0), ...(ended === null ? [] : [written(formerName, ended)])]);
        },
      };
    },
  };
}

/** Whether a page of ours makes this request, or the person by the address bar. What only gets comes without Origin; it changes nothing, and no other page can read its answer. */
function isOwnPage({ method, headers }: IncomingMessage, origins: ReadonlySet<string>): boolean {
  if (headers.origin !== undefined) return origins.has(headers.origin);
  const site = headers['sec-fetch-site'];
  return method === 'GET' && headers.upgrade === undefined && (site === undefined || site === 'same-origin' || site === 'none');
}

/** Blanks and tabs alone stand around a cookie: who strips more lets an app's cookie, of a name that only looks like ours, pass for ours, and with it by the rules of the prefix. */
function cookiesNamed(header: string | undefined, name: string): string[] {
  return (header ?? '').split(';').map((pair) => pair.replace(/^[ \t]+|[ \t]+$/g, '')).filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1)).filter((value) => value !== '');
}
