import { spawn } from 'node:child_process';
import type { Output } from './output.ts';

export interface CommandEnd { code: number | null; signal: NodeJS.Signals | null }

export interface CommandOptions { cwd: string; env: NodeJS.ProcessEnv; output: Output }

/** How long after a program's end what it left behind may hold its output open. */
const STRAY_MS = 2_000;

/** Both streams into one pipe, so that lines come in the order in which they were written. */
const merged = ['-c', 'exec "$@" 2>&1', 'bash'];

/** Runs a program with its output redacted; throws what the output's limit throws. Children stay in our process group: the node ends it as a whole. */
export async function runCommand(file: string, args: string[], { cwd, env, output }: CommandOptions): Promise<CommandEnd> {
  output.signal.throwIfAborted();
  const sink = output.openSink();
  const child = spawn('bash', [...merged, file, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] });
  const kill = (): void => { child.kill('SIGKILL'); child.stdout.destroy(); };
  output.signal.addEventListener('abort', kill, { once: true });
  child.stdout.on('data', (chunk: Buffer) => { sink.write(chunk); });
  const ended = await new Promise<CommandEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => { resolve({ code, signal }); });
    child.once('exit', () => { setTimeout(() => { child.stdout.destroy(); }, STRAY_MS).unref(); });
  });
  output.signal.removeEventListener('abort', kill);
  sink.end();
  output.signal.throwIfAborted();
  return ended;
}

/** Runs a small program and gives what it printed; not redacted, for reading by us. */
export async function readCommand(file: string, args: string[], { cwd, env, maxBytes = 256 * 1024 }: { cwd: string; env: NodeJS.ProcessEnv; maxBytes?: number }): Promise<CommandEnd & { stdout: string; stderr: string }> {
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => { texts[stream] = (texts[stream] + text).slice(0, maxBytes); });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => { resolve({ code, signal, ...texts }); });
    child.once('exit', () => { setTimeout(() => { child.stdout.destroy(); child.stderr.destroy(); }, STRAY_MS).unref(); });
  });
}
