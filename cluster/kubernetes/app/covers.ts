import { sha256, annotation } from './names.ts';
import type { KubeObject } from '../kinds.ts';

/** A manifest as it is applied: with a hash of itself, by which we know later what we applied last. */
export function stamp<T extends KubeObject>(manifest: T): T {
  const hash = sha256(JSON.stringify(manifest)).slice(0, 32);
  return { ...manifest, metadata: { ...manifest.metadata, annotations: { ...manifest.metadata?.annotations, [annotation.applied]: hash } } };
}

/** Whether the API server has just what we would apply: the same manifest was applied last, and nobody changed a field of it since. */
export function isApplied(live: KubeObject | null | undefined, stamped: KubeObject): boolean {
  if (live?.metadata?.annotations?.[annotation.applied] !== stamped.metadata?.annotations?.[annotation.applied]) return false;
  return covers(live, stamped);
}

/** Whether all that is wanted is there with equal values; what others and defaults add beside it does not count. */
export function covers(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return Array.isArray(live) && coversList(live, wanted);
  if (wanted !== null && typeof wanted === 'object') {
    // An empty object is a statement (emptyDir: {}, podSelector: {}), so it must be there.
    if (live === null || typeof live !== 'object' || Array.isArray(live)) return false;
    return Object.entries(wanted).every(([key, value]) => value === undefined || covers((live as Record<string, unknown>)[key], value));
  }
  return live === wanted;
}

/** Lists of named things may have more of them; others (rules of a policy, arguments) are just these, in this order. */
function coversList(live: unknown[], wanted: unknown[]): boolean {
  const named = wanted.length > 0 && wanted.every((item) => nameOf(item) !== null);
  if (named) return wanted.every((item) => covers(live.find((other) => nameOf(other) === nameOf(item)), item));
  return live.length === wanted.length && wanted.every((item, index) => covers(live[index], item));
}

const nameOf = (item: unknown): string | null => (item !== null && typeof item === 'object' && 'name' in item && typeof item.name === 'string' ? item.name : null);
