import { createHash } from 'node:crypto';
import type { Actor } from './access.ts';
import type { Transaction } from './platform.ts';
import { IdempotencyConflict, InvalidInput } from './user-error.ts';

export const IDEMPOTENCY_HOURS = 24;

/**
 * Does a mutation once a key: the first time `create` runs and its row's id is remembered in the same transaction; a repeat answers that id,
 * `repeated` true. Throws IdempotencyConflict where the key came with another input. What is remembered is a hash, never a secret.
 */
export async function once(
  tx: Transaction, actor: Actor, mutation: string, key: string | null | undefined, input: object, create: () => Promise<string>,
): Promise<{ id: string; repeated: boolean }> {
  if (key == null) return { id: await create(), repeated: false };
  if (key.length < 1 || key.length > 200) throw new InvalidInput('An idempotency key has 1 to 200 characters.', { path: ['input', 'idempotencyKey'] });
  const inputHash = createHash('sha256').update(JSON.stringify([mutation, input])).digest('hex');
  // Two at once: the second waits here until the first has committed, and then finds it.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${actor.userId} ${key}`}, 0))`;
  const known = await tx.idempotency.findUnique({ where: { userId_key: { userId: actor.userId, key } } });
  if (known && Date.now() - known.createdAt.getTime() < IDEMPOTENCY_HOURS * 3_600_000) {
    if (known.inputHash !== inputHash || known.resultId === null) throw new IdempotencyConflict();
    return { id: known.resultId, repeated: true };
  }
  const id = await create();
  const row = { mutation, inputHash, resultId: id, createdAt: new Date() };
  await tx.idempotency.upsert({ where: { userId_key: { userId: actor.userId, key } }, create: { userId: actor.userId, key, ...row }, update: row });
  return { id, repeated: false };
}
