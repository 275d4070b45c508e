import type { ConfigEntry, Release } from '../../prisma/generated/client/client.ts';
import { requireApp } from '../access.ts';
import type { Actor } from '../access.ts';
import { openApp } from '../app/change-app-as.ts';
import { putValues, releaseChange } from './config.ts';
import { checkKeys } from './config-rules.ts';
import { entriesOf, openEntry } from './config-snapshot.ts';
import { changeAppOnce } from '../idempotency.ts';
import type { Platform } from '../platform.ts';
import { baseOf } from '../release/release.ts';
import { InvalidInput } from '../user-error.ts';

export interface CopyConfigInput {
  /** Names or ids. */
  from: string;
  to: string;
  /** All that there are, if not said. */
  keys?: readonly string[] | null | undefined;
  /** Whether keys that the target has get the other value. */
  overwrite?: boolean | null | undefined;
  restart?: boolean | null | undefined;
  expectedVersion?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
}

/**
 * Copies config of one app to another as one release there. What is sealed in either stays sealed: nobody sees its value on the way. Keys that
 * the target has are overwritten only where that is asked for. Throws InvalidInput, NotFound, Forbidden, VersionConflict, IdempotencyConflict.
 */
export async function copyConfig(platform: Platform, actor: Actor, input: CopyConfigInput): Promise<Release> {
  const source = await requireApp(platform.db, actor, input.from, 'readConfig', ['input', 'from']);
  const target = await openApp(platform, actor, input.to, 'writeConfig', ['input', 'to']);
  if (source.id === target.app.id) throw new InvalidInput('Name two different apps: this would copy an app\'s config to itself.', { path: ['input', 'to'] });
  const { keys = null, expectedVersion, idempotencyKey } = input;
  if (keys) checkKeys('keys', keys);
  const [overwrite, restart] = [input.overwrite ?? false, input.restart ?? true];
  const remembered = { from: source.id, keys, overwrite, restart };
  const copied = await readSource(platform, source, keys);
  const releaseId = await changeAppOnce(target, { expectedVersion, idempotencyKey, mutation: 'copyConfig', input: remembered }, async (change) => {
    const { tx, app } = change;
    // Its row is not locked: two who copy against each other would wait for each other.
    await requireApp(tx, change.actor, source.id, 'readConfig', ['input', 'from']);
    const base = await baseOf(tx, app.id);
    const entries = await entriesOf(tx, base.configId);
    const there = copied.filter(({ key }) => entries.has(key)).map(({ key }) => key);
    if (there.length > 0 && !overwrite) throw new InvalidInput(`${app.name} has ${there.slice(0, 20).join(', ')}${there.length > 20 ? ` and ${there.length - 20} more` : ''} already.`, { path: ['input', 'keys'], hint: 'Copy others by keys, or replace their values with overwrite.' });
    const values = copied.map((entry) => ({ key: entry.key, value: openEntry(platform, source.id, entry), sealed: entry.sealed || entries.get(entry.key)?.sealed === true }));
    const changed = { set: await putValues(platform, actor, change, entries, values), unset: [] };
    return releaseChange(change, actor, { entries, changed, base, restart, description: `Copy ${changed.set.join(', ')} from ${source.name}`.slice(0, 500) });
  });
  return platform.db.release.findUniqueOrThrow({ where: { id: releaseId } });
}

/** What is copied, as it is now. */
async function readSource({ db }: Platform, source: { id: string; name: string }, keys: readonly string[] | null): Promise<ConfigEntry[]> {
  const entries = await entriesOf(db, (await baseOf(db, source.id)).configId);
  const missing = (keys ?? []).filter((key) => !entries.has(key));
  if (missing.length > 0) throw new InvalidInput(`${source.name} has no config key ${missing.join(', ')}.`, { path: ['input', 'keys'], hint: 'slipway config lists them.' });
  if (entries.size === 0) throw new InvalidInput(`${source.name} has no config to copy.`, { path: ['input', 'from'] });
  if (keys?.length === 0) throw new InvalidInput('Name at least one key, or leave keys out to copy all.', { path: ['input', 'keys'] });
  return [...entries.values()].filter(({ key }) => keys === null || keys.includes(key));
}
