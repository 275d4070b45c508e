import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../service/log.ts';
import { gitEnv } from './git.ts';
import type { GitSetting } from './git.ts';
import { createPktWalk, sidebandLine } from './pkt-walk.ts';
import { readableBytes, watchUpload } from './upload.ts';

export interface BackendOptions {
  root: string; log: Logger; settings: GitSetting[];
  /** The repository's path below the root, and what git asks of it. */
  path: string; query: string;
  /** More environment, for the hooks. */
  env: Record<string, string>;
  /** Somebody pushes: whoever goes away cancels nothing. Bytes of pack that are allowed. */
  push: { maxBytes: number } | null;
  /** Aborts with an Error for the person when what they were let in by has ended: then this ends too. */
  ended: AbortSignal;
  onEnd(): void;
}

/** How long the rest of a push that is too large is read and thrown away, so that its sender gets to see the answer. */
const DISCARD_MS = 60_000;
/** So long after its rights have ended a push may take to tell its last word; then it is cut. */
const LAST_WORD_MS = 4_000;
/** Longer than the hooks are silent (keepTalking), shorter than the 5 s that a pusher may hear nothing. */
const SILENCE_MS = 4_000;
/** What git sends to keep a connection alive: an empty packet, which nobody sees. */
const KEEP_ALIVE_BYTES = 5;

/** Hands one request to `git http-backend`, and its answer back; both stream. */
export function runBackend(request: IncomingMessage, response: ServerResponse, { root, log, settings, path, query, env, push, ended, onEnd }: BackendOptions): void {
  const { headers } = request;
  const backend = spawn('git', ['http-backend'], {
    detached: true, stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...gitEnv(root, settings), GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: path, QUERY_STRING: query, REQUEST_METHOD: request.method ?? 'GET', CONTENT_TYPE: headers['content-type'] ?? '', REMOTE_ADDR: '127.0.0.1', ...env,
      // Without a length git reads to the end. With one it would wait for what a pusher who has left no longer sends, at full speed and for ever. A body in gzip is git's to unpack.
      ...(headers['content-encoding'] === 'gzip' ? { HTTP_CONTENT_ENCODING: 'gzip' } : {}),
      ...(typeof headers['git-protocol'] === 'string' && /^version=\d(:[\w=]*)*$/.test(headers['git-protocol']) ? { GIT_PROTOCOL: headers['git-protocol'] } : {}),
    },
  });
  backend.once('error', (error) => { log.error({ error }, 'git could not be started'); response.writeHead(500, { 'content-type': 'text/plain' }).end('git could not be started on the server.\n'); });
  backend.stderr.on('data', (chunk: Buffer) => { log.debug({ git: chunk.toString().trim() }, 'git says'); });
  const answer = relay(backend.stdout, response);
  const stopTalk = push ? talk(request, answer, push.maxBytes) : (): void => undefined;
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => {
    // It ended before it had read all, and its answer says why: the rest is read and thrown away.
    request.unpipe(backend.stdin);
    request.resume();
    setTimeout(() => { if (!request.complete) request.destroy(); }, DISCARD_MS).unref();
  });
  // Whoever breaks off in the middle of sending ends the push: there is no whole pack to go on with.
  request.once('close', () => { if (!request.complete) backend.stdin.destroy(); });
  if (!push) response.once('close', () => { endGroup(backend); });
  const end = (): void => {
    // What is being received is no whole push. Who waits for a hook hears it from there.
    if (push && !request.complete) {
      answer.inject(sidebandLine(` !     ${(ended.reason as Error).message}`));
      request.unpipe(backend.stdin);
      request.resume();
      backend.stdin.destroy();
    } else if (!push) endGroup(backend);
    setTimeout(() => { endGroup(backend); if (!request.complete) request.destroy(); }, LAST_WORD_MS).unref();
  };
  if (ended.aborted) end(); else ended.addEventListener('abort', end, { once: true });
  backend.once('close', () => { ended.removeEventListener('abort', end); stopTalk(); onEnd(); });
}

function endGroup({ exitCode, signalCode, pid }: ChildProcess): void {
  if (exitCode !== null || signalCode !== null || pid === undefined) return;
  try { process.kill(-pid, 'SIGTERM'); } catch { /* it has just ended */ }
}

/** Before any hook can speak: what is too large, and in silence how far the push has come. */
function talk(request: IncomingMessage, answer: Answer, maxBytes: number): () => void {
  const onTooLarge = (): void => { answer.inject(sidebandLine(` !     This push is larger than the ${readableBytes(maxBytes)} that are allowed; nothing of it is kept. Keep large files out of git.`)); };
  const upload = watchUpload(request, maxBytes, { onTooLarge, onTooMany: () => { request.destroy(); } });
  const timer = setInterval(() => {
    if (Date.now() - answer.lastAt() < SILENCE_MS || (!upload.isComplete() && upload.showsProgress())) return;
    answer.inject(sidebandLine(`       … still ${upload.isComplete() ? 'checking' : 'receiving'} the push (${readableBytes(upload.bytes())})`));
  }, 500);
  return () => { clearInterval(timer); };
}

interface Answer {
  /** Puts a packet of ours between two of git's. */
  inject(packet: Buffer): void;
  /** When the pusher last heard something. */
  lastAt(): number;
}

/** CGI's answer to HTTP's. A client that has gone changes nothing: git goes on, and what it says is read and dropped. */
function relay(stdout: NodeJS.ReadableStream, response: ServerResponse): Answer {
  let head = Buffer.alloc(0);
  let begun = false;
  let pending: Buffer | null = null;
  const packets = createPktWalk();
  let lastAt = Date.now();
  const write = (chunk: Buffer): void => {
    packets.walk(chunk);
    if (chunk.length > KEEP_ALIVE_BYTES) lastAt = Date.now();
    const isFull = !response.destroyed && !response.write(chunk);
    if (pending && packets.isBetween()) { response.write(pending); pending = null; }
    if (!isFull) return;
    stdout.pause();
    const go = (): void => { response.off('drain', go); response.off('close', go); stdout.resume(); };
    response.on('drain', go);
    response.on('close', go);
  };
  stdout.on('data', (chunk: Buffer) => {
    if (begun) { write(chunk); return; }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    begun = true;
    if (response.headersSent || response.destroyed) return;
    const { status, headers } = parseHead(head.subarray(0, end).toString('latin1'));
    response.writeHead(status, { ...headers, 'x-accel-buffering': 'no' });
    response.flushHeaders();
    write(head.subarray(end + 4));
  });
  stdout.on('end', () => {
    if (!begun && !response.headersSent) response.writeHead(500);
    response.end();
  });
  return {
    lastAt: () => lastAt,
    inject: (packet) => {
      lastAt = Date.now();
      if (begun && packets.isBetween() && !response.writableEnded && !response.destroyed) response.write(packet); else pending = packet;
    },
  };
}

function parseHead(text: string): { status: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    if (name === 'status') status = Number.parseInt(value, 10); else headers[name] = value;
  }
  return { status, headers };
}
