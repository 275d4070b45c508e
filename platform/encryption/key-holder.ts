import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { keyReload } from '../../service/key-file.ts';
import type { Platform } from '../platform.ts';

/** How often a process reads its key file, tells which keys it has, and asks which is in use. */
export const HOLDER_BEAT_MS = 3_000;
/** A process that is silent this long is gone: a new key does not wait for it. */
export const HOLDER_SECONDS = 20;

type Keeper = Pick<Platform, 'db' | 'box' | 'log'>;

/** A process among those that seal and open. */
export interface KeyHolder {
  /** Reads the key file, learns which key is in use, and says what it has: one statement. */
  beat(): Promise<void>;
  /** Is none any more: nobody waits for it. */
  leave(): Promise<void>;
}

/**
 * Makes a process one of those that a new encryption key waits for. Resolves when it knows which key is in use; the first one ever is the
 * oldest of its file. Throws where that key is not in the file: without it nothing could be read.
 */
export async function joinKeyHolders({ db, box, log }: Keeper, process: string): Promise<KeyHolder> {
  const id = `${process} ${hostname()} ${randomUUID()}`;
  const oldest = box.keyIds().at(-1) ?? '';
  await db.$executeRaw`
    INSERT INTO "KeyRotation" (id, "keyId", "startedAt", "activatedAt", "doneAt")
    SELECT ${randomUUID()}::uuid, ${oldest}, now(), now(), now() WHERE NOT EXISTS (SELECT 1 FROM "KeyRotation") ON CONFLICT DO NOTHING`;
  const reload = keyReload(() => { box.reload(); }, log);
  const beat = async (): Promise<void> => {
    reload();
    const [row] = await db.$queryRaw<{ keyId: string }[]>`SELECT "keyId" FROM "KeyRotation" WHERE "activatedAt" IS NOT NULL ORDER BY "activatedAt" DESC, id DESC LIMIT 1`;
    let problem: unknown = null;
    try { if (row) box.use(row.keyId); } catch (error) { problem = error; }
    await db.$executeRaw`
      INSERT INTO "KeyHolder" (id, process, "keyIds", "keyInUse", "seenAt") VALUES (${id}, ${process}, ${box.keyIds()}, ${box.keyInUse()}, now())
      ON CONFLICT (id) DO UPDATE SET "keyIds" = excluded."keyIds", "keyInUse" = excluded."keyInUse", "seenAt" = excluded."seenAt"`;
    if (problem !== null) throw problem;
  };
  await beat().catch(async (error: unknown) => { await db.keyHolder.deleteMany({ where: { id } }); throw error; });
  return { beat, leave: async () => { await db.keyHolder.deleteMany({ where: { id } }); } };
}

/** Joins, and goes on telling until it is stopped. */
export async function keepKeyHolder(platform: Keeper, process: string): Promise<() => Promise<void>> {
  const holder = await joinKeyHolders(platform, process);
  let working = Promise.resolve();
  const timer = setInterval(() => {
    working = working.then(() => holder.beat()).catch((error: unknown) => { platform.log.warn({ error }, 'the encryption keys could not be looked at; trying again'); });
  }, HOLDER_BEAT_MS);
  return async () => {
    clearInterval(timer);
    await working;
    await holder.leave().catch(() => undefined);
  };
}
