import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** Gives a directory with all in it to a user and the group of the same number, unless it is theirs. */
export function giveTo(uid: number, dir: string): void {
  if (statSync(dir).uid !== uid) execFileSync('chown', ['-R', `${uid}:${uid}`, dir]);
}
