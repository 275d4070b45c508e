import { createHash } from 'node:crypto';
import type { Actor } from './access.ts';
import { lockUntilCommit } from './advisory-lock.ts';
import type { AppChangeAs, OpenApp } from './app/change-app-as.ts';
import { checkVersion } from './app/change-app.ts';
import type { Transaction } from './platform.ts';
import { storedText } from './stored-text.ts';
import { IdempotencyConflict, InvalidInput } from './user-error.ts';

export const IDEMPOTENCY_HOURS = 24;

/**
 * Does a mutation once a key: the first time `create` runs and its row's id is remembered in the same transaction; a repeat answers that id,
 * `repeated` true. Throws IdempotencyConflict where the key came with another input. What is remembered is a hash, never a secret.
 * Several inputs are the same one written in several ways; the first is remembered.
 */
export async function once(
  tx: Transaction, actor: Actor, mutation: string, key: string | null | undefined, input: object | readonly object[], create: () => Promise<string>,
): Promise<{ id: string; repeated: boolean }> {
  if (key == null) return { id: await create(), repeated: false };
  if (key.length < 1 || key.length > 200 || storedText(key) !== key) throw new InvalidInput('An idempotency key has 1 to 200 characters, none of them a zero byte.', { path: ['input', 'idempotencyKey'] });
  const hashes = (Array.isArray(input) ? input as readonly object[] : [input]).map((one) => createHash('sha256').update(JSON.stringify([mutation, one])).digest('hex'));
  const inputHash = hashes[0] ?? '';
  // Two at once: the second waits here until the first has committed, and then finds it.
  await lockUntilCommit(tx, `${actor.userId} ${key}`);
  const known = await tx.idempotency.findUnique({ where: { userId_key: { userId: actor.userId, key } } });
  if (known && Date.now() - known.createdAt.getTime() < IDEMPOTENCY_HOURS * 3_600_000) {
    if (!hashes.includes(known.inputHash) || known.resultId === null) throw new IdempotencyConflict();
    return { id: known.resultId, repeated: true };
  }
  const id = await create();
  const row = { mutation, inputHash, resultId: id, createdAt: new Date() };
  await tx.idempotency.upsert({ where: { userId_key: { userId: actor.userId, key } }, create: { userId: actor.userId, key, ...row }, update: row });
  return { id, repeated: false };
}

export interface OnceOptions {
  expectedVersion: number | null | undefined;
  idempotencyKey: string | null | undefined;
  mutation: string;
  /** All that was asked for, without secrets and without the key; where it can be written in several ways, all of them. */
  input: object | readonly object[];
}

/** A change of an app that makes one row, once a key; answers its id. A repeat is answered first: the version it expected is the one before the change that it made itself. */
export async function changeAppOnce(opened: OpenApp, { expectedVersion, idempotencyKey, mutation, input }: OnceOptions, change: (under: AppChangeAs) => Promise<string>): Promise<string> {
  const inputs = (Array.isArray(input) ? input as readonly object[] : [input]).map((one) => ({ app: opened.app.id, expectedVersion: expectedVersion ?? null, ...one }));
  return opened.change({}, async (under) => {
    const { id } = await once(under.tx, under.actor, mutation, idempotencyKey, inputs, () => {
      checkVersion(under.app, expectedVersion);
      return change(under);
    });
    return id;
  });
}
