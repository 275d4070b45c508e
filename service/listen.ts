import { chmod, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { z } from 'zod';

const ADDRESS = /^(?:\[([0-9a-f:]+)\]|([^:/]+)):(\d{1,5})$/i;

/** `host:port` */
export const hostPort = z.string().regex(ADDRESS, 'must be host:port, as 0.0.0.0:8080');

/** Where a process's HTTP server listens: on one machine a unix socket behind the router, in a cluster host:port. */
export const listenEnv = { SLIPWAY_SOCKET: z.string().min(1).optional(), SLIPWAY_LISTEN: hostPort.optional() };

/** Listens where the settings say: SLIPWAY_LISTEN, or else the socket. */
export async function listen(server: Server, { SLIPWAY_SOCKET: socket, SLIPWAY_LISTEN: address }: { SLIPWAY_SOCKET?: string | undefined; SLIPWAY_LISTEN?: string | undefined }): Promise<void> {
  if (address !== undefined) return listenOnPort(server, address);
  if (socket === undefined) throw new Error('Set SLIPWAY_LISTEN (host:port) or SLIPWAY_SOCKET.');
  return listenOnSocket(server, socket);
}

/** Listens on a unix socket that only the platform's own user may use; one that a killed process left is taken over. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(path, () => { server.off('error', reject); resolve(); }); });
  await chmod(path, 0o600);
}

/** The parts of `host:port`. */
export function splitAddress(address: string): { host: string; port: number } {
  const [, ipv6, host = '', port] = ADDRESS.exec(address) ?? [];
  return { host: ipv6 ?? host, port: Number(port) };
}

/** Listens on `host:port`. */
export async function listenOnPort(server: Server, address: string): Promise<void> {
  const { host, port } = splitAddress(address);
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(port, host, () => { server.off('error', reject); resolve(); }); });
}
