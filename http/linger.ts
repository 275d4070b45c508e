import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long what a client still sends is waited for. */
const LINGER_MS = 5_000;

/** Whether we have said that the connection ends: what comes then is no request any more (RFC 9112, 9.6), though Node hands it on. */
export const cameTooLate = ({ socket }: IncomingMessage): boolean => socket.writableEnded;

/**
 * Lets a client read an answer that ends its connection while the client is still sending. Node closes such a connection at once, and a reset by what
 * comes then can take the answer with it. So our half is ended first, and the rest taken and thrown away (nginx calls it a lingering close).
 */
export function lingerAfterAnswer(request: IncomingMessage, response: ServerResponse): void {
  // One that stays open reads on by itself.
  if (response.shouldKeepAlive) return;
  const { socket } = request;
  const close = socket.destroySoon.bind(socket);
  socket.destroySoon = () => {
    if (request.complete || socket.destroyed) { close(); return; }
    const timer = setTimeout(() => { socket.destroy(); }, LINGER_MS);
    socket.once('close', () => { clearTimeout(timer); });
    request.once('end', close).resume();
    socket.end();
  };
}
