/** What a request to a registry is about; `reference`: a tag or digest; `from`: the repository of which a blob is to be mounted. `url` has of the query only what belongs there. */
export type RegistryPath = { kind: 'ping'; url: string } | { kind: 'blobs' | 'manifests' | 'tags'; repository: string; reference: string; from: string | null; url: string };

const shape = /^\/v2\/([a-z0-9][a-z0-9._/-]*)\/(blobs|manifests|tags)\/([A-Za-z0-9:._=/-]+)$/;

/** Reads the path of a request by the registry's protocol; null: it is none of it. */
export function readRegistryPath(text: string): RegistryPath | null {
  const url = URL.parse(text, 'http://registry');
  if (url === null || url.host !== 'registry') return null;
  if (url.pathname === '/v2/' || url.pathname === '/v2') return { kind: 'ping', url: '/v2/' };
  const [, repository, kind, reference = ''] = shape.exec(url.pathname) ?? [];
  if (repository === undefined || repository.split('/').some((part) => part === '' || part === '.' || part === '..')) return null;
  const query = allowedQuery(kind, reference, url.searchParams);
  return { kind: kind as 'blobs' | 'manifests' | 'tags', repository, reference, from: query.get('from'), url: query.size === 0 ? url.pathname : `${url.pathname}?${query}` };
}

/** Each once: a registry may take the second of two, where the first was looked at. */
function allowedQuery(kind: string | undefined, reference: string, given: URLSearchParams): URLSearchParams {
  // Where an upload goes on is the registry's own to say, with its own names.
  if (kind === 'blobs' && reference.startsWith('uploads/') && reference !== 'uploads/') {
    return new URLSearchParams([...new Map(given)].filter(([name]) => !['mount', 'from', 'tag'].includes(name.toLowerCase())));
  }
  return new URLSearchParams(namesFor(kind, reference, given).flatMap((name) => { const value = given.get(name); return value === null ? [] : [[name, value]]; }));
}

function namesFor(kind: string | undefined, reference: string, given: URLSearchParams): string[] {
  if (kind === 'tags') return ['n', 'last'];
  if (kind === 'manifests' || reference !== 'uploads/') return [];
  return given.has('mount') && given.has('from') ? ['mount', 'from'] : ['digest'];
}
