import { KubeError } from './kube-error.ts';
import type { KubeObject } from './kinds.ts';

/** Every field of a status that is a time, in client-node's types of the kinds that we use. */
const times = new Set(['lastTransitionTime', 'lastUpdateTime', 'lastProbeTime', 'lastHeartbeatTime', 'startTime', 'startedAt', 'finishedAt', 'completionTime']);

/** Parses what the API server said of an object; an answer that was cut off is one that did not come. */
export function parseAnswer(text: string): unknown {
  try { return JSON.parse(text) as unknown; } catch (error) {
    throw new KubeError('The API server\'s answer was cut off.', { status: 0, reason: 'ConnectionLost', cause: error });
  }
}

/** Makes it what client-node's types say: times are Dates. Who owns which field is left out: it's half of an object's size. */
export function readObject<T extends KubeObject>(parsed: unknown): T {
  const object = parsed as T & { status?: unknown } & Record<string, unknown>;
  if (object.metadata) {
    delete object.metadata.managedFields;
    dateAt(object.metadata, 'creationTimestamp');
    dateAt(object.metadata, 'deletionTimestamp');
  }
  readTimes(object.status);
  if (object.kind === 'Event') for (const field of ['firstTimestamp', 'lastTimestamp', 'eventTime']) dateAt(object, field);
  return object;
}

function dateAt(object: object, field: string): void {
  const value = (object as Record<string, unknown>)[field];
  if (typeof value === 'string') (object as Record<string, unknown>)[field] = new Date(value);
}

function readTimes(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, below] of Object.entries(value)) {
    if (times.has(key)) dateAt(value, key);
    else readTimes(below);
  }
}
