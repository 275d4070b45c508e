import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { ConfigEntry, Release } from '../prisma/generated/client/client.ts';
import { requireApp } from './access.ts';
import type { Actor } from './access.ts';
import type { AppChange } from './change-app.ts';
import { changeAppOnce } from './idempotency.ts';
import type { Platform, Transaction } from './platform.ts';
import { baseOf, createRelease } from './release.ts';
import { InvalidInput } from './user-error.ts';

/** As long as the key of a Secret of Kubernetes may be. */
const MAX_KEY = 253;
const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_VALUE_BYTES = 64 * 1024;
const MAX_KEYS = 500;
/** Linux gives arguments and environment of a program 2 MB in all by default. */
const MAX_TOTAL_BYTES = 1024 * 1024;

/** Set by the platform for each replica, or dangerous to the programs that start it. */
const RESERVED = /^(PORT|HOME|PWD|SHELL|USER|LOGNAME|BASH_ENV|ENV|IFS|SHELLOPTS|BASHOPTS|PS4|LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|BASH_FUNC_.*|SLIPWAY_.*)$/;

export interface ConfigVar { key: string; value: Uint8Array; sealed: boolean }

export interface SetConfigInput {
  app: string;
  set?: readonly { key: string; value: Uint8Array; sealed?: boolean | null | undefined }[];
  unset?: readonly string[];
  /** False: replicas get the change when they next start. */
  restart?: boolean;
  expectedVersion?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
}

/**
 * One snapshot and one release of all changes; where nothing changes (equal values, no key less) there is none, and the newest release is the answer.
 * Throws InvalidInput, NotFound, Forbidden, VersionConflict, IdempotencyConflict.
 */
export async function setConfig(platform: Platform, actor: Actor, input: SetConfigInput): Promise<Release> {
  const { id } = await requireApp(platform.db, actor, input.app, 'writeConfig');
  const { set = [], unset = [], restart = true, expectedVersion, idempotencyKey } = input;
  checkChanges(set, unset);
  const remembered = { set: set.map(({ key, value, sealed }) => [key, platform.box.digest(value), sealed ?? null]), unset, restart };
  const releaseId = await changeAppOnce(platform, id, { actor, expectedVersion, idempotencyKey, mutation: 'setConfig', input: remembered }, (change) => writeSnapshot(platform, actor, change, { set, unset, restart }));
  return platform.db.release.findUniqueOrThrow({ where: { id: releaseId } });
}

async function writeSnapshot(platform: Platform, actor: Actor, change: AppChange, { set, unset, restart }: Required<Pick<SetConfigInput, 'set' | 'unset' | 'restart'>>): Promise<string> {
  const { tx, app, event } = change;
  const base = await baseOf(tx, app.id);
  const entries = new Map((base.configId === null ? [] : await tx.configEntry.findMany({ where: { configId: base.configId } })).map((entry) => [entry.key, entry]));
  const missing = unset.filter((key) => !entries.has(key));
  if (missing.length > 0) throw new InvalidInput(`There is no config key ${missing.join(', ')}.`, { path: ['input', 'unset'], hint: 'slipway config lists them.' });
  for (const key of unset) entries.delete(key);
  const changed = { set: [] as string[], unset: [...unset] };
  for (const { key, value, sealed } of set) {
    const before = entries.get(key);
    const digest = platform.box.digest(value);
    const now = { key, digest, sealed: sealed ?? before?.sealed ?? false };
    if (before && before.digest === now.digest && before.sealed === now.sealed) continue;
    changed.set.push(key);
    entries.set(key, { ...now, configId: '', ciphertext: platform.box.seal(value, sealContext(app.id, key)), setAt: new Date(), setById: actor.userId });
  }
  const isUnchanged = changed.set.length + changed.unset.length === 0;
  if (isUnchanged) return (await tx.release.findFirstOrThrow({ where: { appId: app.id }, orderBy: { version: 'desc' } })).id;
  const configId = await storeSnapshot(change, [...entries.values()]);
  event('ConfigChanged', changed);
  const release = await createRelease(change, { reason: 'CONFIG', slugId: base.slugId, configId, restart, createdById: actor.userId, description: describeChange(changed) });
  return release.id;
}

