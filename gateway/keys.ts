import { hashSecret } from '../platform/api-key-secret.ts';
import { findActor } from '../platform/api-key.ts';
import type { Actor } from '../platform/access.ts';
import type { Platform } from '../platform/platform.ts';

/** API keys in use: who they stand for, remembered shortly, and what lives by them. */
export interface Keys {
  /** Null: unknown, expired or revoked. */
  find(secret: string): Promise<Actor | null>;
  /** A signal that aborts when the key ends; `release` when it is not needed any more. */
  hold(secret: string, actor: Actor): { signal: AbortSignal; release(): void };
  /** The key has ended: forgets it, and aborts what lives by it. */
  end(apiKeyId: string): void;
  /** Looks at all keys that something lives by; ends those that have ended (an expiry, a notice that was lost). */
  recheck(): Promise<void>;
}

/** So long an answer about a key is believed; a notice ends it sooner. */
const REMEMBER_MS = 5_000;
const REMEMBER_MOST = 10_000;

export class KeyEnded extends Error {
  constructor() { super('The API key was revoked, or has expired.'); }
}

export function createKeys(platform: Pick<Platform, 'db'>, now: () => number = Date.now): Keys {
  const remembered = new Map<string, { actor: Actor; until: number }>();
  const held = new Map<string, { actor: Actor; hash: Uint8Array; controllers: Set<AbortController> }>();
  const hashOf = (secret: string): { hash: Uint8Array; name: string } => { const hash = hashSecret(secret); return { hash, name: Buffer.from(hash).toString('hex') }; };
  const end = (apiKeyId: string): void => {
    for (const [name, { actor }] of remembered) if (actor.apiKeyId === apiKeyId) remembered.delete(name);
    for (const { actor, controllers } of held.values()) {
      if (actor.apiKeyId === apiKeyId) for (const controller of controllers) controller.abort(new KeyEnded());
    }
  };
  return {
    find: async (secret) => {
      const { hash, name } = hashOf(secret);
      const known = remembered.get(name);
      if (known && known.until > now()) return known.actor;
      const actor = await findActor(platform, hash);
      remembered.delete(name);
      if (remembered.size >= REMEMBER_MOST) remembered.clear();
      if (actor) remembered.set(name, { actor, until: now() + REMEMBER_MS });
      return actor;
    },
    hold: (secret, actor) => {
      const { hash, name } = hashOf(secret);
      const controller = new AbortController();
      const entry = held.get(name) ?? { actor, hash, controllers: new Set() };
      held.set(name, entry);
      entry.controllers.add(controller);
      return {
        signal: controller.signal,
        release: () => { entry.controllers.delete(controller); if (entry.controllers.size === 0) held.delete(name); },
      };
    },
    end,
    recheck: async () => {
      for (const { actor, hash } of held.values()) if (!await findActor(platform, hash)) end(actor.apiKeyId);
    },
  };
}
