import { spawn } from 'node:child_process';
import { processesOfUser } from './process-table.ts';

const WITHIN_MS = 5_000;

/**
 * Ends all processes of a user; false: some may live on. One by one they could outrun us: what does nothing but fork is gone before it is looked
 * at. So a program of the same user sends one signal to all the others at once, which the kernel lets nobody escape.
 */
export async function endUser(uid: number): Promise<boolean> {
  for (const until = Date.now() + WITHIN_MS; Date.now() < until;) {
    if (await signalOwn(uid)) return true;
    // It was ended itself, or could not be started: the user has as many processes as it may.
    for (const pid of processesOfUser(uid)) { try { process.kill(pid, 'SIGKILL'); } catch { /* it has ended */ } }
  }
  return false;
}

/** Whether the signal was sent: to some (0), or there was nobody (1). */
function signalOwn(uid: number): Promise<boolean> {
  return new Promise((resolve) => {
    const killer = spawn('/bin/sh', ['-c', 'kill -KILL -1'], { uid, gid: uid, cwd: '/', env: {}, stdio: 'ignore' });
    killer.once('error', () => { resolve(false); });
    killer.once('exit', (code) => { resolve(code === 0 || code === 1); });
  });
}
