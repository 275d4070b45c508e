import { createHash } from 'node:crypto';
import type { WantedProcess, WantedRelease } from '../deploy.ts';

const short = (parts: unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);

/** What a replica is a copy of, as `<code>.<config>`: replicas of equal templates are interchangeable, whichever release started them. */
export function templateOf(release: WantedRelease, process: WantedProcess): string {
  return `${short([release.slugDigest, process.type, process.command, process.memoryBytes, process.restarts])}.${short([release.configFingerprint])}`;
}

/** Whether a replica already is what this release wants. */
export function fits(release: WantedRelease, process: WantedProcess, template: string): boolean {
  const wanted = templateOf(release, process);
  return template === wanted || (release.keepsReplicas && template.split('.')[0] === wanted.split('.')[0]);
}
