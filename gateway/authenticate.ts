import type { IncomingMessage } from 'node:http';
import type { Actor } from '../platform/access.ts';
import type { Actors, Credential } from './actors.ts';
import { keyOfHeader } from './credentials.ts';
import type { SessionCookie } from './session-cookie.ts';

/** Who asks, by what; null: nobody said who they are. */
export type Identity = { credential: Credential; actor: Actor } | null;

/** Whose request it is: by its API key (of its header, if it says none elsewhere), or without one by the cookie of a browser. `wrong`: the key is of nobody; a cookie that is, is none. */
export async function authenticate({ actors, sessionCookie }: { actors: Actors; sessionCookie: SessionCookie }, request: IncomingMessage, address: string | null, key = keyOfHeader(request.headers.authorization)): Promise<Identity | 'wrong'> {
  const secret = key ?? sessionCookie.secretOf(request);
  if (secret === null) return null;
  const credential: Credential = { kind: key === null ? 'session' : 'apiKey', secret };
  const actor = await actors.find(credential, address);
  if (actor) return { credential, actor };
  return key === null ? null : 'wrong';
}
