import { readFileSync } from 'node:fs';
import type { Logger } from '../service/log.ts';
import type { SigningKeys } from './signature.ts';

/** A Secret's file is swapped by the kubelet, which no watch of a directory entry sees on every system: it is read again. */
const READ_MS = 2_000;

/** One key a line, in base64, the newest first. Throws where there is none. */
function readKeys(file: string): Buffer[] {
  const keys = readFileSync(file, 'utf8').split('\n').map((line) => line.trim()).filter((line) => line !== '').map((line) => Buffer.from(line, 'base64'));
  if (keys.length === 0 || keys.some((key) => key.length !== 32)) throw new Error(`The key file ${file} must hold 32 bytes in base64 a line.`);
  return keys;
}

/** The keys of a blob server, as their file says within seconds: URLs signed by any of them are served. A file that is not right changes nothing, and is told of once. */
export function watchBlobKeys(file: string, log: Logger): { keys: SigningKeys; stop(): void } {
  let keys = readKeys(file);
  let told = '';
  const timer = setInterval(() => {
    try {
      keys = readKeys(file);
      told = '';
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== told) log.error({ error }, 'the key file could not be read again; the keys stay as they were');
      told = problem;
    }
  }, READ_MS);
  return { keys: { signing: () => keys[0] ?? Buffer.alloc(0), believed: () => keys }, stop: () => { clearInterval(timer); } };
}
