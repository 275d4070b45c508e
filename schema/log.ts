import { requireApp } from '../platform/access.ts';
import { findBuildLogs, requireBuildLog } from '../platform/log/build.ts';
import type { FoundBuildLog } from '../platform/log/build.ts';
import { decodeLogCursor } from '../platform/log/cursor.ts';
import type { LogPlace } from '../platform/log/cursor.ts';
import type { LogFilter, LogLine } from '../platform/log/message.ts';
import { MOST_PAGE_LINES, readLogPage } from '../platform/log/page.ts';
import type { LogPage } from '../platform/log/page.ts';
import { followLog } from '../platform/log/read.ts';
import type { LogEvent } from '../platform/log/event.ts';
import { findArchiveStarts } from '../platform/log/segments.ts';
import { NotFound } from '../platform/user-error.ts';
import { AppRef } from './app.ts';
import { createBatch } from './batch.ts';
import { BuildRef } from './build.ts';
import { badInput, builder } from './builder.ts';
import { requireActor, ServerRestarts } from './context.ts';

/** Lines that `last` may ask for before a live log. */
const MOST_LAST = 100_000;

const LogSourceRef = builder.enumType('LogSource', {
  description: 'Who wrote a line.',
  values: {
    BUILD: { description: 'A build.' }, APP: { description: 'A replica of the app, a release command or one-off.' },
    ROUTER: { description: 'The router: one line a request.' }, PLATFORM: { description: 'The platform: what happened to the app.' },
  },
});

const LogLevelRef = builder.enumType('LogLevel', {
  description: 'How bad it is: what the line says itself (a JSON `level`, `level=warn`, a leading `ERROR`), else ERROR for an app\'s stderr and INFO for all other lines.',
  values: { DEBUG: { description: 'Detail.' }, INFO: { description: 'News.' }, WARN: { description: 'Something to look at.' }, ERROR: { description: 'Something failed.' } },
});

const LogStreamRef = builder.enumType('LogStream', {
  description: 'What a line was written to.',
  values: { STDOUT: { description: 'Standard output.' }, STDERR: { description: 'Standard error.' } },
});

const LogGapReasonRef = builder.enumType('LogGapReason', {
  description: 'Why lines are missing.',
  values: {
    RETENTION: { description: 'They were older than what is kept.' },
    LOG_STORE_LOST: { description: 'The log store lost its data, or the cursor is of one that did.' },
    ROTATED: { description: 'Their file was rotated away before it could be read: they came faster than they could be sent, or sending was not possible.' },
    SOURCE_LOST: { description: 'What should have told them is gone.' },
    RATE: { description: 'They could not be written down: they came too fast, or the disk was full.' },
  },
});

const LogEndReasonRef = builder.enumType('LogEndReason', {
  description: 'Why a log ends.',
  values: {
    COMPLETE: { description: 'The build has ended, and these were all of its lines.' },
    APP_DELETED: { description: 'The app was deleted.' },
    SERVER_RESTARTS: { description: 'The server restarts: subscribe again with the last cursor.' },
  },
});

const LogLineRef = builder.objectRef<LogLine>('LogLine').implement({
  description: 'One line.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: 'Its place; reading after it goes on with the next line.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was written.' }),
    source: t.expose('source', { type: LogSourceRef, description: 'Who wrote it.' }),
    level: t.expose('level', { type: LogLevelRef, description: 'How bad it is.' }),
    process: t.exposeString('process', { nullable: true, description: 'The process type; null where none wrote it.' }),
    replica: t.exposeString('replica', { nullable: true, description: 'The replica\'s name, `web.1`; null where none wrote it.' }),
    release: t.exposeInt('release', { nullable: true, description: 'The version of the release that ran; null where none did.' }),
    stream: t.expose('stream', { type: LogStreamRef, description: 'What it was written to.' }),
    text: t.exposeString('text', { description: 'The line, without its newline. Bytes that are not UTF-8 are replacement characters.' }),
    continues: t.exposeBoolean('continues', { description: 'Whether it is a part of a line longer than 64 KiB that goes on in the next one.' }),
  }),
});

type Of<T extends LogEvent['type']> = Extract<LogEvent, { type: T }>;

const LogBatchRef = builder.objectRef<Of<'LogBatch'>>('LogBatch').implement({
  description: 'Lines, in order.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: 'The place after all of them.' }),
    lines: t.field({ type: [LogLineRef], description: 'The lines.', resolve: ({ lines }) => lines }),
  }),
});

