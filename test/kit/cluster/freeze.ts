import { findProcess } from '../processes.ts';

/** What the test cluster runs outside of its pods: only where the tests are on its machine. */
export const machinery = { kubelet: /(^|\/)kubelet /, registry: /(^|\/)docker-registry serve / } as const;
export type Machinery = keyof typeof machinery;

/** Whether it runs on this machine. */
export const isHere = (what: Machinery): boolean => findProcess(machinery[what]) !== null;

/** Stops it for so long, as a machine does that hangs; it comes back whatever happens. */
export async function freeze(what: Machinery, ms: number): Promise<void> {
  const pid = findProcess(machinery[what]);
  if (pid === null) throw new Error(`no ${what} runs on this machine`);
  const thaw = (): void => { process.kill(pid, 'SIGCONT'); };
  process.once('exit', thaw);
  process.kill(pid, 'SIGSTOP');
  await new Promise((resolve) => { setTimeout(resolve, ms); });
  thaw();
  process.off('exit', thaw);
}
