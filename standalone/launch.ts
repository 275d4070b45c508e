import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { howItEnded } from './children.ts';
import { StartError } from './start-error.ts';

export interface NodeProgram {
  name: string;
  main: string;
  env: Record<string, string>;
  onLine(line: string): void;
}

/** Spawns one of our own TypeScript processes in a group of its own (Ctrl-C is for the supervisor); resolves when it says `ready`. */
export function launchNode({ name, main, env, onLine }: NodeProgram, spawned: (child: ChildProcess) => void): Promise<void> {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
  for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', onLine);
  const ready = new Promise<void>((resolve, reject) => {
    child.on('error', (error) => { reject(new StartError(`${name} could not be started: ${error.message}`, { cause: error })); });
    child.once('exit', (code, signal) => { reject(new StartError(`${name} ${howItEnded(code, signal)} before it was ready.`)); });
    child.on('message', (message) => { if (message === 'ready') resolve(); });
  });
  spawned(child);
  return ready;
}
