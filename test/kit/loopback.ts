import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Scope } from './temp.ts';

/** A port of loopback in front of a server on a unix socket, for clients that want a URL. */
export async function startLoopback(scope: Scope, socketPath: string): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(socketPath);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => { client.destroy(); upstream.destroy(); }).on('close', () => { open.delete(socket); client.destroy(); upstream.destroy(); });
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  scope.after(() => new Promise((resolve) => { server.close(() => { resolve(); }); for (const socket of open) socket.destroy(); }));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
