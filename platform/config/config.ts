import type { ConfigEntry, Release } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../access.ts';
import { openApp } from '../app/change-app-as.ts';
import type { AppChange } from '../app/change-app.ts';
import { changeAppOnce } from '../idempotency.ts';
import type { Platform } from '../platform.ts';
import { baseOf, createRelease } from '../release/release.ts';
import { InvalidInput } from '../user-error.ts';
import { checkChanges, valueBytes } from './config-rules.ts';
import type { GivenValue } from './config-rules.ts';
import { entriesOf, keyOfApp, openEntry, sealValue, storeSnapshot } from './config-snapshot.ts';

export interface SetConfigInput {
  app: string;
  /** `sealed` not said: as it is. A key that is sealed is unsealed by a new value alone. */
  set?: readonly (GivenValue & { sealed?: boolean | null | undefined })[];
  unset?: readonly string[];
  /** False: replicas get the change when they next start. */
  restart?: boolean;
  expectedVersion?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
}

interface ConfigVar { key: string; value: Uint8Array; sealed?: boolean | null | undefined }

/**
 * One snapshot and one release of all changes; where nothing changes (equal values, no key less) there is none, and the newest release is the answer.
 * Setting a sealed key is always a change: whether its value was the same is nobody's to learn. Throws InvalidInput, NotFound, Forbidden,
 * VersionConflict, IdempotencyConflict.
 */
export async function setConfig(platform: Platform, actor: Actor, input: SetConfigInput): Promise<Release> {
  const app = await openApp(platform, actor, input.app, 'writeConfig');
  const { unset = [], restart = true, expectedVersion, idempotencyKey } = input;
  const set = (input.set ?? []).map((given, index) => ({ ...given, value: valueBytes(given, index) }));
  checkChanges(set, unset);
  // By each key of the ring: the repeat may come after the encryption key was replaced.
  const { box } = platform;
  const remembered = [box.keyInUse(), ...box.keyIds().filter((keyId) => keyId !== box.keyInUse())].map((keyId) => ({ set: set.map(({ key, value, sealed }) => [key, box.digest(value, keyId), sealed ?? null]), unset, restart }));
  const releaseId = await changeAppOnce(app, { expectedVersion, idempotencyKey, mutation: 'setConfig', input: remembered }, (change) => writeSnapshot(platform, actor, change, { set, unset, restart }));
  return platform.db.release.findUniqueOrThrow({ where: { id: releaseId } });
}

async function writeSnapshot(platform: Platform, actor: Actor, change: AppChange, { set, unset, restart }: { set: readonly ConfigVar[]; unset: readonly string[]; restart: boolean }): Promise<string> {
  const { tx, app } = change;
  const base = await baseOf(tx, app.id);
  const entries = await entriesOf(tx, base.configId);
  const missing = unset.filter((key) => !entries.has(key));
  if (missing.length > 0) throw new InvalidInput(`There is no config key ${missing.join(', ')}.`, { path: ['input', 'unset'], hint: 'slipway config lists them.' });
  for (const key of unset) entries.delete(key);
  const changed = { set: await putValues(platform, actor, change, entries, set), unset: [...unset] };
  return releaseChange(change, actor, { entries, changed, base, restart, description: describeChange(changed) });
}

/** Puts values into the entries as they are stored; answers the keys that really changed. Under the app's row lock. */
export async function putValues(platform: Platform, actor: Actor, change: AppChange, entries: Map<string, ConfigEntry>, values: readonly ConfigVar[]): Promise<string[]> {
  const { app } = change;
  const keyId = await keyOfApp(platform, change);
  const changed: string[] = [];
  for (const { key, value, sealed } of values) {
    const before = entries.get(key);
    const now = sealValue(platform, { appId: app.id, keyId, key, value, sealed: sealed ?? before?.sealed ?? false });
    if (before && before.digest === now.digest && before.sealed === now.sealed) continue;
    changed.push(key);
    entries.set(key, { ...now, key, configId: '', setAt: new Date(), setById: actor.userId });
  }
  return changed;
}

/** The release of changed entries; the newest where nothing changed. */
export async function releaseChange(change: AppChange, actor: Actor, { entries, changed, base, restart, description }: {
  entries: ReadonlyMap<string, ConfigEntry>; changed: { set: string[]; unset: string[] }; base: { slugId: string | null }; restart: boolean; description: string;
}): Promise<string> {
  const { tx, app, event } = change;
  const newest = changed.set.length + changed.unset.length > 0 ? null : await tx.release.findFirst({ where: { appId: app.id }, orderBy: { version: 'desc' } });
  if (newest) return newest.id;
  const configId = await storeSnapshot(change, [...entries.values()]);
  event('ConfigChanged', changed);
  const release = await createRelease(change, { reason: 'CONFIG', slugId: base.slugId, configId, restart, createdById: actor.userId, description });
  return release.id;
}

function describeChange({ set, unset }: { set: string[]; unset: string[] }): string {
  return [...(set.length > 0 ? [`Set ${set.join(', ')}`] : []), ...(unset.length > 0 ? [`Unset ${unset.join(', ')}`] : [])].join('; ').slice(0, 500);
}

/** All variables of a snapshot, decrypted, values in base64. */
export async function readConfig(platform: Platform, appId: string, configId: string): Promise<{ key: string; value: string }[]> {
  const entries = await platform.db.configEntry.findMany({ where: { configId, config: { appId } }, orderBy: { key: 'asc' } });
  return entries.map((entry) => ({ key: entry.key, value: Buffer.from(openEntry(platform, appId, entry)).toString('base64') }));
}
