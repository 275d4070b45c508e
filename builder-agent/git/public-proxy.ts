import { lookup } from 'node:dns/promises';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import ipaddr from 'ipaddr.js';

export interface PublicProxy {
  url: string;
  /** Why the last connection was refused or cut, for people. */
  refusal(): string | null;
  close(): void;
}

export interface Network {
  resolve(host: string): Promise<string[]>;
  isPublic(address: string): boolean;
}

/** The open internet: no address that is private, loopback, link-local, shared, reserved or multicast, mapped ones included. */
export const openNetwork: Network = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  isPublic: (address) => ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast',
};

/**
 * A CONNECT proxy on loopback for git's fetches: it resolves each host once, and connects to that very address or refuses. So neither a
 * redirect nor a name that resolves differently the second time reaches a private host. `maxBytes` is what may come in, of all together.
 */
export async function startPublicProxy(network: Network, maxBytes: number): Promise<PublicProxy> {
  const sockets = new Set<Duplex>();
  let refusal: string | null = null;
  let received = 0;
  const addressOf = async (host: string): Promise<string> => {
    const addresses = await network.resolve(host.replace(/^\[|\]$/g, '')).catch(() => []);
    if (addresses.length === 0) throw new Error(`the host ${host} was not found`);
    // One private address of several would be enough for an attack.
    const foreign = addresses.find((address) => !network.isPublic(address));
    if (foreign !== undefined) throw new Error(`the host ${host} has a private address (${foreign}), and only public ones may be named`);
    return addresses[0] ?? '';
  };
  const server = createServer((_request, response) => { response.writeHead(405).end(); });
  server.on('connect', (request, client: Socket, head: Buffer) => {
    sockets.add(client);
    client.on('error', () => { client.destroy(); });
    const { hostname, port } = new URL(`https://${request.url ?? ''}`);
    addressOf(hostname).then((address) => {
      const upstream = connect(Number(port || 443), address, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      sockets.add(upstream);
      upstream.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received <= maxBytes) return;
        refusal = 'together they are larger than a push may be';
        upstream.destroy();
        client.destroy();
      });
      upstream.on('error', () => { client.destroy(); });
      client.on('close', () => { upstream.destroy(); });
    }).catch((error: unknown) => {
      refusal = error instanceof Error ? error.message : 'it was refused';
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
  });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusal: () => refusal,
    close: () => { server.close(); for (const socket of sockets) socket.destroy(); },
  };
}
