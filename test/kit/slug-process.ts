import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import type { Scope } from './temp.ts';
import { until } from './wait.ts';

const entrypoint = join(import.meta.dirname, '../../run-image/entrypoint.sh');

/** Starts a process of an unpacked slug as the node would, and answers its address once it listens. */
export async function runSlugProcess(scope: Scope, dir: string, command: string): Promise<string> {
  const port = await freePort();
  const child = spawn('/bin/bash', [entrypoint, dir, command], { cwd: dir, detached: true, env: { PATH: '/usr/local/bin:/usr/bin:/bin', PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  const ended = new Promise<void>((resolve) => { child.once('exit', () => { resolve(); }); });
  scope.after(async () => {
    try { process.kill(-(child.pid ?? 0), 'SIGKILL'); } catch { /* it has ended */ }
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => { await fetch(url); return true; }, { within: 60_000, what: () => `"${command}" listens; it said: ${output}` });
  return url;
}
