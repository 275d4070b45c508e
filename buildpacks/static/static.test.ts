import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { startBuildRig } from '../../test/kit/build-rig.ts';
import type { BuildRig } from '../../test/kit/build-rig.ts';
import { runSlugProcess } from '../../test/kit/slug-process.ts';

/** The path as it is: fetch would tidy it. */
const statusOf = (url: string, path: string): Promise<number | undefined> => new Promise((resolve, reject) => {
  const { hostname, port } = new URL(url);
  request({ hostname, port, path }, (response) => { response.resume(); resolve(response.statusCode); }).once('error', reject).end();
});

describe('the static buildpack', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let rig: BuildRig;
  before(async () => { rig = await startBuildRig({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  it('serves a site at the top of the repository, and nothing but the site', async (t) => {
    const build = await rig.build({
      'index.html': '<h1>home</h1>', 'css/site.css': 'h1 {}', 'docs/index.html': 'docs', 'a b.txt': 'blank', '404.html': 'lost', '.env': 'SECRET', '.well-known/x': 'known',
      link: { type: 'symlink', linkname: 'css/site.css' },
    });
    assert.equal(build.outcome?.status, 'SUCCEEDED', build.output);
    assert.match(build.output, /-----> Static site app detected/);
    assert.deepEqual(build.outcome.slug.processTypes, [{ type: 'web', command: 'node .slipway/static/server.mjs' }]);
    const url = await runSlugProcess(t, await rig.unpackSlug(), 'node .slipway/static/server.mjs');
    const home = await fetch(url);
    assert.equal(await home.text(), '<h1>home</h1>');
    assert.equal(home.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.equal((await fetch(`${url}/css/site.css`)).headers.get('content-type'), 'text/css; charset=utf-8');
    assert.equal(await (await fetch(`${url}/docs`)).text(), 'docs');
    assert.equal(await (await fetch(`${url}/a%20b.txt`)).text(), 'blank');
    assert.equal((await fetch(url, { headers: { 'if-none-match': home.headers.get('etag') ?? '' } })).status, 304);
    assert.equal((await fetch(url, { method: 'POST' })).status, 405);
    for (const hidden of ['/.env', '/.slipway/static/server.mjs', '/.profile.d/slipway-static.sh', '/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/css/%2e%2e/.env', '/nothing']) assert.equal(await statusOf(url, hidden), 404, hidden);
    assert.equal(await (await fetch(`${url}/nothing`)).text(), 'lost');
    assert.equal(await statusOf(url, '/%zz'), 400);
    for (const shown of ['/.well-known/x', '/link']) assert.equal(await statusOf(url, shown), 200, shown);
  });

  it('serves public/ where there is one, and leaves an app that says itself what serves the web alone', async (t) => {
    const build = await rig.build({ 'public/index.html': 'public', 'private.txt': 'private', Procfile: 'worker: ./work\n' });
    assert.equal(build.outcome?.status, 'SUCCEEDED', build.output);
    const url = await runSlugProcess(t, await rig.unpackSlug(), 'node .slipway/static/server.mjs');
    assert.equal(await (await fetch(url)).text(), 'public');
    assert.equal(await statusOf(url, '/private.txt'), 404);
    assert.match((await rig.build({ 'index.html': 'x', Procfile: 'web: ./serve\n' })).output, /-----> Procfile app detected/);
  });
});