const LogGapRef = builder.objectRef<Of<'LogGap'>>('LogGap').implement({
  description: 'Lines are missing here, and this is why.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: 'The place after the gap.' }),
    from: t.expose('from', { type: 'Cursor', nullable: true, description: 'The last place that is known before it.' }),
    to: t.expose('to', { type: 'Cursor', nullable: true, description: 'The first place that is known after it.' }),
    lines: t.exposeInt('lines', { nullable: true, description: 'How many are missing; null: nobody knows.' }),
    reason: t.expose('reason', { type: LogGapReasonRef, description: 'Why.' }),
  }),
});

const LogCaughtUpRef = builder.objectRef<Of<'LogCaughtUp'>>('LogCaughtUp').implement({
  description: 'All that is stored was told; what comes from here on is live.',
  fields: (t) => ({ cursor: t.expose('cursor', { type: 'Cursor', description: 'The place.' }) }),
});

const LogEndRef = builder.objectRef<Of<'LogEnd'>>('LogEnd').implement({
  description: 'The log ends here.',
  fields: (t) => ({ reason: t.expose('reason', { type: LogEndReasonRef, description: 'Why.' }) }),
});

const LogEventRef = builder.unionType('LogEvent', {
  description: 'What a live log tells.',
  types: [LogBatchRef, LogGapRef, LogCaughtUpRef, LogEndRef],
  resolveType: (event) => (event as LogEvent).type,
});

const LogFilterInput = builder.inputType('LogFilter', {
  description: 'Which lines; what is not given matches all.',
  fields: (t) => ({
    sources: t.field({ type: [LogSourceRef], description: 'Written by one of these.' }),
    processes: t.stringList({ description: 'Of one of these process types.' }),
    replicas: t.stringList({ description: 'Of one of these replicas, by name: `web.1`.' }),
    releases: t.intList({ description: 'Of one of these releases, by version.' }),
    minLevel: t.field({ type: LogLevelRef, description: 'At least this bad.' }),
    stream: t.field({ type: LogStreamRef, description: 'Written to this one.' }),
    search: t.string({ description: 'With this in its text, in any case.' }),
  }),
});

function checkFilter(filter: LogFilter | null | undefined): LogFilter | null {
  const { search, ...lists } = filter ?? {};
  if ((search?.length ?? 0) > 200) throw badInput('A search takes up to 200 characters.');
  for (const list of [lists.processes, lists.replicas, lists.releases]) if ((list?.length ?? 0) > 100) throw badInput('A filter takes up to 100 values.');
  return filter ?? null;
}

const isRestart = (reason: unknown): boolean => reason instanceof ServerRestarts;

builder.subscriptionFields((t) => ({
  buildLogs: t.field({
    type: LogEventRef, description: 'Lines of a build from its first, then live; ends when the build has ended.',
    args: {
      build: t.arg.id({ required: true, description: 'The build\'s id; valid from when the id exists.' }),
      after: t.arg({ type: 'Cursor', description: 'Go on after this place; the first line else.' }),
    },
    subscribe: async (_root, { build: id, after }, ctx) => {
      const { appId, build } = await requireBuildLog(ctx.platform, requireActor(ctx), id);
      return followLog(ctx.platform, { appId, build, after: after ? decodeLogCursor(after) : null, signal: ctx.signal, isRestart });
    },
    resolve: (event) => event,
  }),
  appLogs: t.field({
    type: LogEventRef, description: 'Lines of an app: the last ones or from a cursor, then live.',
    args: {
      app: t.arg.string({ required: true, description: 'Its name or id.' }),
      after: t.arg({ type: 'Cursor', description: 'Go on after this place.' }),
      last: t.arg.int({ description: `Begin with so many of the last lines that match; up to ${MOST_LAST}. 100 where no other beginning is given.` }),
      since: t.arg({ type: 'DateTime', description: 'Begin with lines written since then.' }),
      filter: t.arg({ type: LogFilterInput, description: 'Which lines.' }),
    },
    subscribe: async (_root, { app: name, after, last, since, filter }, ctx) => {
      const app = await requireApp(ctx.platform.db, requireActor(ctx), name, 'read');
      if (last != null && (last < 0 || last > MOST_LAST)) throw badInput(`last takes 0 to ${MOST_LAST}.`);
      return followLog(ctx.platform, { appId: app.id, after: after ? decodeLogCursor(after) : null, last, since, filter: checkFilter(filter), signal: ctx.signal, isRestart });
    },
    resolve: (event) => event,
  }),
}));

