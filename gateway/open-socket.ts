import type { IncomingMessage } from 'node:http';
import { CloseCode } from 'graphql-ws';
import type { Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Logger } from '../service/log.ts';

/** How often it is looked whether the other side is still there; it has as long to answer. */
const PING_MS = 12_000;
/** The frame that closes a WebSocket has room for no more. */
const MAX_REASON_BYTES = 123;

export interface SocketOf { socket: WebSocket; request: IncomingMessage }

/**
 * Lets graphql-ws speak over a WebSocket that was opened. As its own adapter for `ws`, but for what a client can cause: one that leaves in the middle
 * of an answer is nobody's mistake, and a failure is in our log.
 */
export function openSocket<E extends SocketOf>(server: Server<E>, extra: E, log: Logger): void {
  const { socket } = extra;
  const close = (code: number, reason: string): void => { socket.close(code, cut(reason)); };
  // What is no frame closes the socket by itself.
  socket.on('error', () => undefined);
  const left = server.opened({
    protocol: socket.protocol,
    // Who has left gets nothing more: that is told by its close.
    send: (data) => new Promise((resolve) => { if (socket.readyState === socket.OPEN) socket.send(data, () => { resolve(); }); else resolve(); }),
    close,
    onMessage: (take) => {
      socket.on('message', (data) => {
        take((data as Buffer).toString()).catch((error: unknown) => {
          log.error({ error }, 'a message of a WebSocket failed');
          close(CloseCode.InternalServerError, 'Internal server error');
        });
      });
    },
  }, extra);
  let isThere = true;
  socket.on('pong', () => { isThere = true; });
  const timer = setInterval(() => {
    if (!isThere) { socket.terminate(); return; }
    isThere = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_MS);
  socket.once('close', (code, reason) => {
    clearInterval(timer);
    left(code, String(reason)).catch((error: unknown) => { log.error({ error }, 'what a WebSocket had open could not be ended'); });
  });
}

function cut(reason: string): string {
  const bytes = Buffer.from(reason);
  return bytes.length <= MAX_REASON_BYTES ? reason : new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES - 3)).replace(/\ufffd+$/, '');
}
