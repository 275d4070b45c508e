import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

/** Aligned, so that blocks of two platforms are the same or apart. */
const SIZE = 32_768;
/** The first ones hold the machine's own users, and `nobody`. */
const FIRST = 4;

/** How many user ids this machine or container has: in a container the map may give only the first 65,536. */
export function countUids(map = readMap()): number {
  const ends = map.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number)).map(([inside = 0, , length = 0]) => inside + length);
  return Math.min(Math.max(...ends), 2 ** 31);
}

/** The first user id of a block, by chance: two platforms on a machine hardly share one. */
export function chooseUidBlock(map = readMap()): number {
  const blocks = Math.floor(countUids(map) / SIZE);
  // With few of them: the last, which leaves `nobody` past the ids that are used.
  return (blocks > FIRST ? randomInt(FIRST, blocks) : Math.max(blocks - 1, 1)) * SIZE;
}

function readMap(): string {
  const file = '/proc/self/uid_map';
  return existsSync(file) ? readFileSync(file, 'utf8') : `0 0 ${2 ** 31}`;
}
