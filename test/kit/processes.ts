import { execFileSync } from 'node:child_process';

/** Command lines of all processes that mention one of these strings (a data directory, an app's program). */
export function listProcesses(...mentions: string[]): string[] {
  return execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n')
    .filter((line) => mentions.some((mention) => line.includes(mention)))
    .filter((line) => !line.includes('ps -eo'));
}
