import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { digestOf } from '../../buildpacks/pod/registry-repository.ts';
import type { ImageConfig, Manifest, Repository } from '../../buildpacks/pod/registry-repository.ts';
import type { Scope } from './temp.ts';

interface Stored { bytes: Buffer; type: string }

/** A registry in memory: blobs and manifests of every repository, uploads in one piece and in parts; whether it mounts is said. */
export async function startMemoryRegistry(scope: Scope, { mounts = true }: { mounts?: boolean } = {}): Promise<{ host: string; stored: Map<string, Stored>; calls: string[] }> {
  const stored = new Map<string, Stored>();
  const uploads = new Map<string, Buffer>();
  const calls: string[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((bytes) => {
      const { method = '' } = request;
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://registry');
      calls.push(`${method} ${request.url}`);
      const [, repository = '', kind = '', reference = ''] = /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(pathname) ?? [];
      const keep = (digest: string, content: Buffer, type: string): void => { stored.set(`${repository}@${digest}`, { bytes: content, type }); };
      const answer = (status: number, headers: Record<string, string> = {}, body?: Buffer): void => { response.writeHead(status, headers).end(body); };
      if (kind === 'blobs/uploads' && method === 'POST') {
        const wanted = stored.get(`${searchParams.get('from')}@${searchParams.get('mount')}`);
        if (mounts && wanted) { keep(searchParams.get('mount') ?? '', wanted.bytes, wanted.type); answer(201); return; }
        const id = String(uploads.size);
        uploads.set(id, Buffer.alloc(0));
        answer(202, { location: `/v2/${repository}/blobs/uploads/${id}?_state=${id}` });
      } else if (kind === 'blobs/uploads') {
        const all = Buffer.concat([uploads.get(reference) ?? assert.fail(`no upload ${reference}`), bytes]);
        uploads.set(reference, all);
        if (method === 'PATCH') { answer(202, { location: `/v2/${repository}/blobs/uploads/${reference}?_state=more` }); return; }
        assert.equal(digestOf(all), searchParams.get('digest'));
        keep(digestOf(all), all, 'application/octet-stream');
        answer(201);
      } else if (method === 'PUT') {
        for (const name of [reference, digestOf(bytes)]) keep(name, bytes, request.headers['content-type'] ?? '');
        answer(201);
      } else {
        const found = stored.get(`${repository}@${reference}`);
        if (found) answer(200, { 'content-type': found.type }, method === 'HEAD' ? undefined : found.bytes); else answer(404);
      }
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  scope.after(async () => { await new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }); });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, stored, calls };
}

/** Pushes an image of these layers, as Kaniko does. */
export async function pushImage(repository: Repository, tag: string, config: ImageConfig, layers: (string | Buffer<ArrayBuffer>)[], layerType: string): Promise<Manifest> {
  const parts = [await repository.put('application/vnd.docker.container.image.v1+json', Buffer.from(JSON.stringify(config))), ...await Promise.all(layers.map((text) => repository.put(layerType, Buffer.from(text))))];
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, config: parts[0], layers: parts.slice(1) }));
  await repository.tag(tag, { bytes, mediaType: 'application/vnd.docker.distribution.manifest.v2+json' } as Manifest);
  return await repository.manifest(tag) ?? assert.fail('the image is not there');
}
