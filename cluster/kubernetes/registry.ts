import { z } from 'zod';

export interface Registry {
  /** `host[:port][/prefix]` */
  registry: string;
  insecure: boolean;
  /** A dockerconfigjson; null: it takes everybody. */
  login: string | null;
}

const MANIFESTS = 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json';
const tagList = z.object({ tags: z.array(z.string()).nullable() });
const dockerConfig = z.object({ auths: z.record(z.string(), z.object({ auth: z.string().optional(), username: z.string().optional(), password: z.string().optional() })) });

/** Deletes all images of a repository and its caches. Throws where the registry refuses: many delete nothing, or want a token that we do not ask for. */
export async function removeRepository({ registry, insecure, login }: Registry, name: string): Promise<void> {
  const [host = '', ...prefix] = registry.split('/');
  const headers: Record<string, string> = login === null ? {} : authorization(login, host);
  for (const repository of [[...prefix, name].join('/'), [...prefix, name, 'cache'].join('/')]) {
    const base = `http${insecure ? '' : 's'}://${host}/v2/${repository}`;
    const listed = await fetch(`${base}/tags/list`, { headers });
    if (listed.status === 404) continue;
    expectOk(listed);
    for (const tag of tagList.parse(await listed.json()).tags ?? []) {
      const found = await fetch(`${base}/manifests/${tag}`, { method: 'HEAD', headers: { ...headers, accept: MANIFESTS } });
      const digest = found.headers.get('docker-content-digest');
      if (found.status === 404 || digest === null) continue;
      const deleted = await fetch(`${base}/manifests/${digest}`, { method: 'DELETE', headers });
      if (deleted.status !== 404) expectOk(deleted);
    }
  }
}

function expectOk(answer: Response): void {
  if (!answer.ok) throw new Error(`The registry answered ${answer.status} to ${new URL(answer.url).pathname}.`);
}

function authorization(login: string, host: string): Record<string, string> {
  const entry = dockerConfig.parse(JSON.parse(login)).auths[host];
  if (!entry) return {};
  return { authorization: `Basic ${entry.auth ?? Buffer.from(`${entry.username}:${entry.password}`).toString('base64')}` };
}
