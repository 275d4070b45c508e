import { NotFound } from '../platform/user-error.ts';
import { isUuid, requireApp, visibleApps } from '../platform/access.ts';
import { terminalEvents } from '../platform/event.ts';
import { deployOf } from '../platform/release/release.ts';
import type { Event, Prisma } from '../prisma/generated/client/client.ts';
import { builder } from './builder.ts';
import type { ApiContext } from './context.ts';
import { requireActor } from './context.ts';
import { decodeEventCursor } from './event-cursor.ts';
import { eventHubs } from './event-hub.ts';
import { typedEvent } from './event-row.ts';
import type { TypedEvent } from './event-row.ts';
import { DeployEventRef, EventRef } from './event.ts';
import { live, readPatiently } from './live.ts';

/** Which events a reader wants, as a `where` and as a test of one that is in memory already. */
interface Wanted { where: Prisma.EventWhereInput; matches(row: Event): boolean }

/**
 * Events of an app after a number, those there are and those to come, in order; until `isLast` says so or the signal aborts. Who keeps up reads what
 * all readers of the app share; who is behind reads rows, a page at a time and none ahead, so that a reader who stalls holds one page at most.
 */
async function* followEvents(ctx: ApiContext, appId: string, after: number, wanted: Wanted | null, isLast: (event: TypedEvent) => boolean, signal: AbortSignal): AsyncGenerator<TypedEvent, void, void> {
  const { hub, release } = await readPatiently(() => eventHubs(ctx).hold(appId), signal);
  try {
    for (let seen = after; !signal.aborted;) {
      const { rows, upTo } = hub.recent(seen) ?? await readPatiently(() => hub.page(seen, wanted?.where ?? null), signal);
      for (const row of rows) {
        if (signal.aborted) return;
        if (wanted && !wanted.matches(row)) continue;
        const event = typedEvent(row);
        yield event;
        if (isLast(event)) return;
      }
      if (upTo > seen) seen = upTo; else await hub.news(seen, signal);
    }
  } finally {
    release();
  }
}

/** The app and the deploy that a build's or a release's id stands for, where the actor may see it. */
async function requireDeploy(ctx: ApiContext, id: string): Promise<{ appId: string; deployId: string }> {
  const where = { id, app: visibleApps(requireActor(ctx)) };
  const { db } = ctx.platform;
  if (isUuid(id)) {
    const build = await db.build.findFirst({ where, select: { id: true, appId: true } });
    if (build) return { appId: build.appId, deployId: build.id };
    const release = await db.release.findFirst({ where, select: { id: true, appId: true, buildId: true } });
    if (release) return { appId: release.appId, deployId: deployOf(release) };
  }
  throw new NotFound('build or release', id);
}

async function* followDeploy(ctx: ApiContext, { appId, deployId }: { appId: string; deployId: string }, after: number, signal: AbortSignal): AsyncGenerator<TypedEvent, void, void> {
  const ended = await readPatiently(() => ctx.platform.db.event.findFirst({ where: { appId, deployId, type: { in: [...terminalEvents] }, number: { lte: after } } }), signal);
  if (ended) return;
  const isLast = ({ type }: TypedEvent): boolean => type === 'AppDeleted' || terminalEvents.includes(type);
  const wanted: Wanted = {
    where: { OR: [{ deployId }, { type: 'AppDeleted' }] },
    matches: (row) => row.deployId === deployId || row.type === 'AppDeleted',
  };
  yield* followEvents(ctx, appId, after, wanted, isLast, signal);
}

builder.subscriptionFields((t) => ({
  deployEvents: t.field({
    type: DeployEventRef,
    description: 'A deploy from its cause (a build, or a release made by config or rollback) to its verdict, as typed events; exactly one terminal event, always the last.',
    args: {
      deploy: t.arg.id({ required: true, description: 'The id of a build or of a release.' }),
      after: t.arg({ type: 'Cursor', description: 'Only what comes after this event.' }),
    },
    subscribe: async (_root, { deploy, after }, ctx) => {
      const from = decodeEventCursor(after);
      const found = await requireDeploy(ctx, deploy);
      return live(ctx, (signal) => followDeploy(ctx, found, from, signal));
    },
    resolve: (event) => event as never,
  }),
  appEvents: t.field({
    type: EventRef, description: 'Everything that happens to an app: builds, releases, config, scaling, replicas. Ends when the app is deleted.',
    args: {
      app: t.arg.string({ required: true, description: 'The app\'s name or id.' }),
      after: t.arg({ type: 'Cursor', description: 'From this event on, those that happened already too; from now on, if not said.' }),
    },
    subscribe: async (_root, { app, after }, ctx) => {
      const { id, lastEvent } = await requireApp(ctx.platform.db, requireActor(ctx), app, 'read');
      const from = after == null ? lastEvent : decodeEventCursor(after);
      return live(ctx, (signal) => followEvents(ctx, id, from, null, ({ type }) => type === 'AppDeleted', signal));
    },
    resolve: (event) => event as never,
  }),
}));