const LogEdgeRef = builder.objectRef<LogLine>('LogEdge').implement({
  description: 'A line and its place.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: 'The line\'s place.' }),
    node: t.field({ type: LogLineRef, description: 'The line.', resolve: (line) => line }),
  }),
});

const LogConnectionRef = builder.objectRef<LogPage>('LogConnection').implement({
  description: 'Stored lines, oldest first; the same places as in the live log.',
  fields: (t) => ({
    nodes: t.field({ type: [LogLineRef], complexity: { field: 0, multiplier: 1 }, description: 'The lines.', resolve: ({ lines }) => lines }),
    edges: t.field({ type: [LogEdgeRef], complexity: { field: 0, multiplier: 1 }, description: 'The lines with their places.', resolve: ({ lines }) => lines }),
    gaps: t.field({ type: [LogGapRef], description: 'Where lines are missing between these.', resolve: ({ gaps }) => gaps }),
    pageInfo: t.field({
      type: builder.pageInfoRef(), description: 'Where the page lies.',
      resolve: ({ lines, hasNextPage, hasPreviousPage }) => ({ hasNextPage, hasPreviousPage, startCursor: lines[0]?.cursor ?? null, endCursor: lines.at(-1)?.cursor ?? null }),
    }),
  }),
});

const pageArgs = {
  first: { description: `The first so many lines; up to ${MOST_PAGE_LINES}. 100 where only \`after\` is given.` },
  last: { description: `The last so many lines; up to ${MOST_PAGE_LINES}. 100 where nothing else is given.` },
  after: { type: 'Cursor', description: 'After this place.' },
  before: { type: 'Cursor', description: 'Before this place.' },
} as const;

function checkPage({ first, last }: { first?: number | null; last?: number | null }): void {
  if (first != null && last != null) throw badInput('Give first or last, not both.');
  for (const count of [first, last]) if (count != null && (count < 1 || count > MOST_PAGE_LINES)) throw badInput(`A page has 1 to ${MOST_PAGE_LINES} lines.`);
}

/** Lines cost no statement each: ten of them are one node. */
const pageCost = ({ first, last }: { first?: number | null; last?: number | null }): { field: number; multiplier: number } => ({ field: 5, multiplier: Math.ceil(Math.min(first ?? last ?? 100, MOST_PAGE_LINES) / 10) });

// Logs of many apps or builds are asked for at one level: one statement each for all of them.
const archiveStart = createBatch<string, LogPlace | null>(({ platform }, appIds) => findArchiveStarts(platform, appIds));
const buildLog = createBatch<string, FoundBuildLog | null>((ctx, ids) => findBuildLogs(ctx.platform, requireActor(ctx), ids));

builder.objectField(AppRef, 'logs', (t) => t.field({
  type: LogConnectionRef, complexity: pageCost, description: 'Stored lines of the app: the last ones, or a page of them.',
  args: { first: t.arg.int(pageArgs.first), last: t.arg.int(pageArgs.last), after: t.arg(pageArgs.after), before: t.arg(pageArgs.before), filter: t.arg({ type: LogFilterInput, description: 'Which lines.' }) },
  resolve: async (app, { filter, ...page }, ctx) => {
    checkPage(page);
    return readLogPage(ctx.platform, { appId: app.id, ...page, filter: checkFilter(filter), archiveStart: await archiveStart(ctx, app.id) });
  },
}));

builder.objectField(BuildRef, 'logs', (t) => t.field({
  type: LogConnectionRef, complexity: pageCost, description: 'Stored lines of the build: the last ones, or a page of them.',
  args: { first: t.arg.int(pageArgs.first), last: t.arg.int(pageArgs.last), after: t.arg(pageArgs.after), before: t.arg(pageArgs.before) },
  resolve: async ({ id }, page, ctx) => {
    checkPage(page);
    const found = await buildLog(ctx, id);
    if (!found) throw new NotFound('build', id);
    return readLogPage(ctx.platform, { ...found, ...page, archiveStart: await archiveStart(ctx, found.appId) });
  },
}));
