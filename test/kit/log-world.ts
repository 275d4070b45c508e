import type { TestContext } from 'node:test';
import { randomUUID } from 'node:crypto';
import { logSubject } from '../../bus/log.ts';
import type { LogBatch } from '../../bus/log.ts';
import { LogConflict, publishLogBatch } from '../../bus/log-store.ts';
import type { LogEvent } from '../../platform/log/event.ts';
import { followLog } from '../../platform/log/read.ts';
import type { LogRequest } from '../../platform/log/read.ts';
import { ensureLogStream } from '../../platform/log/stream.ts';
import type { Platform } from '../../platform/platform.ts';
import type { TestGateway } from './gateway.ts';
import { until } from './wait.ts';

export interface LogWorld { gateway: TestGateway; platform: Platform; appId: string; ownerId: string }

/** An app of its own, on a gateway that tests share. */
export async function createLogWorld(gateway: TestGateway): Promise<LogWorld> {
  const { actor } = await gateway.createUser();
  const app = await gateway.platform.db.app.create({ data: { name: `app-${randomUUID().slice(0, 8)}`, ownerId: actor.userId } });
  return { gateway, platform: gateway.platform, appId: app.id, ownerId: actor.userId };
}

export interface LogSourceWriter { write(lines: string[], more?: Partial<LogBatch>): Promise<void> }

/** A source as the log agent would send it; `count` lines before its first were lost where it is not 0. */
export function createLogSource({ platform, appId }: LogWorld, source: LogBatch['source'] = 'APP', sourceId = 'replica-1', meta: Partial<LogBatch> = {}): LogSourceWriter {
  let [seq, n] = [0, 0];
  return {
    async write(lines, more = {}) {
      await ensureLogStream(platform, appId);
      const position = { s: n, n: n + lines.length + (more.gap?.lines ?? 0) };
      const batch: LogBatch = { source, process: 'web', replica: 'web.1', release: 1, build: null, position, lines: lines.map((text, index) => [1_000_000 + index, 'o', 'i', text]), ...meta, ...more };
      const publish = (expected: number): Promise<number> => publishLogBatch(platform.bus, logSubject(appId, source, sourceId), JSON.stringify(batch), expected);
      seq = await publish(seq).catch((error: unknown) => {
        // Retention dropped the subject's last batch.
        if (error instanceof LogConflict) return publish(0);
        throw error;
      });
      // Of one that was not taken, nothing is missing.
      n = position.n;
    },
  };
}

export interface LogRead { events: LogEvent[]; lines(): string[]; gaps(): [number | null, string][]; until(done: (read: LogRead) => boolean, what?: string): Promise<void>; stop(): Promise<void> }

/** Reads until stopped; a consumer that takes one event after the other. */
export async function readLog(t: TestContext, { platform, appId }: LogWorld, request: Partial<LogRequest> = {}): Promise<LogRead> {
  const iterator = await followLog(platform, { appId, signal: new AbortController().signal, isRestart: () => true, ...request });
  const self: LogRead = {
    events: [],
    lines: () => self.events.flatMap((event) => (event.type === 'LogBatch' ? event.lines.map((line) => line.text) : [])),
    gaps: () => self.events.flatMap((event): [number | null, string][] => (event.type === 'LogGap' ? [[event.lines, event.reason]] : [])),
    until: (done, what = 'the events have come') => until(() => done(self), { within: 60_000, what: () => `${what}; there are ${JSON.stringify(self.events.map((event) => event.type === 'LogBatch' ? [event.lines.length, event.lines.at(-1)?.text.slice(0, 60)] : event)).slice(0, 2_000)}` }),
    stop: async () => { await iterator.return?.(); await loop; },
  };
  const loop = (async () => { for await (const event of iterator) self.events.push(event); })();
  loop.catch(() => undefined);
  t.after(() => self.stop());
  return self;
}
export const caughtUp = (self: LogRead): boolean => self.events.some((event) => event.type === 'LogCaughtUp');
export const ended = (self: LogRead): boolean => self.events.some((event) => event.type === 'LogEnd');
export const numbered = (from: number, to: number, more = ''): string[] => Array.from({ length: to - from }, (_, index) => `line ${from + index}${more}`);
