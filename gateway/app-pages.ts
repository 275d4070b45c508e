import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { lingerAfterAnswer } from '../http/linger.ts';
import { answerPage, pageHead } from '../http/page.ts';
import type { Reason } from '../http/page.ts';
import { hostName, isAmbiguous, requestIdOf, takePath } from '../http/request-head.ts';
import { idleStateOf } from '../platform/app/idle-state.ts';
import type { Platform } from '../platform/platform.ts';

/** In a cluster, requests to apps that have no replica come to the gateway; on one machine the router answers them. */
export interface AppPages {
  /** Whether a request is for an app's host: then nothing of the platform answers it. */
  isFor(request: IncomingMessage): boolean;
  /** Says why no replica answers. Whatever is uploaded is thrown away. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The same to a request for another protocol. */
  refuse(request: IncomingMessage, socket: Duplex): Promise<void>;
}

/** So long an app is believed to be as it was: who asks for it without end costs a statement a second. */
const KEEP_MS = 1_000;
const MAX_KEPT = 1_000;

/** @param appsDomain apps are at `<app>.<this>`; null: their requests do not come here */
export function createAppPages(platform: Platform, appsDomain: string | null): AppPages {
  const own = new Set([platform.settings.url, platform.settings.gitUrl].map((url) => new URL(url).hostname));
  const suffix = `.${appsDomain}`;
  const kept = new Map<string, { reason: Promise<Reason>; until: number }>();

  const lookUp = (name: string): Promise<Reason> => idleStateOf(platform, name).then((state) => state ?? 'unknown-app', (error: unknown) => {
    platform.log.warn({ error }, 'an app without a replica could not be looked up');
    return 'platform-away';
  });
  const reasonFor = async (request: IncomingMessage): Promise<Reason> => {
    if (isAmbiguous(request) || !takePath(request)) return 'bad-request';
    const name = hostName(request).slice(0, -suffix.length);
    const known = kept.get(name);
    if (known && performance.now() < known.until) return known.reason;
    if (kept.size >= MAX_KEPT) kept.clear();
    const reason = lookUp(name);
    kept.set(name, { reason, until: performance.now() + KEEP_MS });
    return reason;
  };
  return {
    isFor: (request) => {
      const host = hostName(request);
      return appsDomain !== null && host.endsWith(suffix) && !own.has(host);
    },
    answer: async (request, response) => {
      lingerAfterAnswer(request, response);
      answerPage(request, response, await reasonFor(request), requestIdOf(request));
    },
    refuse: async (request, socket) => { socket.end(pageHead(await reasonFor(request), requestIdOf(request))); },
  };
}
