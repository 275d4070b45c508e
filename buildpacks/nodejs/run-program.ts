import { spawn } from 'node:child_process';
import { PackError } from '../node-runtime.ts';

/** Runs a program of the build; throws PackError when it fails. */
export type Run = (file: string, args: string[]) => Promise<void>;

/** Programs run in `cwd` with our own output. One that was killed ends us with 137, by which the lifecycle knows why. */
export const createRun = (cwd: string, env: NodeJS.ProcessEnv): Run => (file, args) => new Promise((resolve, reject) => {
  const what = `${file} ${args[0] === 'run' ? `run ${args[1] ?? ''}` : args[0] ?? ''}`;
  spawn(file, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] }).once('error', reject).once('close', (code, signal) => {
    if (code === 0) { resolve(); return; }
    if (signal === 'SIGKILL' || code === 137) { process.stdout.write(`       ${what} was killed\n`); process.exit(137); }
    reject(new PackError(`${what} failed: ${signal ?? `exit code ${code}`}`));
  });
});
