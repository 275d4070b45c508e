import type { Transaction } from './platform.ts';

/** Lets one transaction at a time do `what`: waits until no other holds the lock of this name, and holds it until the end of this one. */
export async function lockUntilCommit(tx: Transaction, what: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${what}, 0))`;
}
