import { z } from 'zod';
import { describePeopleEvent, isPeopleEvent, peopleEventData } from './people/people-event.ts';
import type { Event } from '../prisma/generated/client/client.ts';
import { accountEventData, accountEventSummaries } from './account/account-event.ts';
import type { AccountEventType } from './account/account-event.ts';

const release = z.object({ releaseId: z.uuid(), version: z.int() });
const build = z.object({ buildId: z.uuid(), number: z.int() });
const failure = z.object({ reason: z.string(), message: z.string(), hint: z.string().nullable() });

/** What can happen, and what is told of it. Values of config are never among it. */
export const eventData = {
  AppCreated: z.object({ name: z.string() }),
  AppDeleted: z.object({ name: z.string() }),
  BuildQueued: build.extend({ commit: z.string() }),
  BuildStarted: build,
  BuildSucceeded: build.extend({ slugDigest: z.string() }),
  BuildFailed: build.extend(failure.shape),
  BuildCancelRequested: build,
  BuildCanceled: build,
  BuildSuperseded: build.extend({ by: z.string() }),
  ReleaseCreated: release.extend({ reason: z.enum(['DEPLOY', 'CONFIG', 'ROLLBACK', 'AUTO_ROLLBACK']), description: z.string() }),
  ReleaseRollingOut: release,
  ReleaseLive: release,
  ReleaseFailed: release.extend(failure.shape).extend({ exitCode: z.int().nullable() }),
  ReleaseSuperseded: release,
  ConfigChanged: z.object({ set: z.array(z.string()), unset: z.array(z.string()) }),
  ProcessesScaled: z.object({ processes: z.array(z.object({ type: z.string(), quantity: z.int(), size: z.string() })) }),
  ReplicasRestarted: z.object({ process: z.string().nullable(), replica: z.string().nullable() }),
  ReplicaCrashed: z.object({ process: z.string(), index: z.int(), exitCode: z.int().nullable(), exitReason: z.string().nullable(), restarts: z.int() }),
  ApiKeyCreated: z.object({ name: z.string() }),
  ApiKeyRevoked: z.object({ name: z.string() }),
  ...peopleEventData,
  KeyRotationStarted: z.object({ keyId: z.string() }),
  KeyRotated: z.object({ keyId: z.string() }),
  ...accountEventData,
} as const;

export type EventType = keyof typeof eventData;
export type EventData<T extends EventType> = z.infer<(typeof eventData)[T]>;
export type AnyEvent = { [T in EventType]: { type: T; data: EventData<T> } }[EventType];

/** The typed content of an event's row. Throws where the row is not ours. */
export function parseEvent(row: Pick<Event, 'type' | 'data'>): AnyEvent {
  const type = row.type as EventType;
  const schema = eventData[type];
  if (!schema) throw new Error(`unknown event type ${row.type}`);
  return { type, data: schema.parse(row.data) } as AnyEvent;
}

const isAccountEvent = (event: AnyEvent): event is Extract<AnyEvent, { type: AccountEventType }> => Object.hasOwn(accountEventData, event.type);

/** Events that end a deploy: exactly one of them is each deploy's last. */
export const terminalEvents: readonly EventType[] = ['BuildFailed', 'BuildCanceled', 'BuildSuperseded', 'ReleaseLive', 'ReleaseFailed', 'ReleaseSuperseded'];

/** One sentence for the app's log. */
export function describeEvent(event: AnyEvent): string {
  if (isAccountEvent(event)) return accountEventSummaries[event.type];
  if (isPeopleEvent(event)) return describePeopleEvent(event);
  const { type, data } = event;
  switch (type) {
    case 'AppCreated': return `App ${data.name} created`;
    case 'AppDeleted': return `App ${data.name} deleted`;
    case 'BuildQueued': return `Build ${data.number} of ${data.commit.slice(0, 8)} queued`;
    case 'BuildStarted': return `Build ${data.number} started`;
    case 'BuildSucceeded': return `Build ${data.number} succeeded`;
    case 'BuildFailed': return `Build ${data.number} failed: ${data.message}`;
    case 'BuildCancelRequested': return `Build ${data.number} is being canceled`;
    case 'BuildCanceled': return `Build ${data.number} canceled`;
    case 'BuildSuperseded': return `Build ${data.number} superseded by ${data.by.slice(0, 8)}`;
    case 'ReleaseCreated': return `Release v${data.version} created: ${data.description}`;
    case 'ReleaseRollingOut': return `Release v${data.version} is rolling out`;
    case 'ReleaseLive': return `Release v${data.version} is live`;
    case 'ReleaseFailed': return `Release v${data.version} failed: ${data.message}`;
    case 'ReleaseSuperseded': return `Release v${data.version} superseded`;
    case 'ConfigChanged': return ['Config changed:', ...data.set.map((key) => `+${key}`), ...data.unset.map((key) => `-${key}`)].join(' ');
    case 'ProcessesScaled': return `Scaled to ${data.processes.map((process) => `${process.type}=${process.quantity}:${process.size.toLowerCase()}`).join(' ')}`;
    case 'ReplicasRestarted': return `Restart of ${data.replica ?? data.process ?? 'all replicas'} asked for`;
    case 'ReplicaCrashed': return `${data.process}.${data.index} ended (${data.exitReason ?? 'exited'}${data.exitCode === null ? '' : `, exit code ${data.exitCode}`}) and is started again; restarts: ${data.restarts}`;
    case 'ApiKeyCreated': return `API key ${data.name} created`;
    case 'ApiKeyRevoked': return `API key ${data.name} revoked`;
    case 'KeyRotationStarted': return `Rotation to the encryption key ${data.keyId} started`;
    case 'KeyRotated': return `Everything is under the encryption key ${data.keyId}`;
  }
}
