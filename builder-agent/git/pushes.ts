import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Logger } from '../../service/log.ts';

/** One push and who makes it; hooks of it come back with its id. */
export interface Push { id: string; userId: string; email: string; apiKeyId: string; appId: string; appName: string }

export interface Pushes {
  begin(push: Omit<Push, 'id'>): string;
  end(id: string): void;
  get(id: string): Push | undefined;
}

export function createPushes(): Pushes {
  const pushes = new Map<string, Push>();
  return {
    begin: (push) => {
      const id = randomBytes(16).toString('hex');
      pushes.set(id, { ...push, id });
      return id;
    },
    end: (id) => { pushes.delete(id); },
    get: (id) => pushes.get(id),
  };
}

const objectId = z.string().regex(/^[0-9a-f]{40,64}$/);
const question = z.object({
  hook: z.enum(['pre-receive', 'proc-receive']), push: z.string(), quarantine: z.record(z.string(), z.string()),
  commands: z.array(z.object({ old: objectId, now: objectId, ref: z.string() })), options: z.array(z.string()).default([]),
});
export type HookQuestion = z.infer<typeof question>;
export type RefCommand = HookQuestion['commands'][number];

/** What a hook hears: lines for the person who pushes, then one verdict. */
export interface HookAnswer { exit: number; results?: { ref: string; error: string | null }[] }

export interface Pusher {
  say(line: string): void;
  /** Aborts when the person has gone. */
  gone: AbortSignal;
}

export type HandleHook = (question: HookQuestion, push: Push, pusher: Pusher) => Promise<HookAnswer>;

/** Listens for the hooks of our own pushes, on a socket in a directory that only we may enter. */
export function createHookServer(pushes: Pushes, handle: HandleHook, log: Logger): Server {
  return createServer((socket) => {
    const gone = new AbortController();
    socket.on('close', () => { gone.abort(); });
    socket.on('error', () => { socket.destroy(); });
    createInterface({ input: socket }).once('line', (line) => {
      void answerHook(line, socket, pushes, handle, gone.signal).catch((error: unknown) => {
        log.error({ error }, 'a hook could not be answered');
        send(socket, { say: ' !     The git server failed; nothing was changed. See its log.' });
        send(socket, { exit: 1 });
        socket.end();
      });
    });
  });
}

/** Hooks of a former life's socket are gone with it. */
export async function listenForHooks(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(path, resolve); });
  chmodSync(path, 0o600);
}

async function answerHook(line: string, socket: Socket, pushes: Pushes, handle: HandleHook, gone: AbortSignal): Promise<void> {
  const asked = question.parse(JSON.parse(line));
  const push = pushes.get(asked.push);
  if (!push) throw new Error('a hook of no push of ours');
  const answer = await handle(asked, push, { gone, say: (text) => { send(socket, { say: text }); } });
  send(socket, answer);
  socket.end();
}

function send(socket: Socket, message: object): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
}
