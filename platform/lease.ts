import type { Platform, Transaction } from './platform.ts';

export interface Leadership { holder: string; term: number }

/** The name of the lease whose holder writes verdicts. */
export const CONTROLLER_LEASE = 'controller';

/** The lead is lost after this long without a renewal. */
export const LEADER_SECONDS = 10;

/** Takes or renews the lead; null: another has it. A taker's term is higher than every term before. */
export async function takeLead(platform: Pick<Platform, 'db'>, name: string, holder: string): Promise<Leadership | null> {
  const rows = await platform.db.$queryRaw<{ term: number }[]>`
    INSERT INTO "Lease" (name, holder, term, "expiresAt") VALUES (${name}, ${holder}, 1, now() + make_interval(secs => ${LEADER_SECONDS}))
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, "expiresAt" = excluded."expiresAt",
      term = CASE WHEN "Lease".holder = excluded.holder THEN "Lease".term ELSE "Lease".term + 1 END
    WHERE "Lease".holder = excluded.holder OR "Lease"."expiresAt" < now()
    RETURNING term`;
  const row = rows[0];
  return row ? { holder, term: row.term } : null;
}

/** Lets another lead at once. */
export async function leaveLead(platform: Pick<Platform, 'db'>, name: string, lead: Leadership): Promise<void> {
  await platform.db.lease.updateMany({ where: { name, ...lead }, data: { expiresAt: new Date(0) } });
}

/** Thrown where a verdict came from one who led once: nothing was written. */
export class LeadLost extends Error {
  constructor() { super('another leads now'); }
}

/** Holds the lead's row until the transaction ends, so that no verdict is written by one who does not lead any more. Throws LeadLost. */
export async function assertLead(tx: Transaction, name: string, lead: Leadership): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`SELECT 1 FROM "Lease" WHERE name = ${name} AND holder = ${lead.holder} AND term = ${lead.term} AND "expiresAt" > now() FOR SHARE`;
  if (rows.length === 0) throw new LeadLost();
}
