import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { z } from 'zod';

/** What stands before our own doors, from the operator's settings. */
export const proxyEnv = {
  /** On one machine: a proxy of the operator's own stands before the router. */
  SLIPWAY_TRUST_PROXY: z.stringbool().default(false),
  /** How many proxies of the operator's own a request comes through; in a cluster one, the Ingress controller, if not said. */
  SLIPWAY_PROXIES: z.coerce.number().int().min(0).max(10).optional(),
};

/**
 * How many proxies, ours among them, stand before this server, each of which adds the address that it got the request from to X-Forwarded-For.
 * @param ours in a cluster; on one machine (a unix socket) it is the router alone
 */
export function proxiesBefore(env: { SLIPWAY_TRUST_PROXY: boolean; SLIPWAY_PROXIES?: number | undefined; SLIPWAY_LISTEN?: string | undefined }, ours: number): number {
  if (env.SLIPWAY_LISTEN === undefined) return 1 + (env.SLIPWAY_PROXIES ?? (env.SLIPWAY_TRUST_PROXY ? 1 : 0));
  return ours + (env.SLIPWAY_PROXIES ?? 1);
}

/** Where a request comes from, as the outermost of the trusted proxies saw it; null: it is not known. What stands further left in X-Forwarded-For is the client's own to claim. */
export function clientAddress({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>, proxies: number): string | null {
  const told = String(headers['x-forwarded-for'] ?? '').split(',').map((address) => address.trim()).filter((address) => address !== '');
  const path = [...told, socket.remoteAddress ?? ''];
  const address = (path[Math.max(path.length - 1 - proxies, 0)] ?? '').replace(/^::ffff:/, '');
  return isIP(address) === 0 ? null : address;
}
