import type { Event, Prisma } from '../prisma/generated/client/client.ts';
import { badInput, builder, connectionCost } from './builder.ts';
import { decodeEventCursor, encodeEventCursor } from './event-cursor.ts';
import { typedEvent } from './event-row.ts';
import { EventRef } from './event.ts';

interface PageArgs { first?: number | null; last?: number | null; after?: string | null; before?: string | null }

/** The page as rows: one more than asked for, to know whether there are more; from the end where `last` counts. */
function pageOf({ first, last, after, before }: PageArgs) {
  for (const count of [first, last]) {
    if (count != null && (count < 0 || count > 100)) throw badInput('A page has 0 to 100 nodes.');
  }
  if (first != null && last != null) throw badInput('Ask for the first or for the last, not for both.');
  // A page without any argument is the newest: who replays says from where.
  const fromEnd = first == null && (last != null || after == null);
  const size = first ?? last ?? 20;
  const number: Prisma.IntNullableFilter = { gt: decodeEventCursor(after), ...(before == null ? {} : { lt: decodeEventCursor(before) }) };
  return { fromEnd, size, rows: { where: { number }, orderBy: { number: fromEnd ? 'desc' : 'asc' }, take: size + 1 } } as const;
}

function connectionOf(args: PageArgs, rows: Event[]) {
  const { fromEnd, size } = pageOf(args);
  const more = rows.length > size;
  const page = rows.slice(0, size);
  if (fromEnd) page.reverse();
  const edges = page.map((row) => ({ cursor: encodeEventCursor(row.number ?? 0), node: typedEvent(row) }));
  return {
    edges,
    pageInfo: { hasNextPage: !fromEnd && more, hasPreviousPage: fromEnd && more, startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null },
  };
}

builder.prismaObjectField('App', 'events', (t) => t.connection({
  type: EventRef, complexity: connectionCost,
  description: 'What happened to it, oldest first; the newest page, if nothing is said. `endCursor` goes on live as `appEvents(after:)`.',
  select: (args) => ({ events: pageOf(args).rows }),
  resolve: (app, args) => connectionOf(args, app.events),
}, { name: 'EventConnection' }, { name: 'EventEdge' }));
