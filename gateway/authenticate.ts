import type { IncomingMessage } from 'node:http';
import type { Actor } from '../platform/access.ts';
import type { Actors, Credential } from './actors.ts';
import { keyOfHeader } from './credentials.ts';

/** Who asks, by what; null: nobody said who they are. */
export type Identity = { credential: Credential; actor: Actor } | null;

/** Whose request it is. `wrong`: of nobody that is known. */
export async function authenticate(actors: Actors, request: IncomingMessage, address: string | null): Promise<Identity | 'wrong'> {
  const secret = keyOfHeader(request.headers.authorization);
  if (secret === null) return null;
  const credential: Credential = { kind: 'apiKey', secret };
  const actor = await actors.find(credential, address);
  return actor ? { credential, actor } : 'wrong';
}
