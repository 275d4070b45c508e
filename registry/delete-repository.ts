import { z } from 'zod';
import type { RegistryClient } from './client.ts';

/** The registry deletes nothing, whoever asks. */
export class DeletionUnsupported extends Error {
  constructor() { super('The registry does not allow that anything is deleted.'); }
}

const MANIFESTS = 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json';
const tagList = z.object({ tags: z.array(z.string()).nullish() });
const failure = z.object({ errors: z.array(z.object({ code: z.string() })) });
const PAGE = 500;
/** A registry whose pages never end is given up. */
const MAX_PAGES = 1_000;

/** Deletes all images of a repository that have a tag, by digest. What is gone already is well. Throws DeletionUnsupported, or what the registry answered; what was deleted until then stays so. */
export async function deleteRepository(client: RegistryClient, repository: string): Promise<void> {
  const done = new Set<string>();
  for (const tag of await listTags(client, repository)) {
    const found = await client.call(repository, `manifests/${encodeURIComponent(tag)}`, { method: 'HEAD', headers: { accept: MANIFESTS } });
    if (found.status === 404) continue;
    expectOk(found);
    const digest = found.headers.get('docker-content-digest');
    if (digest === null) throw new Error(`The registry does not tell the digest of ${repository}:${tag}.`);
    if (!done.has(digest)) await deleteManifest(client, repository, digest);
    done.add(digest);
  }
}

async function deleteManifest(client: RegistryClient, repository: string, digest: string): Promise<void> {
  const deleted = await client.call(repository, `manifests/${digest}`, { method: 'DELETE' });
  if (await isUnsupported(deleted)) throw new DeletionUnsupported();
  if (deleted.status !== 404) expectOk(deleted);
  await deleted.body?.cancel();
}

async function listTags(client: RegistryClient, repository: string): Promise<string[]> {
  const tags: string[] = [];
  let query: string | null = `?n=${PAGE}`;
  for (let page = 0; query !== null; page++) {
    if (page === MAX_PAGES) throw new Error(`The registry's list of the tags of ${repository} has no end.`);
    const listed = await client.call(repository, `tags/list${query}`);
    if (listed.status === 404) return tags;
    expectOk(listed);
    tags.push(...tagList.parse(await listed.json()).tags ?? []);
    query = nextQuery(listed.headers.get('link'));
  }
  return tags;
}

/** Of `</v2/app/tags/list?last=x&n=500>; rel="next"` the query alone: where it is asked, and with which password, is ours to say. */
function nextQuery(link: string | null): string | null {
  const [, target] = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '') ?? [];
  return target === undefined ? null : URL.parse(target, 'http://registry')?.search ?? null;
}

async function isUnsupported(answer: Response): Promise<boolean> {
  if (answer.status === 405) return true;
  if (answer.ok || answer.status === 404) return false;
  const parsed = failure.safeParse(await answer.clone().json().catch(() => null));
  return parsed.success && parsed.data.errors.some(({ code }) => code === 'UNSUPPORTED');
}

function expectOk(answer: Response): void {
  if (!answer.ok) throw new Error(`The registry answered HTTP ${answer.status} to ${new URL(answer.url).pathname}.`);
}