/** A new snapshot of these entries, in two statements however many they are. Throws InvalidInput where they are too many or too large. */
export async function storeSnapshot({ tx, app }: AppChange, entries: readonly ConfigEntry[]): Promise<string> {
  if (entries.length > MAX_KEYS) throw new InvalidInput(`An app has at most ${MAX_KEYS} config keys.`, { path: ['input', 'set'] });
  if (entries.reduce((sum, entry) => sum + entry.ciphertext.length, 0) > MAX_TOTAL_BYTES) throw new InvalidInput('All config together is at most 1 MiB.', { path: ['input', 'set'] });
  const { id } = await tx.config.create({ data: { appId: app.id } });
  await tx.configEntry.createMany({ data: entries.map((entry) => ({ ...entry, configId: id })) });
  return id;
}

function describeChange({ set, unset }: { set: string[]; unset: string[] }): string {
  return [...(set.length > 0 ? [`Set ${set.join(', ')}`] : []), ...(unset.length > 0 ? [`Unset ${unset.join(', ')}`] : [])].join('; ').slice(0, 500);
}

function checkChanges(set: readonly { key: string; value: Uint8Array }[], unset: readonly string[]): void {
  if (set.length + unset.length === 0) throw new InvalidInput('Name at least one key to set or to unset.', { path: ['input', 'set'] });
  const seen = new Set<string>();
  for (const [field, keys] of [['set', set.map(({ key }) => key)], ['unset', unset]] as const) {
    for (const [index, key] of keys.entries()) {
      const path = ['input', field, String(index)];
      if (!KEY.test(key) || key.length > MAX_KEY) throw new InvalidInput(`"${key.slice(0, 60)}" is no config key: letters, digits and _, not starting with a digit, at most ${MAX_KEY}.`, { path });
      if (seen.has(key)) throw new InvalidInput(`${key} is named twice.`, { path });
      seen.add(key);
    }
  }
  for (const [index, { key, value }] of set.entries()) {
    const path = ['input', 'set', String(index)];
    if (RESERVED.test(key)) throw new InvalidInput(`${key} is set by the platform and cannot be config.`, { path });
    if (value.length > MAX_VALUE_BYTES) throw new InvalidInput(`The value of ${key} is longer than ${MAX_VALUE_BYTES / 1024} KiB.`, { path });
    if (value.includes(0)) throw new InvalidInput(`The value of ${key} holds a zero byte, which no environment variable can: encode it (base64).`, { path });
    // A kubelet starts no container with other bytes in its environment; what one cluster takes, the other must.
    if (!isUtf8(value)) throw new InvalidInput(`The value of ${key} is no text in UTF-8, which an environment variable must be on Kubernetes: encode it (base64).`, { path });
  }
}

const sealContext = (appId: string, key: string): string => `${appId} ${key}`;

/** The decrypted values of a snapshot; only for the replica or build that gets them, and for readers who may. */
export function openEntry(platform: Pick<Platform, 'box'>, appId: string, entry: Pick<ConfigEntry, 'key' | 'ciphertext'>): Uint8Array {
  return platform.box.open(entry.ciphertext, sealContext(appId, entry.key));
}

/** All variables of a snapshot, decrypted, values in base64. */
export async function readConfig(platform: Platform, appId: string, configId: string): Promise<{ key: string; value: string }[]> {
  const entries = await platform.db.configEntry.findMany({ where: { configId, config: { appId } }, orderBy: { key: 'asc' } });
  return entries.map((entry) => ({ key: entry.key, value: Buffer.from(openEntry(platform, appId, entry)).toString('base64') }));
}

/** Equal for equal keys and values, whichever snapshot they are in. */
export async function configFingerprint(db: Platform['db'] | Transaction, configId: string): Promise<string> {
  const entries = await db.configEntry.findMany({ where: { configId }, select: { key: true, digest: true }, orderBy: { key: 'asc' } });
  return createHash('sha256').update(JSON.stringify(entries.map(({ key, digest }) => [key, digest]))).digest('hex');
}
