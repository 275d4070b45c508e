import { parseEvent } from '../platform/event.ts';
import type { AnyEvent } from '../platform/event.ts';
import type { Event } from '../prisma/generated/client/client.ts';

/** An event's row with its parsed content. */
export type TypedEvent = AnyEvent & { row: Event };

export const typedEvent = (row: Event): TypedEvent => ({ ...parseEvent(row), row });
