import { requireAccount } from './access.ts';
import type { AccountAction, Actor } from './access.ts';
import { readSessionActor } from './account/session.ts';
import { readKeyActor } from './key/key-actor.ts';
import type { Transaction } from './platform.ts';
import { Forbidden } from './user-error.ts';

/**
 * The actor as they are at this moment: since they were let in, what they ask by may have ended, or may less. One in whose name the platform asks
 * is who they were. Throws Forbidden. Nothing is locked: a key that ends after this look ends after the change that it was for.
 */
export async function actorNow(tx: Transaction, actor: Actor): Promise<Actor> {
  const now = await readActor(tx, actor);
  if (now?.userId !== actor.userId) throw new Forbidden('do this any more: your API key or session has ended', { hint: 'Ask with another key, or log in again.' });
  return now;
}

/** Asks once more, in the transaction of what is done, whether the actor may do this with their account. Throws Forbidden. */
export async function requireAccountNow(tx: Transaction, actor: Actor, action: AccountAction): Promise<void> {
  requireAccount(await actorNow(tx, actor), action);
}

async function readActor(tx: Transaction, actor: Actor): Promise<Actor | null> {
  if (actor.apiKeyId !== null) return readKeyActor(tx, actor.apiKeyId);
  if (actor.sessionId !== null) return readSessionActor(tx, actor.sessionId);
  return actor;
}
