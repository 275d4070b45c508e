import { parseEvent } from '../platform/event.ts';
import type { AnyEvent } from '../platform/event.ts';
import type { Event } from '../prisma/generated/client/client.ts';

/** An event's row with its parsed content. */
export type TypedEvent = AnyEvent & { row: Event };

const typed = new WeakMap<Event, TypedEvent>();

/** A row's event; parsed once for all readers who share the row. */
export function typedEvent(row: Event): TypedEvent {
  const known = typed.get(row);
  if (known) return known;
  const event: TypedEvent = { ...parseEvent(row), row };
  typed.set(row, event);
  return event;
}
