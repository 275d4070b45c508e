import { z } from 'zod';
import { KubeError } from './kube-error.ts';
import { kindPath, kinds } from './kinds.ts';
import type { Kind, KubeObject } from './kinds.ts';
import { parseAnswer, readObject } from './read-object.ts';
import type { Requests } from './request.ts';

export interface Selector { labels?: string; fields?: string }

/** So many objects come in one piece. */
const PAGE = 500;
const MOST_BEGINNINGS = 5;

const page = z.object({ metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }), items: z.array(z.unknown()).nullable() });

/** All objects as they were at one moment, and that moment's version. */
export interface Listed<T> { items: T[]; resourceVersion: string }

/** All objects as they were at one moment, piece by piece. A list that took so long that its moment is forgotten begins again. */
export async function listObjects<T extends KubeObject>(requests: Requests, kind: Kind, namespace: string | null, { labels, fields }: Selector): Promise<Listed<T>> {
  for (let beginnings = 1; ; beginnings++) {
    try {
      return await listPages<T>(requests, kind, namespace, { labels, fields });
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 410) || beginnings >= MOST_BEGINNINGS) throw error;
    }
  }
}

async function listPages<T extends KubeObject>(requests: Requests, kind: Kind, namespace: string | null, { labels, fields }: Selector): Promise<Listed<T>> {
  const items: T[] = [];
  let next: string | undefined;
  for (;;) {
    const text = await requests.send({ method: 'GET', path: kindPath(kind, namespace), query: { labelSelector: labels, fieldSelector: fields, limit: String(PAGE), continue: next } });
    if (text === null) throw new KubeError(`The API server knows no ${kinds[kind].plural} of ${kinds[kind].apiVersion}.`, { status: 404, reason: 'NotFound' });
    const { metadata, items: some } = page.parse(parseAnswer(text));
    // In a list the objects do not say what they are.
    for (const item of some ?? []) items.push(readObject<T>(Object.assign(item as object, { apiVersion: kinds[kind].apiVersion, kind })));
    if (!metadata.continue) return { items, resourceVersion: metadata.resourceVersion };
    next = metadata.continue;
  }
}
