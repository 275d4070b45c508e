import { createUser, fromSeed } from '@nats-io/nkeys';

/** A new nkey seed: the secret of one process; the server knows only its public half. */
export const createSeed = (): string => new TextDecoder().decode(createUser().getSeed());

/** The public half, as the server's configuration wants it. */
export const publicKeyOfSeed = (seed: string): string => fromSeed(new TextEncoder().encode(seed.trim())).getPublicKey();
