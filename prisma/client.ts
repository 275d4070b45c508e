import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client/client.ts';

export type { PrismaClient };
export { Prisma } from './generated/client/client.ts';

/** A client on one pool of at most `max` connections; connects when first used. */
export function createPrisma(url: string, max = 10): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max, connectionTimeoutMillis: 5_000 }), log: [{ emit: 'event', level: 'query' }] });
}
