import type { Actor } from './access.ts';
import { eventData } from './event.ts';
import type { EventData, EventType } from './event.ts';
import type { Transaction } from './platform.ts';

/** Writes down what happened to what belongs to no app, in the transaction of the change. */
export async function writeUserEvent<T extends EventType>(tx: Transaction, actor: Pick<Actor, 'userId' | 'apiKeyId'>, type: T, data: EventData<T>): Promise<void> {
  await tx.event.create({ data: { type, data: eventData[type].parse(data), actorId: actor.userId, apiKeyId: actor.apiKeyId } });
}
