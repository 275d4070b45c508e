import { request } from 'node:http';
import type { Agent } from 'node:http';
import { connect } from 'node:net';
import WebSocket from 'ws';
import type { FuzzCase } from './fuzz-case.ts';

/** How long an answer may take on a busy machine. */
const PATIENCE_MS = 60_000;
/** A stream of events may go on for good; a look at its beginning is enough. */
const STREAM_MS = 20;

/** Does it, and tells what is wrong with what came back, or null. `unauthorized` where the key is known no more. */
export async function sendCase(fuzz: FuzzCase, socketPath: string, agent: Agent): Promise<string | null> {
  const timeout = new Promise<string>((resolve) => { setTimeout(() => { resolve('there was no answer'); }, PATIENCE_MS).unref(); });
  const done = fuzz.kind === 'http' ? sendHttp(fuzz, socketPath, agent) : fuzz.kind === 'bytes' ? sendBytes(fuzz.bytes, socketPath) : sendFrames(fuzz.frames, socketPath);
  return Promise.race([done, timeout]);
}

function sendHttp({ method, path, headers, body }: Extract<FuzzCase, { kind: 'http' }>, socketPath: string, agent: Agent): Promise<string | null> {
  return new Promise((resolve) => {
    const sends = method !== 'GET' && method !== 'HEAD';
    let sent;
    try {
      sent = request({ socketPath, agent, method, path, headers: { ...headers, ...(sends ? { 'content-length': Buffer.byteLength(body) } : {}) } }, (response) => {
        const status = response.statusCode ?? 0;
        let text = '';
        if (response.headers['content-type']?.startsWith('text/event-stream')) setTimeout(() => { response.destroy(); resolve(verdict(status, text)); }, STREAM_MS);
        response.on('data', (chunk: Buffer) => { text += chunk.toString('latin1'); }).on('error', () => undefined).on('end', () => { resolve(verdict(status, response.headers['content-encoding'] ? '' : text)); });
      });
    } catch { resolve(null); return; }
    // A body that is refused may be cut off while it is sent.
    sent.on('error', (error: NodeJS.ErrnoException) => { resolve(['ECONNRESET', 'EPIPE', 'HPE_INVALID_CONSTANT'].includes(error.code ?? '') ? null : `the connection failed: ${error.message}`); });
    sent.end(sends ? body : undefined);
  });
}

const verdict = (status: number, text: string): string | null => (status >= 500 || text.includes('"code":"INTERNAL"') ? `status ${status}: ${text.slice(0, 2_000)}` : null);

function sendBytes(bytes: Buffer, socketPath: string): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(socketPath).on('data', (chunk: Buffer) => { text += chunk.toString('latin1'); }).on('error', () => { resolve(null); }).on('close', () => { resolve(/^HTTP\/1\.1 5/m.test(text) ? text.slice(0, 1_000) : null); });
    socket.end(bytes);
    // What is a whole request may have told nobody to close.
    socket.setTimeout(150, () => { socket.destroy(); });
  });
}

/** Says them all, then asks whether anybody is there: an answer, or a close of the protocol's. */
function sendFrames(frames: Extract<FuzzCase, { kind: 'frames' }>['frames'], socketPath: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws+unix:${socketPath}:/graphql`, 'graphql-transport-ws');
    const said: string[] = [];
    socket.on('message', (data) => {
      const text = (data as Buffer).toString();
      said.push(text);
      if (text.includes('"code":"INTERNAL"')) resolve(text.slice(0, 2_000));
      if (text.includes('"fuzz":"end"')) { socket.terminate(); resolve(null); }
    });
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => { resolve(code >= 4500 || code === 1011 ? `closed with ${code} ${String(reason)}; ${said.at(-1)}` : null); });
    socket.on('open', () => {
      for (const frame of frames) {
        if (socket.readyState !== WebSocket.OPEN) return;
        if (typeof frame === 'object' && 'raw' in frame) (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(frame.raw); else socket.send(frame);
      }
      if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"ping","payload":{"fuzz":"end"}}');
      // Bytes between frames may have made the rest the middle of one that never ends.
      if (frames.some((frame) => typeof frame === 'object' && 'raw' in frame)) setTimeout(() => { socket.terminate(); resolve(null); }, 200);
    });
  });
}
