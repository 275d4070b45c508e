import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from './generated/client/client.ts';

export { Prisma };
export type { PrismaClient };

/** A transaction waits so long for a connection and may then take so long: many at once wait for each other's row locks. */
const transactionOptions = { maxWait: 10_000, timeout: 20_000 };

/** A client on one pool of at most `max` connections; connects when first used. */
export function createPrisma(url: string, max = 10, patience = transactionOptions): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max, connectionTimeoutMillis: patience.maxWait }), transactionOptions: patience, log: [{ emit: 'event', level: 'query' }] });
}

/** Whether the database refused a row for another that has the same of what may be once. */
export const isUniqueViolation = (error: unknown): boolean => error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
