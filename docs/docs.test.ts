import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildSchema, parse, validate } from 'graphql';
import type { OperationDefinitionNode } from 'graphql';
import { nodeForApps } from '../test/kit/repository.ts';
import { startSlipway } from '../test/kit/slipway.ts';
import type { Slipway } from '../test/kit/slipway.ts';
import { makeTemp } from '../test/kit/temp.ts';

const root = new URL('..', import.meta.url).pathname;
/** In the order in which a reader would follow them: the README makes the app that the others go on with. */
const pages = ['README.md', ...['start', 'deploy', 'logs', 'config', 'processes', 'releases', 'router', 'keys', 'people', 'api', 'accounts', 'operating', 'troubleshooting'].map((name) => `docs/${name}.md`)];
const everyPage = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

/** What the app is once the README has shown that the example deploys: the same to who deploys, scales and asks it, without npm, vite and a Node of its own in each slug. */
const lightApp = (node: string): Record<string, string> => ({
  Procfile: `web: ${node} server.js\nworker: ${node} worker.js\nrelease: ${node} migrate.js\n`,
  'server.js': `require('node:http').createServer((_request, response) => { response.end(JSON.stringify({ title: process.env.TITLE, entries: [] })); }).listen(process.env.PORT, () => { console.log('listening'); });\n`,
});

interface Block { language: string; text: string }

const readPage = (page: string): string => readFileSync(join(root, page), 'utf8');
const blocksOf = (page: string): Block[] => [...readPage(page).matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));

/** All of a page's commands as one script, so that a `cd` lasts; a block named "sh fails" must fail. */
function scriptOf(page: string, port: number): string {
  return blocksOf(page).filter(({ language }) => language === 'sh' || language === 'sh fails').map(({ language, text }) => {
    const commands = text.replaceAll('localhost:4000', `localhost:${port}`);
    return language === 'sh' ? commands : `if (\n${commands}) then echo "this should have failed: ${text.trim()}" >&2; exit 99; fi\n`;
  }).join('\n');
}

describe('the documentation', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let slipway: Slipway;
  let home: string;
  before(async () => {
    slipway = await startSlipway(scope);
    home = await makeTemp(scope, 'docs-');
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const run = (script: string, cwd: string): Promise<{ code: number | null; output: string }> => new Promise((done) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd, stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${join(root, 'bin')}:${process.env.PATH ?? ''}`, HOME: home, SLIPWAY_HOME: slipway.home, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0',
        GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.org', GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'ann@example.org',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    child.once('close', (code) => { done({ code, output }); });
  });

  /** It goes out with the next page's first push. */
  const lighten = async (): Promise<void> => {
    const guestbook = join(home, 'guestbook');
    for (const [name, content] of Object.entries(lightApp(await nodeForApps(scope)))) await writeFile(join(guestbook, name), content);
    const { code, output } = await run("git rm -qr package.json package-lock.json src index.html vite.config.js && git commit -qam 'Have no dependencies'", guestbook);
    assert.equal(code, 0, output);
  };

  for (const page of pages) {
    it(`has only commands that work: ${page}`, async () => {
      const script = scriptOf(page, slipway.port);
      assert.notEqual(script, '');
      const { code, output } = await run(script, page === 'README.md' ? root : join(home, 'guestbook'));
      assert.equal(code, 0, output);
      if (page === 'README.md') await lighten();
    });
  }

  it('has only API examples that the server answers without a mistake', async () => {
    const schema = buildSchema(readPage('schema/schema.graphql'));
    const examples = everyPage.flatMap(blocksOf).filter(({ language }) => language === 'graphql');
    assert.ok(examples.length > 5);
    for (const { text } of examples) {
      const document = parse(text);
      assert.deepEqual(validate(schema, document), [], text);
      const [operation] = document.definitions as OperationDefinitionNode[];
      const variables = text.includes('$deploy') ? { deploy: await newestRelease(slipway) } : {};
      if (operation?.operation === 'subscription') await firstEvent(slipway, text, variables);
      else await answerOf(slipway, text, variables);
    }
  });

  it('has no link to a page or file that is not there', () => {
    for (const page of everyPage) {
      for (const [, target = ''] of readPage(page).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const path = file === '' ? page : join(dirname(page), file);
        assert.ok(existsSync(resolve(root, path)), `${page} → ${target}`);
        if (anchor === undefined) continue;
        const headings = [...readPage(path).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-'));
        assert.ok(headings.includes(anchor), `${page} → ${target}`);
      }
    }
  });

  it('names every setting that a start passes on', () => {
    const passed = /\/\^\((.*)\)\$\//.exec(readFileSync(join(root, 'standalone/processes.ts'), 'utf8'))?.[1] ?? '';
    const names = (/SLIPWAY_\(([^)]*)\)/.exec(passed)?.[1] ?? '').split('|').filter((name) => /^[A-Z_]+$/.test(name) && name !== 'FAULT_DIR').map((name) => `SLIPWAY_${name}`);
    assert.ok(names.length > 5, passed);
    const told = readPage('docs/operating.md');
    for (const name of names) assert.ok(told.includes(`\`${name}\``), name);
  });
});

async function answerOf(slipway: Slipway, query: string, variables: Record<string, unknown>): Promise<unknown> {
  const answer = await slipway.get('/graphql', { method: 'POST', body: JSON.stringify({ query, variables }), headers: { 'content-type': 'application/json', authorization: `Bearer ${slipway.apiKey}` } });
  const { data, errors } = JSON.parse(answer.text) as { data?: Record<string, unknown>; errors?: unknown };
  assert.equal(errors, undefined, `${query}\n${answer.text}`);
  for (const value of Object.values(data ?? {})) assert.ok(value !== null && !(typeof value === 'object' && 'code' in value), `${query}\n${answer.text}`);
  return data;
}

async function firstEvent(slipway: Slipway, query: string, variables: Record<string, unknown>): Promise<void> {
  const client = slipway.socket();
  for await (const { errors } of client.iterate({ query, variables })) {
    assert.equal(errors, undefined, query);
    break;
  }
  await client.dispose();
}

async function newestRelease(slipway: Slipway): Promise<string> {
  const data = await answerOf(slipway, '{ app(name: "guestbook") { releases(first: 1) { nodes { id } } } }', {}) as { app: { releases: { nodes: { id: string }[] } } };
  return data.app.releases.nodes[0]?.id ?? '';
}
