import type { KeyRotation } from '../../prisma/generated/client/client.ts';
import { requireAccount } from '../access.ts';
import type { Actor } from '../access.ts';
import { assertLead, CONTROLLER_LEASE } from '../lease.ts';
import type { Leadership } from '../lease.ts';
import type { Platform } from '../platform.ts';
import { InvalidInput } from '../user-error.ts';
import type { KeyUse } from './key-file.ts';
import { HOLDER_SECONDS } from './key-holder.ts';
import { resealApp } from './reseal-app.ts';
import { countSealedRows, resealRows } from './sealed-row.ts';

/** Signed URLs live an hour at most (a source's), or as long as a build may take and ten minutes: until then the key that signed them is needed. */
const longestUrlSeconds = ({ settings }: Pick<Platform, 'settings'>): number => Math.max(3_600, settings.buildLimits.seconds + 600);

const newestRotation = (db: Platform['db']): Promise<KeyRotation | null> => db.keyRotation.findFirst({ orderBy: [{ startedAt: 'desc' }, { id: 'desc' }] });

/**
 * Begins to put everything under the newest key of the key file; the leader does it, when all processes have that key. Asked for again, it goes on as
 * it is. Throws Forbidden, and InvalidInput where there is no newer key or another rotation is under way.
 */
export async function rotateEncryptionKey(platform: Platform, actor: Actor, wanted?: string | null): Promise<KeyRotation> {
  requireAccount(actor, 'managePlatform');
  const { db, box } = platform;
  box.reload();
  const keyId = box.keyIds()[0] ?? '';
  if (wanted != null && wanted !== keyId) throw new InvalidInput(`The newest key of the key file, as the gateway sees it, is ${keyId}.`, { path: ['input', 'keyId'], hint: 'A changed Secret is seen within a minute or two; then try again.' });
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE "KeyRotation" IN SHARE ROW EXCLUSIVE MODE`;
    const rotations = await tx.keyRotation.findMany({ orderBy: [{ startedAt: 'desc' }, { id: 'desc' }] });
    const [newest] = rotations;
    if (newest?.keyId === keyId && newest.doneAt === null) return newest;
    if (newest && newest.doneAt === null) throw new InvalidInput(`The rotation to key ${newest.keyId} is under way.`, { hint: 'Wait until it is done: keyRotation shows how far it is.' });
    if (rotations.some((rotation) => rotation.keyId === keyId)) {
      throw new InvalidInput(newest?.keyId === keyId ? 'The newest key of the key file is the one in use.' : `The first key of the key file, ${keyId}, was replaced before.`, { hint: 'Add a new key as its first line: docs/operating.md says how.' });
    }
    await tx.event.create({ data: { type: 'KeyRotationStarted', data: { keyId }, actorId: actor.userId, apiKeyId: actor.apiKeyId } });
    return tx.keyRotation.create({ data: { keyId, startedById: actor.userId } });
  });
}

/** Where the newest rotation is. */
export interface RotationState extends Omit<KeyUse, 'keyId'> {
  rotation: KeyRotation;
  /** Who does not have the new key yet, or still seals with the old one: processes by name, and `blobs`. */
  waitsFor: string[];
}

/** Null before the first process of this version has started. For administrators. Throws Forbidden. */
export async function readRotation(platform: Platform, actor: Actor): Promise<RotationState | null> {
  requireAccount(actor, 'managePlatform');
  return rotationState(platform);
}

export async function rotationState(platform: Platform): Promise<RotationState | null> {
  const rotation = await newestRotation(platform.db);
  if (!rotation) return null;
  const waitsFor = rotation.doneAt === null ? await behind(platform, rotation) : [];
  return { rotation, waitsFor, ...await useOf(platform, rotation) };
}

/** Whether older keys are still needed, for who takes them out of the key file. */
export async function readKeyUse(platform: Pick<Platform, 'db' | 'settings'>): Promise<KeyUse> {
  const rotation = await newestRotation(platform.db);
  return rotation ? { keyId: rotation.keyId, ...await useOf(platform, rotation) } : { keyId: null, entriesLeft: 0, done: false, oldKeysEndAt: null };
}

async function useOf(platform: Pick<Platform, 'db' | 'settings'>, { keyId, activatedAt, doneAt }: KeyRotation): Promise<Omit<KeyUse, 'keyId'>> {
  const entriesLeft = await countEntries(platform.db, keyId);
  const done = doneAt !== null && entriesLeft === 0;
  return { entriesLeft, done, oldKeysEndAt: done && activatedAt ? new Date(activatedAt.getTime() + longestUrlSeconds(platform) * 1000) : null };
}

async function countEntries(db: Platform['db'], keyId: string): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM "ConfigEntry" entry JOIN "Config" config ON config.id = entry."configId" JOIN "App" app ON app.id = config."appId"
    WHERE app."keyId" <> ${keyId}`;
  return (row?.count ?? 0) + await countSealedRows(db, keyId);
}

