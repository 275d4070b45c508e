import type { IncomingMessage } from 'node:http';
import type { Visitor } from '../platform/session.ts';
import { clientAddress } from '../service/client-address.ts';

/** What a request tells of who sends it, whoever that is. */
export function visitorOf(request: IncomingMessage, proxies: number): Visitor {
  return { address: clientAddress(request, proxies), userAgent: request.headers['user-agent'] ?? '' };
}
