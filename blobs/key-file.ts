import { keyReload, readKeys } from '../service/key-file.ts';
import type { Logger } from '../service/log.ts';
import type { SigningKeys } from './signature.ts';

/** A Secret's file is swapped by the kubelet, which no watch of a directory entry sees on every system: it is read again. */
const READ_MS = 2_000;

/** The keys of a blob server, as their file says within seconds: URLs signed by any of them are served. A file that is not right changes nothing, and is told of once. */
export function watchBlobKeys(file: string, log: Logger): { keys: SigningKeys; stop(): void } {
  let keys = readKeys(file);
  const timer = setInterval(keyReload(() => { keys = readKeys(file); }, log), READ_MS);
  return { keys: { signing: () => keys[0] ?? Buffer.alloc(0), believed: () => keys }, stop: () => { clearInterval(timer); } };
}
