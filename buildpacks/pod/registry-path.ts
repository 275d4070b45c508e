/** What a request to a registry is about; `reference`: a tag or digest; `from`: the repository of which a blob is to be mounted. */
export type RegistryPath = { kind: 'ping'; url: string } | { kind: 'blobs' | 'manifests' | 'tags'; repository: string; reference: string; from: string | null; url: string };

const shape = /^\/v2\/([a-z0-9][a-z0-9._/-]*)\/(blobs|manifests|tags)\/([A-Za-z0-9:._=/-]+)$/;

/** Reads the path of a request by the registry's protocol; null: it is none of it. */
export function readRegistryPath(text: string): RegistryPath | null {
  const url = URL.parse(text, 'http://registry');
  if (url === null || url.host !== 'registry') return null;
  if (url.pathname === '/v2/' || url.pathname === '/v2') return { kind: 'ping', url: '/v2/' };
  const [, repository, kind, reference = ''] = shape.exec(url.pathname) ?? [];
  if (repository === undefined || repository.split('/').some((part) => part === '' || part === '.' || part === '..')) return null;
  return { kind: kind as 'blobs' | 'manifests' | 'tags', repository, reference, from: url.searchParams.get('from'), url: url.pathname + url.search };
}
