import { notify } from '../../bus/ask.ts';
import { appChanged, eventsWritten } from '../../bus/app.ts';
import type { App } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../access.ts';
import { eventData } from '../event.ts';
import type { EventData, EventType } from '../event.ts';
import type { Platform, Transaction } from '../platform.ts';
import { inTurn } from '../turns.ts';
import { NotFound, VersionConflict } from '../user-error.ts';

/** One change of an app under its row lock: numbers given out here are never skipped or given twice. */
export interface AppChange {
  tx: Transaction;
  app: App;
  nextBuild(): number;
  nextRelease(): number;
  /** Notes what happened; written with the change, in this order. `deployId`: the build or release whose deploy it belongs to. */
  event<T extends EventType>(type: T, data: EventData<T>, deployId?: string): void;
}

export interface ChangeOptions {
  expectedVersion?: number | null | undefined;
  /** False for what is only observed: it is no new version of the app. */
  bump?: boolean;
  /** Also where the app is deleted already: what was under way of it has to end. */
  evenDeleted?: boolean;
}

/** A change by the platform itself; what somebody asks for goes through `change-app-as.ts`. Otherwise as `changeAppBy`. */
export async function changeApp<T>(platform: Platform, appId: string, options: ChangeOptions, change: (change: AppChange) => Promise<T>): Promise<T> {
  return changeAppBy(platform, appId, options, async () => ({ actor: null }), change);
}

/** Who changes an app; null: the platform itself. */
export interface Author { actor: Pick<Actor, 'userId' | 'apiKeyId'> | null }

/**
 * Runs one use case on an app in one transaction: locks its row, asks whose change it is, checks `expectedVersion`, writes numbers and events with
 * the change, and tells others after the commit. `ask` reads under the lock, and throws where that one may not change it.
 * Throws NotFound for a deleted app, VersionConflict.
 */
export async function changeAppBy<A extends Author, T>(platform: Platform, appId: string, options: ChangeOptions, ask: (tx: Transaction) => Promise<A>, change: (change: AppChange, author: A) => Promise<T>): Promise<T> {
  const { result, lastEvent, told } = await inTurn(platform.db, appId, () => platform.db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "App" WHERE id = ${appId}::uuid FOR UPDATE`;
    const app = await tx.app.findUnique({ where: { id: appId } });
    if (!app || (app.deletedAt && !options.evenDeleted)) throw new NotFound('app', appId);
    const author = await ask(tx);
    checkVersion(app, options.expectedVersion);
    return runChange(tx, app, { ...options, ...author }, (under) => change(under, author));
  }));
  if (told) {
    notify(platform.bus, eventsWritten, { appId, number: lastEvent });
    notify(platform.bus, appChanged, { appId });
  }
  return result;
}

/** Throws VersionConflict where somebody decided on another version than there is. */
export function checkVersion(app: App, expectedVersion: number | null | undefined): void {
  if (expectedVersion != null && expectedVersion !== app.version) throw new VersionConflict(app.version);
}

async function runChange<T>(tx: Transaction, app: App, { actor, bump = true }: ChangeOptions & Author, change: (change: AppChange) => Promise<T>): Promise<{ result: T; lastEvent: number; told: boolean }> {
  let { lastBuild, lastRelease, lastEvent } = app;
  const events: { type: string; number: number; data: object; deployId: string | null }[] = [];
  const result = await change({
    tx, app,
    nextBuild: () => ++lastBuild,
    nextRelease: () => ++lastRelease,
    event: (type, data, deployId) => { events.push({ type, number: ++lastEvent, data: eventData[type].parse(data), deployId: deployId ?? null }); },
  });
  if (events.length > 0) {
    await tx.event.createMany({ data: events.map((event) => ({ ...event, appId: app.id, actorId: actor?.userId ?? null, apiKeyId: actor?.apiKeyId ?? null })) });
    await tx.app.update({ where: { id: app.id }, data: { lastBuild, lastRelease, lastEvent, ...(bump ? { version: { increment: 1 } } : {}) } });
  }
  return { result, lastEvent, told: events.length > 0 };
}
