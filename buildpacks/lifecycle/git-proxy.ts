import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { BuildFailure } from './failure.ts';
import { toFailure } from './failure.ts';

export interface GitProxy {
  url: string;
  /** Why the last connection was refused. */
  refusal(): BuildFailure | null;
  close(): void;
}

/**
 * A CONNECT proxy on loopback for one git fetch: it resolves each host once, refuses or connects to that very address. So a redirect to a
 * private host, or a name that resolves differently the second time, gets nowhere, whatever the version of git.
 */
export async function startGitProxy(addressOf: (host: string) => Promise<string>): Promise<GitProxy> {
  const sockets = new Set<Duplex>();
  let refusal: BuildFailure | null = null;
  const server = createServer((_request, response) => { response.writeHead(405).end(); });
  server.on('connect', (request, client: Socket, head: Buffer) => {
    sockets.add(client);
    client.on('error', () => client.destroy());
    const { hostname, port } = new URL(`https://${request.url ?? ''}`);
    addressOf(hostname).then((address) => {
      const upstream = connect(Number(port || 443), address, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      sockets.add(upstream);
      upstream.on('error', () => client.destroy());
      client.on('close', () => upstream.destroy());
    }, (error: unknown) => {
      refusal = toFailure(error);
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
