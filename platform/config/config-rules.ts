import { isUtf8 } from 'node:buffer';
import { InvalidInput } from '../user-error.ts';

/** As long as the key of a Secret of Kubernetes may be. */
const MAX_KEY = 253;
const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_VALUE_BYTES = 64 * 1024;

/** Set by the platform for each replica, or dangerous to the programs that start it. */
const RESERVED = /^(PORT|HOME|PWD|SHELL|USER|LOGNAME|BASH_ENV|ENV|IFS|SHELLOPTS|BASHOPTS|PS4|LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|BASH_FUNC_.*|SLIPWAY_.*)$/;

/** Throws InvalidInput where a list of keys names what is no key, or one twice. */
export function checkKeys(field: string, keys: readonly string[], seen = new Set<string>()): void {
  for (const [index, key] of keys.entries()) {
    const path = ['input', field, String(index)];
    if (!KEY.test(key) || key.length > MAX_KEY) throw new InvalidInput(`"${key.slice(0, 60)}" is no config key: letters, digits and _, not starting with a digit, at most ${MAX_KEY}.`, { path });
    if (seen.has(key)) throw new InvalidInput(`${key} is named twice.`, { path });
    seen.add(key);
  }
}

/** A value as it is given: its bytes or its text as `value`, or its bytes in base64. */
export interface GivenValue { key: string; value?: Uint8Array | string | null | undefined; valueBase64?: string | null | undefined }

/** The bytes of a value. Throws InvalidInput where it is given in no way or in two, or is no base64. */
export function valueBytes({ key, value, valueBase64 }: GivenValue, index: number): Uint8Array {
  const path = ['input', 'set', String(index)];
  if ((value == null) === (valueBase64 == null)) throw new InvalidInput(`Give the value of ${key} either as value or as valueBase64.`, { path });
  if (value != null) return typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  const bytes = Buffer.from(valueBase64 ?? '', 'base64');
  if (bytes.toString('base64') !== valueBase64) throw new InvalidInput(`The valueBase64 of ${key} is no base64.`, { path: [...path, 'valueBase64'] });
  return bytes;
}

/** Throws InvalidInput where a change names nothing, or a key or value that cannot be. */
export function checkChanges(set: readonly { key: string; value: Uint8Array }[], unset: readonly string[]): void {
  if (set.length + unset.length === 0) throw new InvalidInput('Name at least one key to set or to unset.', { path: ['input', 'set'] });
  const seen = new Set<string>();
  checkKeys('set', set.map(({ key }) => key), seen);
  checkKeys('unset', unset, seen);
  for (const [index, { key, value }] of set.entries()) {
    const path = ['input', 'set', String(index)];
    if (RESERVED.test(key)) throw new InvalidInput(`${key} is set by the platform and cannot be config.`, { path });
    if (value.length > MAX_VALUE_BYTES) throw new InvalidInput(`The value of ${key} is longer than ${MAX_VALUE_BYTES / 1024} KiB.`, { path });
    if (value.includes(0)) throw new InvalidInput(`The value of ${key} holds a zero byte, which no environment variable can: encode it (base64).`, { path });
    // A kubelet starts no container with other bytes in its environment; what one cluster takes, the other must.
    if (!isUtf8(value)) throw new InvalidInput(`The value of ${key} is no text in UTF-8, which an environment variable must be on Kubernetes: encode it (base64).`, { path });
  }
}
