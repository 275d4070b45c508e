import type { IncomingMessage } from 'node:http';
import type { Visitor } from '../platform/account/session.ts';
import { clientAddress } from '../service/client-address.ts';
import type { SessionCookie } from './session-cookie.ts';

/** What a request tells of who sends it, whoever that is. */
export function visitorOf({ proxies, sessionCookie }: { proxies: number; sessionCookie: SessionCookie }, request: IncomingMessage): Visitor {
  return { address: clientAddress(request, proxies), userAgent: request.headers['user-agent'] ?? '', sessions: sessionCookie.secretsOf(request) };
}
