import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../service/log.ts';
import { gitEnv } from './git.ts';
import type { GitSetting } from './git.ts';
import { createPktWalk, sidebandLine } from './pkt-walk.ts';

export interface BackendOptions {
  root: string; log: Logger; settings: GitSetting[];
  /** The repository's path below the root, and what git asks of it. */
  path: string; query: string;
  /** More environment, for the hooks. */
  env: Record<string, string>;
  /** Somebody pushes: whoever goes away cancels nothing. Bytes of pack that are allowed. */
  push: { maxBytes: number } | null;
  onEnd(): void;
}

/** How long the rest of a push that is too large is read and thrown away, so that its sender gets to see the answer. */
const DISCARD_MS = 60_000;

/** Hands one request to `git http-backend`, and its answer back; both stream. */
export function runBackend(request: IncomingMessage, response: ServerResponse, { root, log, settings, path, query, env, push, onEnd }: BackendOptions): void {
  const { headers } = request;
  const backend = spawn('git', ['http-backend'], {
    detached: true, stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...gitEnv(root, settings), GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: path, QUERY_STRING: query, REQUEST_METHOD: request.method ?? 'GET', CONTENT_TYPE: headers['content-type'] ?? '', REMOTE_ADDR: '127.0.0.1', ...env,
      // Absent when chunked: git then reads to the end. A body in gzip is git's to unpack.
      ...(headers['content-length'] ? { CONTENT_LENGTH: headers['content-length'] } : {}),
      ...(headers['content-encoding'] === 'gzip' ? { HTTP_CONTENT_ENCODING: 'gzip' } : {}),
      ...(typeof headers['git-protocol'] === 'string' && /^version=\d(:[\w=]*)*$/.test(headers['git-protocol']) ? { GIT_PROTOCOL: headers['git-protocol'] } : {}),
    },
  });
  backend.once('error', (error) => { log.error({ error }, 'git could not be started'); response.writeHead(500, { 'content-type': 'text/plain' }).end('git could not be started on the server.\n'); });
  backend.stderr.on('data', (chunk: Buffer) => { log.debug({ git: chunk.toString().trim() }, 'git says'); });
  const answer = relay(backend.stdout, response);
  if (push && headers['content-encoding'] === undefined) onTooLarge(request, push.maxBytes, () => { answer.inject(sidebandLine(` !     This push is larger than the ${readableBytes(push.maxBytes)} that are allowed; nothing of it is kept. Keep large files out of git.`)); });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => {
    // It ended before it had read all, and its answer says why: the rest is read and thrown away.
    request.unpipe(backend.stdin);
    request.resume();
    setTimeout(() => { if (!request.complete) request.destroy(); }, DISCARD_MS).unref();
  });
  // Whoever breaks off in the middle of sending ends the push: there is no whole pack to go on with.
  request.once('close', () => { if (!request.complete) backend.stdin.destroy(); });
  if (!push) response.once('close', () => { if (backend.exitCode === null && backend.pid !== undefined) endGroup(backend.pid); });
  backend.once('close', onEnd);
}

function endGroup(pid: number): void {
  try { process.kill(-pid, 'SIGTERM'); } catch { /* it has just ended */ }
}

/** Calls back once when the pack of a push (what follows its pkt-lines) is larger than that; git itself refuses it at the same byte. */
function onTooLarge(request: IncomingMessage, maxBytes: number, call: () => void): void {
  const commands = createPktWalk();
  let inPack = false;
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    const before = inPack ? 0 : commands.walk(chunk);
    // The four letters "PACK", read as a length, may have come in an earlier chunk: they are too few to matter.
    inPack ||= before < chunk.length;
    bytes += chunk.length - Math.max(0, before);
    if (bytes <= maxBytes) return;
    request.off('data', count);
    call();
  };
  request.on('data', count);
}

/** "1 GiB", "1.5 MiB" */
function readableBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power] ?? ''}`;
}

/** CGI's answer to HTTP's. A client that has gone changes nothing: git goes on, and what it says is read and dropped. `inject` puts a packet of ours between two of git's. */
function relay(stdout: NodeJS.ReadableStream, response: ServerResponse): { inject(packet: Buffer): void } {
  let head = Buffer.alloc(0);
  let begun = false;
  let pending: Buffer | null = null;
  const packets = createPktWalk();
  const write = (chunk: Buffer): void => {
    packets.walk(chunk);
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
    inject: (packet) => {
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
