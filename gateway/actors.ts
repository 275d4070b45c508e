import { hashSecret } from '../platform/key/api-key-secret.ts';
import { findActor } from '../platform/key/key-actor.ts';
import type { Actor } from '../platform/access.ts';
import type { Platform } from '../platform/platform.ts';
import { findSessionActor } from '../platform/account/session.ts';
import { watchSeats } from './seats.ts';

/** What a request proves itself with. */
export interface Credential {
  kind: 'apiKey' | 'session';
  secret: string;
}

/** Whose access ended or changed: of one API key, of one session, or all of a user's. */
export interface AccessChange { userId: string; apiKeyId: string | null; sessionId: string | null }

/** Who uses the API: what their credentials stand for, remembered shortly, and what lives by these. */
export interface Actors {
  /** Null: unknown, expired or revoked. `address`: where the request comes from. */
  find(credential: Credential, address: string | null): Promise<Actor | null>;
  /** A signal that aborts when the credential ends; `release` when it is not needed any more. */
  hold(credential: Credential, actor: Actor): { signal: AbortSignal; release(): void };
  /** Access has changed: forgets who had it, and aborts what lives by it. */
  end(change: AccessChange): void;
  /** Looks at all credentials that something lives by; ends those that have ended (an expiry, a notice that was lost). */
  recheck(): Promise<void>;
}

/** So long an answer about a credential is believed; a notice ends it sooner. */
const REMEMBER_MS = 5_000;
const REMEMBER_MOST = 10_000;

/** Why a connection ends: what it lives by is over, or its rights have changed and it may come back. */
export class AccessEnded extends Error {
  readonly isOver: boolean;
  constructor(isOver: boolean) {
    super(isOver ? 'The API key or session has ended.' : 'Your rights have changed: connect again.');
    this.isOver = isOver;
  }
}

const isOf = (actor: Actor, { userId, apiKeyId, sessionId }: AccessChange): boolean => {
  if (apiKeyId !== null) return actor.apiKeyId === apiKeyId;
  if (sessionId !== null) return actor.sessionId === sessionId;
  return actor.userId === userId;
};

interface Held { actor: Actor; kind: Credential['kind']; hash: Uint8Array; controllers: Set<AbortController> }

export function createActors(platform: Pick<Platform, 'db'>, now: () => number = Date.now): Actors {
  const remembered = new Map<string, { actor: Actor; until: number }>();
  const held = new Map<string, Held>();
  const seats = watchSeats(platform);
  const hashOf = ({ kind, secret }: Credential): { hash: Uint8Array; name: string } => { const hash = hashSecret(secret); return { hash, name: `${kind} ${Buffer.from(hash).toString('hex')}` }; };
  const look = (kind: Credential['kind'], hash: Uint8Array, address: string | null): Promise<Actor | null> =>
    (kind === 'apiKey' ? findActor(platform, hash, address) : findSessionActor(platform, hash));
  const endHeld = ({ controllers }: Held, isOver: boolean): void => { for (const controller of controllers) controller.abort(new AccessEnded(isOver)); };
  return {
    find: async (credential, address) => {
      const { hash, name } = hashOf(credential);
      const known = remembered.get(name);
      if (known && known.until > now()) return known.actor;
      const actor = await look(credential.kind, hash, address);
      remembered.delete(name);
      if (remembered.size >= REMEMBER_MOST) remembered.clear();
      if (actor) remembered.set(name, { actor, until: now() + REMEMBER_MS });
      return actor;
    },
    hold: (credential, actor) => {
      const { hash, name } = hashOf(credential);
      const controller = new AbortController();
      const entry = held.get(name) ?? { actor, kind: credential.kind, hash, controllers: new Set() };
      held.set(name, entry);
      entry.controllers.add(controller);
      return {
        signal: controller.signal,
        release: () => { entry.controllers.delete(controller); if (entry.controllers.size === 0) held.delete(name); },
      };
    },
    end: (change) => {
      for (const [name, { actor }] of remembered) if (isOf(actor, change)) remembered.delete(name);
      for (const entry of held.values()) if (isOf(entry.actor, change)) endHeld(entry, change.apiKeyId !== null || change.sessionId !== null);
    },
    recheck: async () => {
      for (const entry of held.values()) if (!await look(entry.kind, entry.hash, null)) endHeld(entry, true);
      const lost = await seats.lost(new Set([...held.values()].map(({ actor }) => actor.userId)));
      for (const entry of held.values()) if (lost.has(entry.actor.userId)) endHeld(entry, false);
    },
  };
}
