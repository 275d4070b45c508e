import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Lets everybody read a directory, and us alone write it, whatever the umask and the modes of the checkout are. */
export async function openToAll(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, entry.parentPath.endsWith('/bin') || entry.name.endsWith('.sh') ? 0o755 : 0o644);
  }
}
