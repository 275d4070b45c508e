import { WebSocket } from 'ws';
import type { KubeCredentials } from './credentials.ts';
import { errorOfAnswer, KubeError } from './kube-error.ts';
import { kindPath } from './kinds.ts';
import type { ContainerRef } from './pod-log.ts';

/** With v5 the end of standard input can be told; with v4 the end of the connection tells it. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const STDIN = 0;
const STATUS = 3;
const CLOSE = 255;

/** Writes the content to a container's standard input and closes it; resolves when the server has taken all of it. */
export async function attachStdin(credentials: KubeCredentials, { namespace, pod, container }: ContainerRef, content: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const authorization = await credentials.authorization();
  const { server } = credentials;
  const url = new URL(`${server.pathname.replace(/\/$/, '')}${kindPath('Pod', namespace, pod)}/attach?${new URLSearchParams({ container, stdin: 'true', stdout: 'false', stderr: 'false', tty: 'false' }).toString()}`, server);
  url.protocol = server.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url, PROTOCOLS, { ...await credentials.tls(), headers: authorization === undefined ? {} : { authorization }, handshakeTimeout: 15_000 });
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => { socket.terminate(); reject(signal.reason instanceof Error ? signal.reason : new Error('given up')); };
    signal.addEventListener('abort', abort, { once: true });
    socket.on('close', () => { signal.removeEventListener('abort', abort); resolve(); });
    socket.on('error', (error) => { reject(new KubeError(`Container ${container} of pod ${pod} could not be attached to: ${error.message}`, { status: 0, reason: 'ConnectionLost', cause: error })); });
    socket.on('unexpected-response', (_, answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => { body += chunk.toString(); });
      answer.on('end', () => { reject(errorOfAnswer(`attach to ${container} of pod ${pod}`, answer.statusCode ?? 500, body)); socket.terminate(); });
    });
    socket.on('open', () => {
      socket.send(Buffer.concat([Buffer.of(STDIN), Buffer.from(content)]));
      if (socket.protocol === PROTOCOLS[0]) socket.send(Buffer.of(CLOSE, STDIN)); else socket.close();
    });
    socket.on('message', (data) => {
      const message = data as Buffer;
      // Each channel begins with an empty message.
      if (message[0] !== STATUS || message.length === 1) return;
      const status = JSON.parse(message.subarray(1).toString()) as { status?: string };
      if (status.status !== 'Success') reject(errorOfAnswer(`attach to ${container} of pod ${pod}`, 500, message.subarray(1).toString()));
      socket.close();
    });
  });
}
