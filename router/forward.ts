import { request as send } from 'node:http';
import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { hasBody, requestHeaders, responseHeaders } from './pass-headers.ts';

/** A request on its way through the router. */
export interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  /** Headers that the router adds, for the app and for the client. */
  toApp: readonly string[];
  toClient: readonly string[];
  /** The client waits for "100 Continue" before it sends the body. */
  awaitsContinue: boolean;
}

export type Place = { host: string; port: number } | { socketPath: string };

/**
 * What became of a request. `unreached`: not one byte of it was sent, and none of its body taken: another place may be tried. `closed`: it was sent
 * and the connection ended without an answer. `cut`: the answer broke off. `gone`: the client left.
 */
export type End = 'answered' | 'unreached' | 'closed' | 'timeout' | 'cut' | 'gone' | 'refused';

export interface ForwardOptions {
  agent: Agent;
  connectMs: number;
  /** How long nothing may move, in either direction, before the answer begins; 0: for ever. */
  answerMs: number;
  /** The answer has begun. */
  onAnswer?(): void;
  /**
   * To a request with a body an answer that goes well begins only when that has ended, and a moment later. Most proxies before us take half of a connection
   * at a time: with the first byte of an answer they break off what is still being sent (Go's net/http, and with it Traefik, unless told otherwise).
   */
  halfDuplex?: boolean;
}

/**
 * So long after a request's last byte Go has noticed that it was the last, also on a busy machine: it writes the bytes, and then reads on to see that there
 * are no more. An answer that comes between the two is cut off ("invalid Read on closed Body"), and nothing tells us when that is over.
 */
const NOTICE_MS = 500;

export interface Forwarded { end: End; connectMs: number }

/** Sends one request to one place and its answer back; both bodies stream, at the pace of whoever reads them. Never throws. */
export function forward({ request, response, toApp, toClient, awaitsContinue }: Visit, place: Place, { agent, connectMs, answerMs, onAnswer, halfDuplex = false }: ForwardOptions): Promise<Forwarded> {
  const begun = performance.now();
  const body = hasBody(request);
  const headers = requestHeaders(request, awaitsContinue ? [...toApp, 'Expect', '100-continue'] : toApp);
  if (response.destroyed) return Promise.resolve({ end: 'gone', connectMs: 0 });
  return new Promise((resolve) => {
    let connected = 0;
    let answered = false;
    let timedOut = false;
    let settled = false;
    let outgoing: ClientRequest;
    let sentAt = 0;
    if (halfDuplex && body) request.once('end', () => { sentAt = performance.now(); });
    const settle = (end: End): void => {
      if (settled) return;
      settled = true;
      response.off('close', leave);
      // Else what is written to nobody would be waited for.
      if (end !== 'answered') { request.unpipe(outgoing); outgoing.destroy(); }
      resolve({ end, connectMs: connected === 0 ? 0 : connected - begun });
    };
    const leave = (): void => { settle(response.writableFinished ? 'answered' : 'gone'); };
    try {
      outgoing = send({ ...place, agent, method: request.method, path: request.url, headers, timeout: answerMs, maxHeaderSize: 64 * 1024 });
    } catch {
      // What Node's parser lets in and Node's client does not send.
      resolve({ end: 'refused', connectMs: 0 });
      return;
    }
    response.once('close', leave);
    outgoing.once('socket', (socket) => {
      const start = (): void => {
        connected = performance.now();
        if (!body || settled) return;
        request.pipe(outgoing);
        // The app hears of the request even where the body is slow to begin.
        setImmediate(() => { if (!settled && !request.readableDidRead) outgoing.flushHeaders(); });
      };
      // One that could not be connected at all is given up before it comes here.
      if (socket.destroyed) return;
      if (!socket.connecting) { start(); return; }
      const timer = setTimeout(() => { outgoing.destroy(new Error('not connected in time')); }, connectMs);
      socket.once('connect', () => { clearTimeout(timer); start(); });
      socket.once('close', () => { clearTimeout(timer); });
    });
    outgoing.once('timeout', () => { timedOut = !answered; if (!answered) outgoing.destroy(); });
    outgoing.on('continue', () => { response.writeContinue(); });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // An early answer may end the connection while the body is still being sent; what is left of the answer still comes.
      if (answered) return;
      const notSent = connected === 0 || (!body && outgoing.reusedSocket && error.syscall === 'write');
      settle(timedOut ? 'timeout' : notSent ? 'unreached' : 'closed');
    });
    outgoing.once('response', (answer) => {
      answered = true;
      onAnswer?.();
      outgoing.setTimeout(0);
      const pass = (): void => { sendBack(answer, response, toClient, (end) => {
        // The client may still be sending what the app did not want to read: take it, so that it comes to read the answer.
        if (end === 'answered' && !request.complete) { request.unpipe(outgoing); request.resume(); }
        if (end === 'answered' && !outgoing.writableFinished) outgoing.destroy();
        if (end !== 'answered') settle(end);
      }); };
      if (halfDuplex && body && (answer.statusCode ?? 0) < 400) whenSent(request, outgoing, answer, () => { setTimeout(pass, sentAt + NOTICE_MS - performance.now()); }); else pass();
    });
    if (!body) outgoing.end();
  });
}

/** Calls back when the request has ended, whatever becomes of its answer meanwhile. */
function whenSent(request: IncomingMessage, outgoing: ClientRequest, answer: IncomingMessage, pass: () => void): void {
  answer.on('error', () => undefined);
  if (request.readableEnded) { pass(); return; }
  request.once('end', pass);
  // Nobody takes the rest any more, and the client does not know yet.
  outgoing.once('close', () => { request.unpipe(outgoing); request.resume(); });
}

/** Streams an answer to the client. An answer that breaks off ends the client's connection too: it must not look whole. */
function sendBack(answer: IncomingMessage, response: ServerResponse, toClient: readonly string[], onEnd: (end: 'answered' | 'cut' | 'closed') => void): void {
  // It may have broken off while it waited.
  if (answer.destroyed && !answer.complete) { onEnd('closed'); return; }
  try {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, responseHeaders(answer, toClient));
  } catch {
    answer.destroy();
    onEnd('closed');
    return;
  }
  answer.pipe(response, { end: false });
  answer.once('end', () => {
    if (answer.rawTrailers.length > 0) response.addTrailers(pairsOf(answer.rawTrailers));
    onEnd('answered');
    response.end();
  });
  answer.once('error', () => undefined);
  answer.once('close', () => { if (!answer.complete) { onEnd('cut'); response.destroy(); } });
  // An event stream may say nothing for long: its head goes out now, unless a first piece of the body is about to take it along.
  setImmediate(() => { if (!answer.readableDidRead && !response.writableEnded && !response.destroyed) response.flushHeaders(); });
}

function pairsOf(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as [string, string]] : []));
}
