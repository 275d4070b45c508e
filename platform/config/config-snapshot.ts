import { createHash } from 'node:crypto';
import type { App, ConfigEntry } from '../../prisma/generated/client/client.ts';
import { Prisma } from '../../prisma/client.ts';
import type { AppChange } from '../app/change-app.ts';
import type { Platform, Transaction } from '../platform.ts';
import { InvalidInput } from '../user-error.ts';

const MAX_KEYS = 500;
/** Linux gives arguments and environment of a program 2 MB in all by default. */
const MAX_TOTAL_BYTES = 1024 * 1024;

/** What a ciphertext of config is bound to. */
export const configContext = (appId: string, key: string): string => `${appId} ${key}`;

/**
 * The encryption key of an app: all its config is under this one, so that digests of one app compare, also while the platform's key is
 * replaced. An app that never had config takes the one in use. Under the app's row lock.
 */
export async function keyOfApp(platform: Pick<Platform, 'box'>, { tx, app }: Pick<AppChange, 'tx' | 'app'>): Promise<string> {
  if (app.keyId !== null) return app.keyId;
  const keyId = platform.box.keyInUse();
  await tx.app.update({ where: { id: app.id }, data: { keyId } });
  app.keyId = keyId;
  return keyId;
}

/** A value as it is stored. The digest of a sealed one is of its ciphertext, which is new each time: setting a guess tells nobody whether it was right. */
export function sealValue({ box }: Pick<Platform, 'box'>, { appId, keyId, key, value, sealed }: { appId: string; keyId: string; key: string; value: Uint8Array; sealed: boolean }): Pick<ConfigEntry, 'ciphertext' | 'digest' | 'sealed'> {
  const ciphertext = box.seal(value, configContext(appId, key), keyId);
  return { ciphertext, sealed, digest: box.digest(sealed ? ciphertext : value, keyId) };
}

/** The decrypted value of an entry; only for the replica or build that gets it, and for readers who may. */
export function openEntry({ box }: Pick<Platform, 'box'>, appId: string, entry: Pick<ConfigEntry, 'key' | 'ciphertext'>): Uint8Array {
  return box.open(entry.ciphertext, configContext(appId, entry.key));
}

/** What an app's next release starts with, by key. */
export async function entriesOf(tx: Transaction | Platform['db'], configId: string | null): Promise<Map<string, ConfigEntry>> {
  const entries = configId === null ? [] : await tx.configEntry.findMany({ where: { configId }, orderBy: { key: 'asc' } });
  return new Map(entries.map((entry) => [entry.key, entry]));
}

/**
 * A new snapshot of these entries, in three statements however many they are. `sameValuesAs`: a snapshot with the same values, sealed otherwise;
 * replicas that run with that one can stay. Throws InvalidInput where the entries are too many or too large.
 */
export async function storeSnapshot({ tx, app }: Pick<AppChange, 'tx' | 'app'>, entries: readonly ConfigEntry[], sameValuesAs?: string): Promise<string> {
  if (entries.length > MAX_KEYS) throw new InvalidInput(`An app has at most ${MAX_KEYS} config keys.`, { path: ['input', 'set'] });
  if (entries.reduce((sum, entry) => sum + entry.ciphertext.length, 0) > MAX_TOTAL_BYTES) throw new InvalidInput('All config together is at most 1 MiB.', { path: ['input', 'set'] });
  const { id } = await tx.config.create({ data: { appId: app.id } });
  if (entries.length === 0) return id;
  await tx.configEntry.createMany({ data: entries.map((entry) => ({ ...entry, configId: id })) });
  const same = sameValuesAs === undefined ? null : await configFingerprint(tx, sameValuesAs);
  await noteContent(tx, app, id, same ?? createHash('sha256').update(id).digest('hex'), same !== null);
  return id;
}

/** Of the entries of one snapshot: equal for equal keys and digests of them. */
export const contentDigest = Prisma.sql`encode(sha256(convert_to(string_agg(key || ' ' || digest, ',' ORDER BY key COLLATE "C"), 'UTF8')), 'hex')`;

/** Another snapshot of the app with the same content lends its fingerprint. */
async function noteContent(tx: Transaction, { id: appId }: Pick<App, 'id'>, configId: string, fingerprint: string, keep: boolean): Promise<void> {
  await tx.$executeRaw`
    WITH content AS (
      SELECT ${contentDigest} AS digest FROM "ConfigEntry" WHERE "configId" = ${configId}::uuid
    ), same AS (
      SELECT other.fingerprint FROM "Config" other, content WHERE NOT ${keep} AND other."appId" = ${appId}::uuid AND other."contentDigest" = content.digest AND other.fingerprint IS NOT NULL LIMIT 1
    )
    UPDATE "Config" SET "contentDigest" = content.digest, fingerprint = coalesce((SELECT fingerprint FROM same), ${fingerprint})
    FROM content WHERE id = ${configId}::uuid`;
}

/** Equal for equal keys and values of an app, whichever snapshot they are in; a new encryption key does not change it. */
export async function configFingerprint(db: Platform['db'] | Transaction, configId: string): Promise<string> {
  const { fingerprint, entries } = await db.config.findUniqueOrThrow({ where: { id: configId }, select: { fingerprint: true, entries: { select: { key: true, digest: true }, orderBy: { key: 'asc' } } } });
  return fingerprint ?? createHash('sha256').update(JSON.stringify(entries.map(({ key, digest }) => [key, digest]))).digest('hex');
}

/**
 * The entries of an old snapshot, where those that a release since `since` had sealed are sealed again: going back never shows what somebody sealed.
 * `changed`: whether there are any.
 */
export async function sealAgain({ box }: Pick<Platform, 'box'>, tx: Transaction | Platform['db'], app: Pick<App, 'id' | 'keyId'>, { entries, since }: {
  entries: ReadonlyMap<string, ConfigEntry>; since: number;
}): Promise<{ entries: Map<string, ConfigEntry>; changed: boolean }> {
  const open = [...entries.values()].filter(({ sealed }) => !sealed).map(({ key }) => key);
  const sealed = open.length === 0 ? [] : await tx.configEntry.findMany({
    where: { sealed: true, key: { in: open }, config: { appId: app.id, releases: { some: { version: { gt: since } } } } }, distinct: ['key'], select: { key: true },
  });
  const result = new Map(entries);
  for (const { key } of sealed) {
    const entry = entries.get(key);
    if (entry) result.set(key, { ...entry, sealed: true, digest: box.digest(entry.ciphertext, app.keyId ?? box.keyInUse()) });
  }
  return { entries: result, changed: sealed.length > 0 };
}
