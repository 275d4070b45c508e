import { configContext, contentDigest } from '../config/config-snapshot.ts';
import type { Platform, Transaction } from '../platform.ts';
import { PREFIX_BYTES, sealedPrefix } from './secret-box.ts';

/** A large ledger is many rows, and few different ciphertexts: a snapshot carries on what did not change. */
const BATCH = 200;
const TIMEOUT_MS = 300_000;

interface Distinct { key: string; ciphertext: Uint8Array }

/**
 * Puts all config of an app under another encryption key, ciphertexts and digests, in one transaction under the app's row lock: digests of one app
 * always compare. Whoever sets config meanwhile waits, and finds the new key. Replicas see nothing of it: fingerprints stay.
 */
export async function resealApp(platform: Pick<Platform, 'db' | 'box'>, appId: string, keyId: string): Promise<void> {
  await platform.db.$transaction(async (tx) => {
    const [app] = await tx.$queryRaw<{ keyId: string | null }[]>`SELECT "keyId" FROM "App" WHERE id = ${appId}::uuid FOR UPDATE`;
    if (!app || app.keyId === keyId) return;
    await keepFingerprints(tx, appId);
    while (await resealBatch(platform, tx, appId, keyId) > 0);
    await noteContents(tx, appId);
    await tx.app.update({ where: { id: appId }, data: { keyId } });
  }, { timeout: TIMEOUT_MS, maxWait: 10_000 });
}

async function resealBatch({ box }: Pick<Platform, 'box'>, tx: Transaction, appId: string, keyId: string): Promise<number> {
  const batch = await tx.$queryRaw<Distinct[]>`
    SELECT DISTINCT entry.key, entry.ciphertext FROM "ConfigEntry" entry JOIN "Config" config ON config.id = entry."configId"
    WHERE config."appId" = ${appId}::uuid AND substring(entry.ciphertext FROM 1 FOR ${PREFIX_BYTES}) <> ${sealedPrefix(keyId)} LIMIT ${BATCH}`;
  if (batch.length === 0) return 0;
  const resealed = JSON.stringify(batch.map(({ key, ciphertext }) => {
    const value = box.open(ciphertext, configContext(appId, key));
    const sealed = box.seal(value, configContext(appId, key), keyId);
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    return { key, before: base64(ciphertext), after: base64(sealed), digest: box.digest(value, keyId), sealedDigest: box.digest(sealed, keyId) };
  }));
  return tx.$executeRaw`
    UPDATE "ConfigEntry" entry SET ciphertext = decode(resealed.after, 'base64'), digest = CASE WHEN entry.sealed THEN resealed."sealedDigest" ELSE resealed.digest END
    FROM jsonb_to_recordset(${resealed}::jsonb) AS resealed(key text, before text, after text, digest text, "sealedDigest" text), "Config" config
    WHERE config."appId" = ${appId}::uuid AND entry."configId" = config.id AND entry.key = resealed.key AND entry.ciphertext = decode(resealed.before, 'base64')`;
}

/** Snapshots from before fingerprints were stored have one that follows from digests (configFingerprint): it is kept, so that nothing restarts. */
async function keepFingerprints(tx: Transaction, appId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE "Config" config SET fingerprint = content.fingerprint
    FROM (
      SELECT "configId", encode(sha256(convert_to('[' || string_agg('["' || key || '","' || digest || '"]', ',' ORDER BY key) || ']', 'UTF8')), 'hex') AS fingerprint
      FROM "ConfigEntry" entry JOIN "Config" old ON old.id = entry."configId" WHERE old."appId" = ${appId}::uuid AND old.fingerprint IS NULL GROUP BY "configId"
    ) content
    WHERE config.id = content."configId"`;
}

/** As storeSnapshot notes it. */
async function noteContents(tx: Transaction, appId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE "Config" config SET "contentDigest" = content.digest
    FROM (
      SELECT "configId", ${contentDigest} AS digest
      FROM "ConfigEntry" entry JOIN "Config" own ON own.id = entry."configId" WHERE own."appId" = ${appId}::uuid GROUP BY "configId"
    ) content
    WHERE config.id = content."configId"`;
}
