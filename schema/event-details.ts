import { mayApiKey } from '../platform/access.ts';
import { describeEvent } from '../platform/event.ts';
import type { EventData, EventType } from '../platform/event.ts';
import { builder } from './builder.ts';
import { requireActor } from './context.ts';
import { encodeEventCursor } from './event-cursor.ts';
import type { TypedEvent } from './event-row.ts';

type Of<T extends EventType> = TypedEvent & { type: T; data: EventData<T> };

const EventDetailsRef = builder.interfaceRef<TypedEvent>('EventDetails').implement({
  description: 'What every event has.',
  resolveType: (event) => event.type,
  fields: (t) => ({
    cursor: t.field({ type: 'Cursor', description: 'Its place among the events of its app; send it as `after` to go on from here.', resolve: ({ row }) => encodeEventCursor(row.number ?? 0) }),
    at: t.field({ type: 'DateTime', description: 'When it happened.', resolve: ({ row }) => row.createdAt }),
    summary: t.string({ description: 'What happened, for people.', resolve: (event) => describeEvent(event) }),
    actor: t.prismaField({
      type: 'User', nullable: true, description: 'Who did it; null: the platform.',
      resolve: (query, { row }, _args, { platform }) => (row.actorId === null ? null : platform.db.user.findUnique({ ...query, where: { id: row.actorId } })),
    }),
    apiKey: t.prismaField({
      type: 'ApiKey', nullable: true, description: 'The key it was done with; null: none, or one that is not yours to see.',
      resolve: (query, { row: { apiKeyId, actorId } }, _args, ctx) =>
        (apiKeyId !== null && mayApiKey(requireActor(ctx), { id: apiKeyId, userId: actorId }) ? ctx.platform.db.apiKey.findUnique({ ...query, where: { id: apiKeyId } }) : null),
    }),
  }),
});

/** What every event's type implements. */
export const interfaces = (): [typeof EventDetailsRef] => [EventDetailsRef];
/** The type of one kind of event. */
export const named = <T extends EventType>(type: T) => builder.objectRef<Of<T>>(type);
