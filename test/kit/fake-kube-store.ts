import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

export interface StoredObject { apiVersion: string; kind: string; metadata: Record<string, unknown> & { name: string; namespace?: string; resourceVersion: string; labels?: Record<string, string> }; [field: string]: unknown }
export interface StoredEvent { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: StoredObject; version: number }
type Listener = (event: StoredEvent) => void;

/** The objects of one kind, with a version for every change, as far back as the API server remembers. */
export interface FakeStore {
  version(): number;
  get(kind: string, namespace: string | null, name: string): StoredObject | null;
  list(kind: string, namespace: string | null): StoredObject[];
  /** Stores it where that changes anything. */
  put(object: { kind: string; metadata: Record<string, unknown>; [field: string]: unknown }): StoredObject;
  /** Server-side apply of one manager, who owns all of what was applied: fields that it applies no more go. */
  apply(object: Record<string, unknown>): StoredObject;
  merge(kind: string, namespace: string | null, name: string, patch: object): StoredObject | null;
  remove(kind: string, namespace: string | null, name: string): StoredObject | null;
  /** Changes after a version; null: they are forgotten. */
  since(kind: string, namespace: string | null, version: number): StoredEvent[] | null;
  /** Forgets all changes up to now. */
  forget(): void;
  listen(kind: string, namespace: string | null, listener: Listener): () => void;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Changes of one collection. */
const REMEMBERED = 5_000;

export function createFakeStore(): FakeStore {
  const collections = new Map<string, Map<string, StoredObject>>();
  const applied = new Map<string, Json>();
  /** Of each collection, and of each kind across namespaces. */
  const history = new Map<string, StoredEvent[]>();
  const listeners = new Map<string, Set<Listener>>();
  let version = 1;
  let forgotten = 0;

  const keyOf = (kind: string, namespace: string | null): string => `${kind}/${namespace ?? ''}`;
  const collection = (key: string): Map<string, StoredObject> => { const found = collections.get(key) ?? new Map<string, StoredObject>(); collections.set(key, found); return found; };
  const tell = (type: StoredEvent['type'], object: StoredObject): void => {
    const event = { type, object, version };
    const { namespace } = object.metadata;
    for (const key of new Set([keyOf(object.kind, namespace ?? null), keyOf(object.kind, null)])) {
      const events = history.get(key) ?? [];
      history.set(key, events);
      events.push(event);
      if (events.length > REMEMBERED) events.splice(0, REMEMBERED / 2);
      for (const listener of listeners.get(key) ?? []) listener(event);
    }
  };
  const put: FakeStore['put'] = (object) => {
    const name = String(object.metadata.name);
    const namespace = typeof object.metadata.namespace === 'string' ? object.metadata.namespace : null;
    const own = collection(keyOf(object.kind, namespace));
    const before = own.get(name);
    if (before && isDeepStrictEqual(without(before), without(object))) return before;
    version++;
    const generation = Number(before?.metadata.generation ?? 0) + (before && isDeepStrictEqual(before.spec, object.spec) ? 0 : 1);
    const stored: StoredObject = { ...(object as StoredObject), metadata: { uid: before?.metadata.uid ?? randomUUID(), creationTimestamp: before?.metadata.creationTimestamp ?? new Date().toISOString(), ...object.metadata, name, generation, resourceVersion: String(version) } };
    own.set(name, stored);
    tell(before ? 'MODIFIED' : 'ADDED', stored);
    return stored;
  };
  const remove: FakeStore['remove'] = (kind, namespace, name) => {
    const own = collection(keyOf(kind, namespace));
    const object = own.get(name);
    if (!object) return null;
    own.delete(name);
    applied.delete(`${keyOf(kind, namespace)}/${name}`);
    version++;
    tell('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
    return object;
  };
  const objectsOf = (kind: string, namespace: string | null): StoredObject[] =>
    (namespace === null ? [...collections].filter(([key]) => key.startsWith(`${kind}/`)).flatMap(([, objects]) => [...objects.values()]) : [...collections.get(keyOf(kind, namespace))?.values() ?? []]);
  return {
    version: () => version,
    get: (kind, namespace, name) => collection(keyOf(kind, namespace)).get(name) ?? null,
    list: objectsOf,
    put, remove,
    apply: (object) => {
      const { kind, metadata } = object as unknown as StoredObject;
      const key = `${keyOf(kind, metadata.namespace ?? null)}/${metadata.name}`;
      const live = collection(keyOf(kind, metadata.namespace ?? null)).get(metadata.name) ?? {};
      const result = put(mergeOver(removeOld(live, applied.get(key) ?? {}, object), object) as StoredObject);
      applied.set(key, object);
      return result;
    },
    merge: (kind, namespace, name, patch) => {
      const live = collection(keyOf(kind, namespace)).get(name);
      return live ? put(mergePatch(live, patch as Json) as StoredObject) : null;
    },
    since: (kind, namespace, from) => {
      const events = history.get(keyOf(kind, namespace)) ?? [];
      if (from < forgotten || (events.length >= REMEMBERED / 2 && from < (events[0]?.version ?? 0))) return null;
      return events.filter((event) => event.version > from);
    },
    forget: () => { version++; forgotten = version; history.clear(); },
    listen: (kind, namespace, listener) => {
      const key = keyOf(kind, namespace);
      const set = listeners.get(key) ?? new Set();
      listeners.set(key, set.add(listener));
      return () => { set.delete(listener); if (set.size === 0) listeners.delete(key); };
    },
  };
}

/** All that counts as a change. */
function without({ metadata, ...rest }: Json & { metadata: Json }): Json {
  const { resourceVersion: _v, uid: _u, creationTimestamp: _c, generation: _g, ...meaning } = metadata;
  return { ...rest, metadata: meaning };
}

function mergeOver(live: Json, over: Json): Json {
  const result: Json = { ...live };
  for (const [key, value] of Object.entries(over)) result[key] = isObject(value) && isObject(result[key]) ? mergeOver(result[key], value) : value;
  return result;
}

function removeOld(live: Json, old: Json, now: Json): Json {
  const result: Json = { ...live };
  for (const [key, value] of Object.entries(old)) {
    if (!(key in now)) delete result[key];
    else if (isObject(value) && isObject(now[key]) && isObject(result[key])) result[key] = removeOld(result[key], value, now[key]);
  }
  return result;
}

function mergePatch(live: Json, patch: Json): Json {
  const result: Json = { ...live };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = isObject(value) ? mergePatch(isObject(result[key]) ? result[key] : {}, value) : value;
  }
  return result;
}
