import { Prisma } from '../../prisma/client.ts';
import type { Platform, Transaction } from '../platform.ts';
import { PREFIX_BYTES, sealedPrefix } from './secret-box.ts';

/** What the ciphertext of a user's TOTP secret is bound to. */
export const totpContext = (userId: string): string => `totp ${userId}`;
/** What the ciphertext of a mail's content is bound to. */
export const mailContext = (mailId: string): string => `mail ${mailId}`;

interface SealedColumn { table: string; column: string; context(id: string): string }

/** All that is sealed and belongs to no app; config is the rest. Who seals something new adds it here, or it is lost with the next rotation. */
const sealedColumns: readonly SealedColumn[] = [
  { table: 'User', column: 'totpSecret', context: totpContext },
  { table: 'Mail', column: 'content', context: mailContext },
];

const BATCH = 100;

const name = (text: string): Prisma.Sql => Prisma.raw(`"${text}"`);

const isUnderOther = ({ column }: SealedColumn, keyId: string): Prisma.Sql =>
  Prisma.sql`${name(column)} IS NOT NULL AND substring(${name(column)} FROM 1 FOR ${PREFIX_BYTES}) <> ${sealedPrefix(keyId)}`;

/** How many rows are under another key than this. */
export async function countSealedRows(db: Platform['db'], keyId: string): Promise<number> {
  let count = 0;
  for (const place of sealedColumns) {
    const [row] = await db.$queryRaw<{ count: number }[]>`SELECT count(*)::int AS count FROM ${name(place.table)} WHERE ${isUnderOther(place, keyId)}`;
    count += row?.count ?? 0;
  }
  return count;
}

/** Seals all rows with this key, a batch a transaction, until none is left or the signal aborts. A row that does not open is told of, and stays as it is. */
export async function resealRows(platform: Pick<Platform, 'db' | 'box' | 'log'>, keyId: string, signal?: AbortSignal): Promise<void> {
  for (const place of sealedColumns) {
    for (let after = '00000000-0000-0000-0000-000000000000'; !signal?.aborted;) {
      const last = await platform.db.$transaction((tx) => resealBatch(platform, tx, place, keyId, after));
      if (last === null) break;
      after = last;
    }
  }
}

/** Answers the last id it looked at; null: there was none. Who changes a row meanwhile waits, or is waited for. */
async function resealBatch({ box, log }: Pick<Platform, 'box' | 'log'>, tx: Transaction, place: SealedColumn, keyId: string, after: string): Promise<string | null> {
  const [table, column] = [name(place.table), name(place.column)];
  const rows = await tx.$queryRaw<{ id: string; sealed: Uint8Array }[]>`
    SELECT id, ${column} AS sealed FROM ${table} WHERE id > ${after}::uuid AND ${isUnderOther(place, keyId)} ORDER BY id LIMIT ${BATCH} FOR UPDATE`;
  for (const { id, sealed } of rows) {
    try {
      const resealed = box.seal(box.open(sealed, place.context(id)), place.context(id), keyId);
      await tx.$executeRaw`UPDATE ${table} SET ${column} = ${resealed} WHERE id = ${id}::uuid`;
    } catch (error) {
      log.error({ error, table: place.table, id }, 'a sealed row does not open: it stays under the key it is under');
    }
  }
  return rows.at(-1)?.id ?? null;
}
