import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** Node with the arguments of this process; `ended` resolves with the exit code. */
export function runNode(env: Record<string, string>): { child: ChildProcess; ended: Promise<number> } {
  const child = spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit', env: { ...process.env, ...env } });
  return { child, ended: new Promise((resolve) => { child.once('exit', (code, signal) => { resolve(code ?? (signal ? 1 : 0)); }); }) };
}

/** Runs `main`, then `cleanUp` once, and ends with main's exit code; a signal, or the end of whoever started us, comes in between with code 1. */
export function runAndCleanUp(main: (isStopping: () => boolean) => Promise<number>, cleanUp: () => Promise<void>): void {
  let stopping = false;
  const tell = (error: unknown): void => { process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`); };
  const stop = async (code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await cleanUp().catch((error: unknown) => { tell(error); process.exit(1); });
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { void stop(1); });
  process.on('disconnect', () => { void stop(1); });
  main(() => stopping).then(stop, (error: unknown) => { tell(error); return stop(1); });
}
