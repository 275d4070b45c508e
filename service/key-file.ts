import { readFileSync } from 'node:fs';
import type { Logger } from './log.ts';

const KEY_BYTES = 32;

/** The keys of a key file: a line of 32 bytes in base64 each, the newest first. Throws with what is wrong. */
export function parseKeys(text: string): Buffer[] {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  if (lines.length === 0) throw new Error('it has no key');
  const keys = lines.map((line, index) => {
    const key = Buffer.from(line, 'base64');
    if (key.length !== KEY_BYTES || key.toString('base64') !== line) throw new Error(`line ${index + 1} is not ${KEY_BYTES} bytes in base64`);
    return key;
  });
  if (new Set(lines).size < lines.length) throw new Error('it has a key twice');
  return keys;
}

/** The keys of a file. Throws where it cannot be read, or is no key file. */
export function readKeys(file: string): Buffer[] {
  const text = readFileSync(file, 'utf8');
  try {
    return parseKeys(text);
  } catch (error) {
    throw new Error(`The key file ${file} is not right: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
  }
}

/** The same reading again for what does so every few seconds: where it throws, the keys stay as they were, and one problem is logged once. */
export function keyReload(reload: () => void, log: Logger): () => void {
  let told = '';
  return () => {
    try {
      reload();
      told = '';
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== told) log.error({ error }, 'the key file could not be read again; the keys stay as they were');
      told = problem;
    }
  };
}
