import { createHash } from 'node:crypto';
import type { ConfigEntry, Release } from '../prisma/generated/client/client.ts';
import { requireApp } from './access.ts';
import type { Actor } from './access.ts';
import { changeApp } from './change-app.ts';
import type { AppChange } from './change-app.ts';
import { once } from './idempotency.ts';
import type { Platform, Transaction } from './platform.ts';
import { baseOf, createRelease } from './release.ts';
import { InvalidInput } from './user-error.ts';

const KEY = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/;
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

/** One snapshot and one release of all changes. Throws InvalidInput, NotFound, Forbidden, VersionConflict, IdempotencyConflict. */
export async function setConfig(platform: Platform, actor: Actor, input: SetConfigInput): Promise<Release> {
  const { id } = await requireApp(platform.db, actor, input.app, 'writeConfig');
  const set = input.set ?? [];
  const unset = input.unset ?? [];
  checkChanges(set, unset);
  const remembered = { app: id, set: set.map(({ key, value, sealed }) => [key, platform.box.digest(value), sealed ?? null]), unset, restart: input.restart ?? true };
  const releaseId = await changeApp(platform, id, { actor, expectedVersion: input.expectedVersion }, async (change) => {
    const { id: release } = await once(change.tx, actor, 'setConfig', input.idempotencyKey, remembered, () => writeSnapshot(platform, actor, change, input));
    return release;
  });
  return platform.db.release.findUniqueOrThrow({ where: { id: releaseId } });
}

async function writeSnapshot(platform: Platform, actor: Actor, change: AppChange, input: SetConfigInput): Promise<string> {
  const { tx, app, event } = change;
  const base = await baseOf(tx, app.id);
  const before = new Map((base.configId === null ? [] : await tx.configEntry.findMany({ where: { configId: base.configId } })).map((entry) => [entry.key, entry]));
  const missing = (input.unset ?? []).filter((key) => !before.has(key));
  if (missing.length > 0) throw new InvalidInput(`There is no config key ${missing.join(', ')}.`, { path: ['input', 'unset'] });
  for (const key of input.unset ?? []) before.delete(key);
  for (const { key, value, sealed } of input.set ?? []) {
    before.set(key, {
      configId: '', key, ciphertext: platform.box.seal(value, sealContext(app.id, key)), digest: platform.box.digest(value),
      sealed: sealed ?? before.get(key)?.sealed ?? false, setAt: new Date(), setById: actor.userId,
    });
  }
  const entries = [...before.values()];
  if (entries.length > MAX_KEYS) throw new InvalidInput(`An app has at most ${MAX_KEYS} config keys.`, { path: ['input', 'set'] });
  if (entries.reduce((sum, entry) => sum + entry.ciphertext.length, 0) > MAX_TOTAL_BYTES) throw new InvalidInput('All config together is at most 1 MiB.', { path: ['input', 'set'] });
  const config = await tx.config.create({ data: { appId: app.id } });
  await tx.configEntry.createMany({ data: entries.map((entry) => ({ ...entry, configId: config.id })) });
  const keys = { set: (input.set ?? []).map(({ key }) => key), unset: [...(input.unset ?? [])] };
  event('ConfigChanged', keys);
  const release = await createRelease(change, {
    reason: 'CONFIG', slugId: base.slugId, configId: config.id, restart: input.restart ?? true, createdById: actor.userId, description: describeChange(keys),
  });
  return release.id;
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
      if (!KEY.test(key)) throw new InvalidInput(`"${key.slice(0, 60)}" is no config key: letters, digits and _, not starting with a digit, at most 256.`, { path });
      if (seen.has(key)) throw new InvalidInput(`${key} is named twice.`, { path });
      seen.add(key);
    }
  }
  for (const [index, { key, value }] of set.entries()) {
    const path = ['input', 'set', String(index)];
    if (RESERVED.test(key)) throw new InvalidInput(`${key} is set by the platform and cannot be config.`, { path });
    if (value.length > MAX_VALUE_BYTES) throw new InvalidInput(`The value of ${key} is longer than ${MAX_VALUE_BYTES / 1024} KiB.`, { path });
    if (value.includes(0)) throw new InvalidInput(`The value of ${key} holds a zero byte, which no environment variable can: encode it (base64).`, { path });
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
