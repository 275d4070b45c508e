import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Logger } from '../../service/log.ts';
import { withTrace } from '../../service/trace-context.ts';
import type { TraceContext } from '../../service/trace-context.ts';
import { toRefused } from './refused.ts';

/** One push and who makes it; hooks of it come back with its id, and go on in its trace. */
export interface Push {
  id: string; userId: string; email: string; apiKeyId: string; appId: string; appName: string;
  /** It came to a former name of the app: where that is now. */
  movedTo: string | null;
  /** Aborts with a Refused when the rights it was begun with have ended. */
  ended: AbortSignal;
  trace?: TraceContext | undefined;
}

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

export interface HookServerOptions { pushes: Pushes; log: Logger; isStopping(): boolean; handle: HandleHook }

/** Listens for the hooks of our own pushes, on a socket in a directory that only we may enter. */
export function createHookServer(options: HookServerOptions): Server {
  return createServer((socket) => {
    const gone = new AbortController();
    socket.on('close', () => { gone.abort(); });
    socket.on('error', () => { socket.destroy(); });
    const { say, send } = createSpeaker(socket);
    createInterface({ input: socket }).once('line', (line) => {
      void answerHook(line, options, { say, gone: gone.signal }).then(send, (error: unknown) => {
        options.log.error({ error }, 'a hook could not be answered');
        say(' !     The git server failed; see its log.');
        send({ exit: 1 });
      }).then(() => { socket.end(); });
    });
  });
}

/** Hooks of a former life's socket are gone with it. */
export async function listenForHooks(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(path, resolve); });
  chmodSync(path, 0o600);
}

async function answerHook(line: string, { pushes, handle, isStopping }: HookServerOptions, pusher: Pusher): Promise<HookAnswer> {
  const asked = question.parse(JSON.parse(line));
  const push = pushes.get(asked.push);
  if (!push) throw new Error('a hook of no push of ours');
  try {
    return await Promise.race([withTrace(push.trace, () => handle(asked, push, pusher)), whenEnded(push.ended)]);
  } catch (error) {
    const { message, reason } = toRefused(error, isStopping());
    pusher.say(` !     ${message}`);
    return { exit: 1, results: asked.commands.map(({ ref }) => ({ ref, error: reason })) };
  }
}

/** Rejects with the signal's reason. */
const whenEnded = (signal: AbortSignal): Promise<never> => new Promise((_resolve, reject) => {
  const end = (): void => { reject(signal.reason as Error); };
  if (signal.aborted) end(); else signal.addEventListener('abort', end, { once: true });
});

/** A pusher whose terminal takes nothing (or slowly) must not fill our memory: this much waits for it. */
const WAITING_BYTES = 4 * 1024 * 1024;

/** Writes to the hook; lines that would not fit are left out, and that is said once there is room. */
function createSpeaker(socket: Socket): { say(line: string): void; send(answer: HookAnswer): void } {
  let leftOut = 0;
  const write = (message: object): void => { if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`); };
  const tellLeftOut = (): void => {
    if (leftOut > 0) write({ say: ` !     ${leftOut} lines are left out here: they came faster than this terminal takes them.` });
    leftOut = 0;
  };
  socket.on('drain', tellLeftOut);
  return {
    say: (line) => { if (leftOut > 0 || socket.writableLength > WAITING_BYTES) leftOut++; else write({ say: line }); },
    send: (answer) => { tellLeftOut(); write(answer); },
  };
}
