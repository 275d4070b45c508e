import { createServer, connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';

/** A way to a database that can be cut: connections break and no new one comes about, as when its server is away. */
export interface Cut { url: string; cut(): void; mend(): void }

const SOCKET = '.s.PGSQL.5432';

/** @param databaseUrl of a server on a unix socket, as all of the tests' are */
export async function startCut(scope: Scope, databaseUrl: string): Promise<Cut> {
  const dir = await makeTemp(scope, 'slip-cut-');
  const url = new URL(databaseUrl);
  const target = join(url.searchParams.get('host') ?? '', SOCKET);
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    if (isCut) { client.destroy(); return; }
    const upstream = connect(target);
    for (const [one, other] of [[client, upstream], [upstream, client]] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => { other.destroy(); }).on('close', () => { open.delete(one); other.destroy(); });
    }
  });
  await new Promise<void>((resolve) => { server.listen(join(dir, SOCKET), resolve); });
  const end = (): void => { for (const socket of open) socket.destroy(); };
  scope.after(() => new Promise((resolve) => { server.close(() => { resolve(); }); end(); }));
  url.searchParams.set('host', dir);
  return { url: url.href, cut: () => { isCut = true; end(); }, mend: () => { isCut = false; } };
}
