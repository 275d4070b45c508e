import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createSlots, inSlot } from '../../service/slots.ts';
import { inStep } from '../../service/trace.ts';
import type { KubeAnswer, KubeConnection, KubeLimits } from './connection.ts';
import type { KubeCredentials } from './credentials.ts';
import { errorOfAnswer, KubeError } from './kube-error.ts';

export interface KubeRequest {
  method: 'GET' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | undefined>;
  body?: object;
  contentType?: string;
}

export interface Requests {
  /** The whole answer's text. Null: 404. Every request of ours may come twice, so one that got no answer, or 429, is sent again a few times. */
  send(request: KubeRequest): Promise<string | null>;
  /** An answer that goes on (a watch, a log) until the signal; it is tried once. Throws KubeError for any status but 200. */
  stream(request: KubeRequest, signal: AbortSignal): Promise<KubeAnswer>;
}

/** Short requests under way at once; the others wait their turn. */
const MOST_AT_ONCE = 32;
const ANSWER_WITHIN_MS = 30_000;
const MOST_TRIES = 5;
/** Longer than this no request waits: who asked backs off, and knows for how long. */
const LONGEST_WAIT_SECONDS = 10;
const LONGEST_QUIET_SECONDS = 60;

/** Requests to the API server, with credentials, deadlines and bounded patience. */
export function createRequests(connection: KubeConnection, credentials: KubeCredentials, beforeWrite: () => void): Requests {
  const slots = createSlots(MOST_AT_ONCE);
  /** After a 429 with Retry-After nobody asks until then: the server told us all. */
  let quietUntil = 0;

  const open = async ({ method, path, query, body, contentType }: KubeRequest, limits: Omit<KubeLimits, 'beforeSend'>): Promise<KubeAnswer> => {
    const search = new URLSearchParams(Object.entries(query ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))).toString();
    const prefix = credentials.server.pathname.replace(/\/$/, '');
    const authorization = await credentials.authorization();
    const answer = await connection.open({
      ':method': method, ':path': `${prefix}${path}${search === '' ? '' : `?${search}`}`, accept: 'application/json', 'user-agent': 'slipway',
      ...(authorization === undefined ? {} : { authorization }), ...(body ? { 'content-type': contentType ?? 'application/json' } : {}),
    }, body ? JSON.stringify(body) : null, method === 'GET' ? limits : { ...limits, beforeSend: beforeWrite });
    if (answer.status === 401) credentials.refused();
    return answer;
  };
  const failed = async (request: KubeRequest, answer: KubeAnswer): Promise<KubeError> => {
    const error = errorOfAnswer(`${request.method} ${request.path}`, answer.status, await readText(answer), answer.headers['retry-after']);
    if (error.status === 429 && error.retryAfterSeconds !== null) quietUntil = Math.max(quietUntil, performance.now() + Math.min(error.retryAfterSeconds, LONGEST_QUIET_SECONDS) * 1000);
    return error;
  };
  const once = async (request: KubeRequest): Promise<string | null> => {
    const deadline = new AbortController();
    const timer = setTimeout(() => { deadline.abort(); }, ANSWER_WITHIN_MS);
    try {
      const answer = await open(request, { signal: deadline.signal });
      if (answer.status === 404) { await readText(answer); return null; }
      if (answer.status < 200 || answer.status > 299) throw await failed(request, answer);
      return await readText(answer);
    } catch (error) {
      if (!deadline.signal.aborted) throw error;
      throw new KubeError(`${request.method} ${request.path}: no answer within ${ANSWER_WITHIN_MS / 1000} s`, { status: 0, reason: 'Timeout', cause: error });
    } finally { clearTimeout(timer); }
  };
  const quiet = async (): Promise<void> => {
    const ms = quietUntil - performance.now();
    if (ms > LONGEST_WAIT_SECONDS * 1000) throw new KubeError('The API server asked for fewer requests.', { status: 429, reason: 'TooManyRequests', retryAfterSeconds: Math.ceil(ms / 1000) });
    if (ms > 0) await delay(ms + randomInt(250));
  };
  return {
    send: (request) => inStep(`${request.method} ${resourceOf(request.path)}`, { kind: 'client', attributes: { 'http.request.method': request.method, 'url.path': request.path, 'server.address': credentials.server.hostname } }, () => inSlot(slots, async () => {
      for (let tries = 1; ; tries++) {
        await quiet();
        try {
          return await once(request);
        } catch (error) {
          if (!(error instanceof KubeError) || tries >= MOST_TRIES || !mayTryAgain(error)) throw error;
          await delay(pauseMs(error, tries));
        }
      }
    })),
    stream: (request, signal) => inSlot(slots, async () => {
      await quiet();
      // The deadline is for the head of the answer only; what comes after that is the caller's.
      const answer = await open(request, { signal, headWithinMs: ANSWER_WITHIN_MS });
      if (answer.status !== 200) throw await failed(request, answer);
      return answer;
    }),
  };
}

/** `deployments` of `/apis/apps/v1/namespaces/…/deployments/…`: the kinds are few, the names are not. */
function resourceOf(path: string): string {
  const [, , , inNamespace, atTop] = /^\/(api|apis\/[^/]+)\/[^/]+\/(?:namespaces\/([^/]+)\/([^/]+)|([^/]+))/.exec(path) ?? [];
  return inNamespace ?? atTop ?? 'other';
}

/** No answer, "later", or a token that was just replaced. */
function mayTryAgain({ status, retryAfterSeconds }: KubeError): boolean {
  if (retryAfterSeconds !== null && retryAfterSeconds > LONGEST_WAIT_SECONDS) return false;
  return status === 0 || status === 401 || status === 429 || status === 502 || status === 503 || status === 504 || (status === 500 && retryAfterSeconds !== null);
}

function pauseMs({ retryAfterSeconds }: KubeError, tries: number): number {
  return (retryAfterSeconds ?? 0) * 1000 + randomInt(50, 100) * 2 ** tries;
}

async function readText({ body }: KubeAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk as Buffer);
  } catch (error) {
    throw new KubeError('The connection to the API server ended in the middle of an answer.', { status: 0, reason: 'ConnectionLost', cause: error });
  }
  return Buffer.concat(chunks).toString();
}
