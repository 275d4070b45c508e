import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { readTar } from '../../test/kit/played-platform.ts';
import { makeTemp } from '../../test/kit/temp.ts';
import { createLog } from '../../service/log.ts';
import { runBackend } from './backend.ts';
import { openNetwork } from './public-proxy.ts';
import type { Network } from './public-proxy.ts';
import { Refused } from './refused.ts';
import { createRepositories } from './repository.ts';
import { packSource } from './source.ts';

const run = promisify(execFile);
const APP = '11111111-1111-4111-8111-111111111111';

describe('the source that a push stores', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let dir: string;
  let port: number;
  let bare: string;
  const network: Network = { resolve: async (host) => host === 'code.test' ? ['127.0.0.1'] : openNetwork.resolve(host), isPublic: (address) => address === '127.0.0.1' || openNetwork.isPublic(address) };
  const git = async (at: string, ...args: string[]): Promise<string> => (await run('git', ['-C', join(dir, at), '-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'protocol.file.allow=always', ...args])).stdout.trim();

  /** A working copy with these files committed; `sub:<path>` adds a submodule: [the URL in .gitmodules, its commit]. */
  const commit = async (name: string, files: Record<string, string | [string, string]>): Promise<string> => {
    await mkdir(join(dir, name), { recursive: true });
    await git(name, 'init', '-q', '-b', 'main');
    let modules = '';
    for (const [path, content] of Object.entries(files)) {
      const file = join(dir, name, path);
      if (typeof content === 'string') {
        await mkdir(dirname(file), { recursive: true });
        if (content.startsWith('-> ')) await symlink(content.slice(3), file); else await writeFile(file, content);
        continue;
      }
      modules += `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${content[0]}\n`;
    }
    if (modules) await writeFile(join(dir, name, '.gitmodules'), modules);
    await git(name, 'add', '-A');
    for (const [path, content] of Object.entries(files)) if (typeof content !== 'string') await git(name, 'update-index', '--add', '--cacheinfo', `160000,${content[1]},${path}`);
    await git(name, 'commit', '-q', '-m', 'It');
    return git(name, 'rev-parse', 'HEAD');
  };
  const pack = async (name: string, id: string, maxBytes = 10_000_000, allowed = network): Promise<Map<string, string>> => {
    await git(name, 'push', '-q', bare, `+${id}:refs/heads/x`);
    return readTar(await packSource({ dir: bare, commit: id, maxBytes, network: allowed, settings: [['http.sslCAInfo', join(dir, 'cert.pem')]] }));
  };
  const refuses = (name: string, id: string, told: RegExp, maxBytes?: number, allowed?: Network) => assert.rejects(pack(name, id, maxBytes, allowed), (error: Error) => {
    assert.ok(error instanceof Refused, String(error));
    assert.match(error.message, told);
    assert.match(error.reason, /^SOURCE_INVALID/);
    return true;
  });
  const urlOf = (name: string, host = 'code.test'): string => `https://${host}:${port}/${name}/.git`;

  before(async () => {
    dir = await makeTemp(scope, 'slip-source-');
    await mkdir(join(dir, 'repositories'));
    bare = await createRepositories(join(dir, 'repositories'), { node: '/bin/true', script: '', cacheDir: join(dir, 'cache') }).open(APP);
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem'), '-subj', '/CN=code.test', '-addext', 'subjectAltName=DNS:code.test']);
    const log = createLog('test');
    const server = createServer({ key: await readFile(join(dir, 'key.pem')), cert: await readFile(join(dir, 'cert.pem')) }, (request, response) => {
      const url = new URL(request.url ?? '/', 'https://code.test');
      if (url.pathname.startsWith('/moved')) { response.writeHead(302, { location: `https://127.0.0.2:${port}${url.pathname.replace('/moved', '/library')}${url.search}` }).end(); return; }
      runBackend(request, response, { root: dir, log, settings: [['uploadpack.allowAnySHA1InWant', 'true']], path: url.pathname, query: url.search.slice(1), env: {}, push: null, ended: new AbortController().signal, onEnd: () => undefined });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    ({ port } = server.address() as AddressInfo);
    scope.after(() => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }));
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  it('is what was committed, whatever .gitattributes say; links stay links', async () => {
    const long = `${'deep/'.repeat(30)}file.txt`;
    const id = await commit('attributes', {
      '.gitattributes': 'secret.txt export-ignore\ntests/ export-ignore\nversion.txt export-subst\n*.id ident\n*.crlf text eol=crlf\n*.utf16 working-tree-encoding=UTF-16\n',
      'secret.txt': 'kept', 'tests/a.txt': 'kept', 'version.txt': '$Format:%H$', 'x.id': '$Id$', 'x.crlf': 'a\nb\n', link: '-> ../../etc/passwd', [long]: 'long',
    });
    const files = await pack('attributes', id);
    assert.deepEqual(Object.fromEntries([...files].filter(([name]) => name !== '.gitattributes')), {
      'secret.txt': 'kept', 'tests/a.txt': 'kept', 'version.txt': '$Format:%H$', 'x.id': '$Id$', 'x.crlf': 'a\nb\n', link: '-> ../../etc/passwd', [long]: 'long',
    });
  });

  it('has its submodules in place, nested ones too, and fetches them once', async () => {
    const inner = await commit('inner', { 'inner.txt': 'inner' });
    const library = await commit('library', { 'lib.txt': 'lib', '.gitattributes': 'lib.txt export-ignore\n', 'vendor/inner': [urlOf('inner'), inner] });
    const id = await commit('parent', { 'a.txt': 'one', 'libs/one': [urlOf('library'), library] });
    const files = await pack('parent', id);
    assert.deepEqual(['a.txt', 'libs/one/lib.txt', 'libs/one/vendor/inner/inner.txt'].map((name) => files.get(name)), ['one', 'lib', 'inner']);
    await git('library', 'update-ref', '-d', 'refs/heads/main');
    assert.equal((await pack('parent', id)).get('libs/one/lib.txt'), 'lib');
  });

  it('refuses submodules that are not public: files, other protocols, private hosts, passwords, redirects to one', async () => {
    const inner = await commit('target', { 'a.txt': 'secret' });
    const cases: [url: string, told: RegExp][] = [
      [`file://${dir}/target`, /only public https URLs/],
      [`${dir}/target`, /its URL is not absolute/],
      ['../target', /its URL is not absolute/],
      ['git://code.test/target', /only public https URLs/],
      ['ext::sh -c whoami', /only public https URLs/],
      [urlOf('target').replace('https', 'http'), /only public https URLs/],
      [urlOf('target').replace('code.test', 'user:secret@code.test'), /without a password/],
      [urlOf('target', '127.0.0.2'), /private address/],
      [urlOf('target', '[::ffff:10.0.0.1]'), /private address/],
      [urlOf('target', 'localhost'), /private address|was not found/],
      [urlOf('moved'), /private address/],
    ];
    const allowed: Network = { ...network, resolve: async (host) => host === 'localhost' ? ['127.0.0.1', '::1'] : network.resolve(host) };
    for (const [index, [url, told]] of cases.entries()) await refuses(`bad-${index}`, await commit(`bad-${index}`, { 'a.txt': 'one', sub: [url, inner] }), told, undefined, allowed);
  });

  it('refuses submodules that are too large together, or that nobody knows', async () => {
    const large = await commit('large', { 'large.txt': randomBytes(300_000).toString('base64') });
    await refuses('too-large', await commit('too-large', { 'a.txt': 'one', sub: [urlOf('large'), large] }), /larger than a push may be/, 100_000);
    await refuses('unknown', await commit('unknown', { 'a.txt': 'one', sub: [urlOf('large'), '1'.repeat(40)] }), /Submodule sub .* cannot be fetched/);
    const orphan = await commit('orphan', { 'a.txt': 'one', sub: [urlOf('large'), large] });
    await git('orphan', 'rm', '-q', '--cached', '.gitmodules');
    await git('orphan', 'commit', '-q', '--amend', '-m', 'A repository in the repository');
    assert.notEqual(await git('orphan', 'rev-parse', 'HEAD'), orphan);
    await refuses('orphan', await git('orphan', 'rev-parse', 'HEAD'), /git rm --cached sub/);
  });
});
