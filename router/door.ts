import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { cameTooLate, lingerAfterAnswer } from '../http/linger.ts';

export interface DoorOptions {
  /** How long the head of a request may take to arrive. */
  headSeconds: number;
  /** @param awaitsContinue the client waits for "100 Continue" before it sends the body */
  onRequest(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): Promise<void>;
  onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void>;
  onError(error: unknown): void;
}

/** An HTTP server that passes requests on: it reads them strictly, hurries nobody's body, and lets nobody keep it waiting for a head. */
export function createDoor({ headSeconds, onRequest, onUpgrade, onError }: DoorOptions): Server {
  const server = createServer({
    maxHeaderSize: 32 * 1024, keepAliveTimeout: 65_000, headersTimeout: headSeconds * 1000, connectionsCheckingInterval: 1_000, requestTimeout: 0, noDelay: true, insecureHTTPParser: false,
    // Browsers and curl offer HTTP/2 in this way to everybody; it is for nobody behind us.
    shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() !== 'h2c',
  });
  const serve = (request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void => {
    if (cameTooLate(request)) { request.resume(); return; }
    lingerAfterAnswer(request, response);
    onRequest(request, response, awaitsContinue).catch((error: unknown) => { onError(error); response.destroy(); });
  };
  server.on('request', (request, response) => { serve(request, response, false); });
  server.on('checkContinue', (request, response) => { serve(request, response, true); });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => { socket.destroy(); });
    onUpgrade(request, socket as Socket, head).catch((error: unknown) => { onError(error); socket.destroy(); });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) { socket.destroy(); return; }
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\nX-Slipway-Reason: bad-request\r\n\r\n`);
  });
  return server;
}

/** Takes no new connection, lets what is under way end within `finishMs`, and then ends what is left: upgraded connections are no requests to a server any more. */
export function closeDoor(server: Server, finishMs: number): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => { sockets.add(socket); socket.once('close', () => { sockets.delete(socket); }); });
  return async () => {
    const closed = new Promise((resolve) => { server.close(resolve); });
    server.closeIdleConnections();
    const timer = setTimeout(() => { for (const socket of sockets) socket.destroy(); }, finishMs);
    await closed;
    clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
  };
}
