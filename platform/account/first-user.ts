import type { PrismaClient } from '../../prisma/client.ts';
import { createSecret } from '../key/api-key-secret.ts';

export interface FirstUser { email: string; secret: string }

/** Makes the first user and their API key where there is no user yet; null where there is. The secret is answered here and never again: `keep` gets it before it is valid. */
export async function createFirstUser(db: PrismaClient, email: string, keep: (user: FirstUser) => Promise<void> | void = () => undefined): Promise<FirstUser | null> {
  const { secret, prefix, hash } = createSecret();
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE "User" IN EXCLUSIVE MODE`;
    if (await tx.user.count() > 0) return null;
    const user = await tx.user.create({ data: { email, administrator: true, emailConfirmedAt: new Date() } });
    const key = await tx.apiKey.create({ data: { userId: user.id, name: 'first key', prefix, hash, scopes: ['ADMIN'] } });
    await tx.event.create({ data: { type: 'ApiKeyCreated', data: { name: key.name }, actorId: user.id, apiKeyId: key.id } });
    await keep({ email, secret });
    return { email, secret };
  });
}
