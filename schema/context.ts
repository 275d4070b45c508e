import { GraphQLError } from 'graphql';
import type { Actor } from '../platform/access.ts';
import type { Visitor } from '../platform/account/session.ts';
import type { Platform } from '../platform/platform.ts';
import type { WakeUps } from './wake-ups.ts';

/** Logs the browser that asks in or out, by the cookie that its answer sets. */
export interface Cookies {
  set(secret: string): void;
  /** What the browser keeps of it logs nobody in, and shows where it was logged in before. */
  clear(): void;
}

/** What a resolver works with: one for each request, and for each operation of a WebSocket. */
export interface ApiContext {
  platform: Platform;
  /** Null: no API key was sent. */
  actor: Actor | null;
  /** Where the request comes from, whoever asks. */
  visitor: Visitor;
  /** Null: this answer can set none, as on a WebSocket, or to a page of another origin. */
  cookies: Cookies | null;
  wakeUps: WakeUps;
  /** Aborts when live answers must end: the key was revoked, the client left, or the server stops (its reason says which). */
  signal: AbortSignal;
}

/** Why a signal aborts when the server stops: live answers tell their readers to come again. */
export class ServerRestarts extends Error {
  constructor() { super('The server restarts.'); }
}

/** Who asks. Throws `UNAUTHENTICATED` (HTTP 401) where nobody said who they are. */
export function requireActor({ actor }: Pick<ApiContext, 'actor'>): Actor {
  if (actor) return actor;
  throw unauthenticated('Send an API key: "Authorization: Bearer slip_…" (on a WebSocket: apiKey in connectionParams).');
}

export function unauthenticated(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401, headers: { 'www-authenticate': 'Bearer' } } } });
}
