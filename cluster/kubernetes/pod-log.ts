import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { errorOfAnswer, KubeError } from './kube-error.ts';
import { kindPath } from './kinds.ts';
import { readLines } from './read-lines.ts';
import type { Requests } from './request.ts';

export interface ContainerRef { namespace: string; pod: string; container: string }

const logPath = ({ namespace, pod }: ContainerRef): string => `${kindPath('Pod', namespace, pod)}/log`;

/** The last lines of a container's log; none where there is no such log (any more). */
export async function readPodLog(requests: Requests, ref: ContainerRef, { tailLines, previous = false }: { tailLines: number; previous?: boolean }): Promise<string[]> {
  try {
    const text = await requests.send({ method: 'GET', path: logPath(ref), query: { container: ref.container, tailLines: String(tailLines), ...(previous ? { previous: 'true' } : {}) } });
    return text === null || text === '' ? [] : text.replace(/\n$/, '').split('\n');
  } catch (error) {
    // A container that has not started, or has no previous life.
    if (error instanceof KubeError && error.status === 400) return [];
    throw error;
  }
}

/** Where a lost connection is taken up again: the time of the last line, and how many lines had that time. */
interface Position { nanos: bigint; since: string; count: number }

/** The lines of a container from its first; waits for its start, goes on after a lost connection, ends when the container has ended or its pod is gone. */
export async function* followPodLog(requests: Requests, ref: ContainerRef, signal: AbortSignal): AsyncGenerator<string> {
  const at: { position: Position | null } = { position: null };
  for (let failures = 0; !signal.aborted; failures++) {
    // Looked at before reading: an end that was there then is an end of which all lines are there now.
    const ended = await hasEnded(requests, ref);
    try {
      const from = at.position;
      let skip = from?.count ?? 0;
      for await (const line of openLog(requests, ref, from, signal)) {
        const { nanos, since, text } = parseStamped(line);
        if (from && (nanos < from.nanos || (nanos === from.nanos && skip-- > 0))) continue;
        at.position = { nanos, since, count: at.position?.nanos === nanos ? at.position.count + 1 : 1 };
        failures = 0;
        yield text;
      }
      if (ended) return;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof KubeError) || error.status === 403) throw error;
      if (ended && (error.status === 404 || error.status === 400)) return;
    }
    await delay(Math.min(100 * 2 ** failures, 3_000) + randomInt(100), undefined, { signal }).catch(() => undefined);
  }
}

async function* openLog(requests: Requests, ref: ContainerRef, position: Position | null, signal: AbortSignal): AsyncGenerator<string> {
  const answer = await requests.stream({ method: 'GET', path: logPath(ref), query: { container: ref.container, follow: 'true', timestamps: 'true', sinceTime: position?.since } }, signal);
  if (answer.status !== 200) throw errorOfAnswer('log', answer.status, '');
  yield* readLines(answer.body);
}

const podShape = z.object({ status: z.object({
  phase: z.string().optional(),
  containerStatuses: z.array(z.unknown()).optional(), initContainerStatuses: z.array(z.unknown()).optional(),
}).optional() });
const containerShape = z.object({ name: z.string(), state: z.object({ terminated: z.unknown().optional() }).optional() });

async function hasEnded(requests: Requests, { namespace, pod, container }: ContainerRef): Promise<boolean> {
  const text = await requests.send({ method: 'GET', path: kindPath('Pod', namespace, pod) });
  if (text === null) return true;
  const { status } = podShape.parse(JSON.parse(text));
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  const statuses = [...status?.containerStatuses ?? [], ...status?.initContainerStatuses ?? []].map((one) => containerShape.parse(one));
  return statuses.find(({ name }) => name === container)?.state?.terminated !== undefined;
}

/** `2026-11-26T11:50:00.123456789+01:00 text`, the fraction of any length. */
function parseStamped(line: string): { nanos: bigint; since: string; text: string } {
  const [, seconds, fraction = '', zone, text] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d) ?(.*)$/s.exec(line) ?? [];
  // Not a line of the container's but one of the kubelet's own about the log.
  if (seconds === undefined) return { nanos: 0n, since: new Date(0).toISOString(), text: line };
  const ms = Date.parse(`${seconds}${zone}`);
  return { nanos: BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9)), since: new Date(ms).toISOString(), text: text ?? '' };
}
