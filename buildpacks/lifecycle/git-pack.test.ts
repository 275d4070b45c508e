import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { makeTemp } from '../../test/kit/temp.ts';
import { publicAddressOf } from './address.ts';
import { BuildFailure } from './failure.ts';
import { fetchGitPack } from './git-pack.ts';

const execute = promisify(execFile);

/** A public git host, as far as the buildpack fetcher can tell: https with a certificate, smart HTTP, redirects. */
describe('a buildpack from a git URL', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let dir: string;
  let port: number;
  let first: string;
  let requests = 0;
  const git = async (...args: string[]): Promise<string> => (await execute('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'init.defaultBranch=main', ...args], { cwd: join(dir, 'packs') })).stdout.trim();
  const env = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, HOME: dir, GIT_SSL_CAINFO: join(dir, 'cert.pem') });
  const addressOf = async (host: string): Promise<string> => host === 'packs.test' ? '127.0.0.1' : publicAddressOf(host);
  const fetchPack = (path: string, ref: string | null): ReturnType<typeof fetchGitPack> => fetchGitPack(`https://packs.test:${port}/${path}`, ref, { cacheDir: join(dir, 'cache'), dir: join(dir, 'out'), env: env(), addressOf });
  const compiled = (): Promise<string> => readFile(join(dir, 'out/bin/compile'), 'utf8');

  before(async () => {
    dir = await makeTemp({ after: (fn) => { cleanups.push(fn); } }, 'slip-git-');
    await execute('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem'), '-subj', '/CN=packs.test', '-addext', 'subjectAltName=DNS:packs.test']);
    await mkdir(join(dir, 'packs/bin'), { recursive: true });
    await git('init', '-q');
    const commit = async (text: string): Promise<string> => {
      await writeFile(join(dir, 'packs/bin/compile'), text);
      await chmod(join(dir, 'packs/bin/compile'), 0o755);
      await git('add', '-A');
      await git('commit', '-q', '-m', text);
      return git('rev-parse', 'HEAD');
    };
    first = await commit('first');
    await git('tag', 'v1');
    await commit('second');
    await git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    const server = createServer({ key: await readFile(join(dir, 'key.pem')), cert: await readFile(join(dir, 'cert.pem')) }, (request, response) => {
      requests++;
      const url = new URL(request.url ?? '/', 'https://packs.test');
      if (url.pathname.startsWith('/moved')) { response.writeHead(302, { location: `https://127.0.0.1:${port}${url.pathname.replace('/moved', '/packs')}${url.search}` }).end(); return; }
      const backend = spawn('git', ['http-backend'], { env: {
        PATH: process.env.PATH, HOME: dir, GIT_PROJECT_ROOT: dir, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: url.pathname.replace('/packs', '/packs/.git'), QUERY_STRING: url.search.slice(1), REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '', HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '', GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      } });
      request.pipe(backend.stdin);
      const chunks: Buffer[] = [];
      backend.stdout.on('data', (chunk: Buffer) => { chunks.push(chunk); });
      backend.once('close', () => {
        const all = Buffer.concat(chunks);
        const end = all.indexOf('\r\n\r\n');
        const headers = all.subarray(0, end).toString().split('\r\n').map((line) => line.split(': '));
        const status = headers.find(([name]) => name === 'Status')?.[1];
        response.writeHead(status ? Number.parseInt(status, 10) : 200, Object.fromEntries(headers.filter(([name]) => name !== 'Status'))).end(all.subarray(end + 4));
      });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    port = (server.address() as AddressInfo).port;
    cleanups.push(() => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }));
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  it('comes from the default branch, executable as committed', async () => {
    await fetchPack('packs', null);
    assert.equal(await compiled(), 'second');
    assert.ok((await stat(join(dir, 'out/bin/compile'))).mode & 0o100);
  });

  it('comes at a tag, a branch or a commit; a commit that is there is not fetched again', async () => {
    await fetchPack('packs', 'v1');
    assert.equal(await compiled(), 'first');
    await fetchPack('packs', 'main');
    assert.equal(await compiled(), 'second');
    await fetchPack('packs', first);
    const before = requests;
    assert.deepEqual(await fetchPack('packs', first), { cacheHit: true });
    assert.equal(requests, before);
    assert.equal(await compiled(), 'first');
  });

  const failure = (message: RegExp) => (error: unknown): boolean => error instanceof BuildFailure && error.reason === 'BUILDPACK_FETCH_FAILED' && message.test(error.message);

  it('fails with git\'s own words for a ref or repository that is not there', async () => {
    await assert.rejects(fetchPack('packs', 'nope'), failure(/nope/));
    await assert.rejects(fetchPack('none', null), failure(/not found|could not be fetched/));
  });

  it('is not followed to a private address by a redirect', async () => {
    await assert.rejects(fetchPack('moved', null), failure(/private address \(127\.0\.0\.1\)/));
  });

  it('is not fetched from a name whose address turns private after the first look', async () => {
    let looks = 0;
    const before = requests;
    const rebinding = (host: string): Promise<string> => publicAddressOf(host, async () => looks++ === 0 ? ['1.1.1.1'] : ['127.0.0.1']);
    await assert.rejects(fetchGitPack(`https://packs.test:${port}/packs`, null, { cacheDir: join(dir, 'other'), dir: join(dir, 'out'), env: env(), addressOf: rebinding }), failure(/private address/));
    assert.equal(looks, 2);
    assert.equal(requests, before);
  });
});
