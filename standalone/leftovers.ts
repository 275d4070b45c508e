import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { endProcess, identify, isAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Writes down which processes are ours, for the next start to find after a kill -9. False: the disk did not take it, which must not end what runs. */
export function recordProcesses(file: string, running: Map<string, number>): boolean {
  const entries = Object.fromEntries([...running].map(([name, pid]) => [name, identify(pid)]));
  try {
    writeFileSync(`${file}.new`, JSON.stringify(entries), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return true;
  } catch { return false; }
}

/** They stop by themselves when their supervisor is gone, and then need NATS and PostgreSQL to do it well. */
const LAST = ['nats', 'postgres'];
const STOP_SECONDS = 40;

/** Ends what a killed supervisor left behind, its apps excepted: local-node finds those again. Answers the names. */
export async function endLeftovers(file: string): Promise<string[]> {
  const left = Object.entries(readRecord(file)).filter(([, identity]) => isAlive(identity));
  const end = ([name, identity]: [string, ProcessIdentity]): Promise<void> => endProcess(identity, name === 'postgres' ? 'SIGINT' : 'SIGTERM', STOP_SECONDS);
  await Promise.all(left.filter(([name]) => !LAST.includes(name)).map(end));
  for (const name of LAST) await Promise.all(left.filter(([other]) => other === name).map(end));
  return left.map(([name]) => name);
}

function readRecord(file: string): Record<string, ProcessIdentity> {
  try { return JSON.parse(readFileSync(file, 'utf8')) as Record<string, ProcessIdentity>; } catch { return {}; }
}