/** Before the key comes into use: who lacks it. After that: who still seals with another. */
async function behind({ db, box, blobs, log }: Platform, { keyId, activatedAt }: KeyRotation): Promise<string[]> {
  const since = new Date(Date.now() - HOLDER_SECONDS * 1000);
  const alive = { seenAt: { gt: since } };
  if (activatedAt !== null) return (await db.keyHolder.findMany({ where: { ...alive, keyInUse: { not: keyId } } })).map(({ process }) => process);
  const holders = await db.keyHolder.findMany({ where: { ...alive, NOT: { keyIds: { has: keyId } } } });
  const believes = box.keyIds().includes(keyId) && await blobs.believes(box.subKeyOf(keyId, 'blobs')).catch((error: unknown) => {
    log.warn({ error }, 'the blob server could not be asked whether it has the new key');
    return false;
  });
  return [...holders.map(({ process }) => process), ...(believes ? [] : ['blobs'])];
}

export interface AdvanceOptions {
  /** Looks also where all is done: a process that was frozen for long may have sealed with the old key. */
  again: boolean;
  signal?: AbortSignal;
}

/** The leader's part, again and again: bring a waiting key into use when all have it, put everything under the key in use, and say when that is done. Throws LeadLost. */
export async function advanceRotation(platform: Platform, lead: Leadership, { again, signal }: AdvanceOptions): Promise<void> {
  const { db, log } = platform;
  let rotation = await newestRotation(db);
  if (!rotation || (rotation.doneAt !== null && !again)) return;
  await db.keyHolder.deleteMany({ where: { seenAt: { lt: new Date(Date.now() - 10 * HOLDER_SECONDS * 1000) } } });
  if (rotation.activatedAt === null) {
    if ((await behind(platform, rotation)).length > 0) return;
    rotation = await activate(platform, lead, rotation);
    log.info({ keyId: rotation.keyId }, 'a new encryption key is in use; everything is put under it');
  }
  const { keyId } = rotation;
  platform.box.use(keyId);
  await resealAll(platform, keyId, signal);
  if (rotation.doneAt !== null || signal?.aborted || (await behind(platform, rotation)).length > 0 || await countEntries(db, keyId) > 0) return;
  await db.$transaction(async (tx) => {
    await assertLead(tx, CONTROLLER_LEASE, lead);
    const { count } = await tx.keyRotation.updateMany({ where: { id: rotation.id, doneAt: null }, data: { doneAt: new Date() } });
    if (count > 0) await tx.event.create({ data: { type: 'KeyRotated', data: { keyId } } });
  });
  log.info({ keyId }, 'everything is under the new encryption key');
}

async function activate({ db }: Platform, lead: Leadership, { id }: KeyRotation): Promise<KeyRotation> {
  return db.$transaction(async (tx) => {
    await assertLead(tx, CONTROLLER_LEASE, lead);
    const before = await tx.keyRotation.findFirst({ where: { activatedAt: { not: null } }, orderBy: [{ activatedAt: 'desc' }, { id: 'desc' }] });
    // What was sealed before apps had a key of their own is under the one that was in use until now.
    if (before) await tx.$executeRaw`UPDATE "App" SET "keyId" = ${before.keyId} WHERE "keyId" IS NULL AND EXISTS (SELECT 1 FROM "Config" WHERE "appId" = "App".id)`;
    return tx.keyRotation.update({ where: { id }, data: { activatedAt: new Date() } });
  });
}

/** An app that fails does not keep the others from it. */
async function resealAll(platform: Platform, keyId: string, signal: AbortSignal | undefined): Promise<void> {
  await resealRows(platform, keyId, signal);
  const apps = await platform.db.app.findMany({ where: { keyId: { not: keyId } }, select: { id: true }, orderBy: { id: 'asc' } });
  for (const { id } of apps) {
    if (signal?.aborted) return;
    await resealApp(platform, id, keyId).catch((error: unknown) => { platform.log.error({ error, appId: id }, 'the config of an app could not be put under the new encryption key; trying again'); });
  }
}
