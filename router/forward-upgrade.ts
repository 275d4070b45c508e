import { request as send, ServerResponse } from 'node:http';
import type { Agent, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { End, Place } from './forward.ts';
import { requestHeaders, responseHeaders } from './pass-headers.ts';

/** A request to speak another protocol (WebSocket, mostly) on the client's connection. */
export interface UpgradeVisit { request: IncomingMessage; socket: Socket; head: Buffer; toApp: readonly string[]; toClient: readonly string[] }

export interface UpgradeOptions { agent: Agent; connectMs: number; answerMs: number; onAnswer?(status: number): void }

/** Joins the client's connection with one to the place, for as long as both live; an answer that refuses is passed on. Resolves at the end of it. Never throws. */
export function forwardUpgrade({ request, socket, head, toApp, toClient }: UpgradeVisit, place: Place, { agent, connectMs, answerMs, onAnswer }: UpgradeOptions): Promise<End> {
  return new Promise((resolve) => {
    let connected = false;
    let answered = false;
    const outgoing = send({
      ...place, agent, method: request.method, path: request.url, timeout: answerMs, maxHeaderSize: 64 * 1024,
      headers: requestHeaders(request, [...toApp, 'Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? 'websocket']),
    });
    const leave = (): void => { outgoing.destroy(); resolve(answered ? 'answered' : 'gone'); };
    const settle = (end: End): void => { socket.off('close', leave); resolve(end); };
    socket.once('close', leave);
    outgoing.once('socket', (upstream) => {
      if (!upstream.connecting) { connected = !upstream.destroyed; return; }
      const timer = setTimeout(() => { outgoing.destroy(new Error('not connected in time')); }, connectMs);
      upstream.once('connect', () => { connected = true; });
      for (const event of ['connect', 'close']) upstream.once(event, () => { clearTimeout(timer); });
    });
    outgoing.once('timeout', () => { if (!answered) outgoing.destroy(); });
    outgoing.on('error', () => { if (!answered) settle(connected ? 'closed' : 'unreached'); });
    outgoing.once('upgrade', (answer, upstream, upstreamHead) => {
      answered = true;
      onAnswer?.(101);
      socket.write(headOf(answer, toClient));
      join(socket, upstream, head, upstreamHead);
    });
    outgoing.once('response', (answer) => {
      answered = true;
      onAnswer?.(answer.statusCode ?? 502);
      refuse(answer, request, socket, toClient);
    });
    outgoing.end();
  });
}

function headOf(answer: IncomingMessage, toClient: readonly string[]): string {
  const headers = ['Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? 'websocket', ...responseHeaders(answer, toClient)];
  const lines = headers.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${headers[at + 1] ?? ''}`] : []));
  return `HTTP/1.1 101 ${answer.statusMessage ?? 'Switching Protocols'}\r\n${lines.join('\r\n')}\r\n\r\n`;
}

/** Each side's bytes to the other, its end too; the death of one is the death of both. */
function join(client: Duplex, upstream: Duplex, clientHead: Buffer, upstreamHead: Buffer): void {
  if (upstreamHead.length > 0) upstream.unshift(upstreamHead);
  if (clientHead.length > 0) client.unshift(clientHead);
  for (const [one, other] of [[client, upstream], [upstream, client]] as const) {
    if ('setTimeout' in one) (one as Socket).setTimeout(0).setNoDelay(true).setKeepAlive(true, 30_000);
    one.on('error', () => { other.destroy(); });
    one.once('close', () => { other.destroy(); });
    one.pipe(other);
  }
}

/** An ordinary answer on a connection that Node has given away: the last one on it. */
function refuse(answer: IncomingMessage, request: IncomingMessage, socket: Socket, toClient: readonly string[]): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => { response.detachSocket(socket); socket.end(); });
  answer.once('error', () => { socket.destroy(); });
  try {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, responseHeaders(answer, toClient));
    answer.pipe(response);
  } catch {
    answer.destroy();
    socket.destroy();
  }
}
