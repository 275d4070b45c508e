import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { makeTemp } from './test/kit/temp.ts';

const root = import.meta.dirname;

interface Finding { filename: string; code: string; help?: string }

/** What the linter says of files with one import each, in a tree of their own; by file. */
async function lint(t: { after(fn: () => Promise<void>): void }, imports: Record<string, string>): Promise<Map<string, string>> {
  const dir = await makeTemp(t, 'slip-lint-');
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'));
  await copyFile(join(root, 'oxlint.config.ts'), join(dir, 'oxlint.config.ts'));
  for (const [file, from] of Object.entries(imports)) {
    await mkdir(join(dir, dirname(file)), { recursive: true });
    await writeFile(join(dir, file), `import { a } from '${from}';\nexport const b = a;\n`);
  }
  const { stdout, stderr } = spawnSync(process.execPath, [join(dir, 'node_modules/.bin/oxlint'), '--format', 'json'], { cwd: dir, encoding: 'utf8' });
  assert.ok(stdout.startsWith('{'), stdout + stderr);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Finding[] };
  return new Map(diagnostics.filter(({ code }) => code.includes('no-restricted-imports')).map(({ filename, help }) => [filename, help ?? '']));
}

describe('the import rules', () => {
  const refused: [string, string, RegExp][] = [
    ['gateway/x.ts', '../controller/reconcile.ts', /Processes never import each other/],
    ['builder-agent/git/x.ts', '../build/run-build.ts', /Processes never import each other/],
    ['builder-agent/git/hooks/x.ts', '../../../builder-agent/build/run-build.ts', /Processes never import each other/],
    ['builder-agent/build/x.ts', '../git/deploy.ts', /Processes never import each other/],
    ['builder-agent/git/y.ts', '../../platform/build.ts', /Ask over bus\/ instead/],
    ['gateway/y.ts', '../cluster/deploy.ts', /Only controller\/, builder-agent\/build, log-agent\/ and installer\/ know that there is a cluster/],
    ['gateway/z.ts', '../cluster/local/deploy.ts', /Only controller\/, builder-agent\/build, log-agent\/ and installer\/ know that there is a cluster/],
    ['controller/x.ts', '../cluster/local/deploy.ts', /Only cluster\/open-….ts chooses where things run/],
    ['controller/main.ts', '../cluster/local/deploy.ts', /Only cluster\/open-….ts chooses where things run/],
    ['builder-agent/build/y.ts', '../../cluster/local/build.ts', /Only cluster\/open-….ts chooses where things run/],
    ['cluster/x.ts', './local/plan.ts', /Only cluster\/open-….ts chooses where things run/],
    ['cluster/kubernetes/x.ts', '../local/plan.ts', /Only cluster\/open-….ts chooses where things run/],
    ['cluster/local/x.ts', '../../platform/app.ts', /Ask over bus\/ instead/],
    ['platform/x.ts', 'graphql', /graphql belongs to schema\/ and gateway\//],
    ['platform/y.ts', 'node:http', /knows no transport/],
    ['platform/z.ts', '../cluster/deploy.ts', /know that there is a cluster/],
    ['platform/w.ts', '@kubernetes/client-node', /belongs to cluster\/kubernetes/],
    ['schema/x.ts', '../gateway/http.ts', /Processes never import each other/],
    ['schema/y.ts', 'node:https', /knows no transport/],
    ['log-agent/x.ts', '../prisma/client.ts', /This folder has no database/],
    ['router/x.ts', 'pg', /pg belongs to prisma\//],
    ['bus/x.ts', '../platform/app.ts', /Ask over bus\/ instead/],
    ['service/x.ts', '../bus/app.ts', /service\/ may import only service\//],
    ['registry/x.ts', '../bus/app.ts', /registry\/ may import only registry\//],
    ['http/x.ts', '../platform/app.ts', /Ask over bus\/ instead/],
    ['platform/v.ts', '../courier/smtp.ts', /write one with platform\/mail\.ts/],
    ['platform/u.ts', 'nodemailer', /nodemailer belongs to courier\//],
    ['platform/app/t.ts', './change-app.ts', /Open the app with platform\/app\/change-app-as\.ts/],
    ['schema/z.ts', '../platform/app/change-app.ts', /Open the app with platform\/app\/change-app-as\.ts/],
    ['courier/x.ts', '../schema/schema.ts', /Only gateway\/ serves the API/],
    ['cli/x.ts', '../schema/schema.ts', /Call a use case of platform\/ instead|Only gateway\/ serves the API/],
    ['controller/y.ts', '@nats-io/jetstream', /belongs to bus\//],
  ];
  const allowed: [string, string][] = [
    ['cluster/open-deploy.ts', './local/deploy.ts'], ['builder-agent/build/main.ts', '../../cluster/open-build.ts'], ['controller/a.ts', '../cluster/deploy.ts'],
    ['cluster/local/a.ts', '../deploy.ts'], ['cluster/local/b.ts', './plan.ts'], ['cluster/local/c.ts', '../../bus/node.ts'], ['builder-agent/git/a.ts', './hooks/pkt-line.ts'],
    ['builder-agent/git/hooks/a.ts', '../git.ts'], ['schema/a.ts', '../platform/app.ts'], ['schema/b.ts', 'graphql'], ['gateway/a.ts', '../schema/schema.ts'], ['gateway/b.ts', 'node:http'], ['gateway/c.ts', '../http/page.ts'], ['gateway/d.ts', '../courier/open-courier.ts'], ['courier/a.ts', 'nodemailer'], ['router/a.ts', '../http/page.ts'],
    ['gateway/a.test.ts', '../controller/reconcile.ts'], ['local-node/a.ts', '../buildpacks/toolbox.ts'], ['platform/release/verdict.ts', '../app/change-app.ts'], ['platform/people/s.ts', '../app/change-app-as.ts'],
  ];

  it('are kept by the linter, which says what to do instead', async (t) => {
    const found = await lint(t, Object.fromEntries([...refused, ...allowed].map(([file, from]) => [file, from])));
    for (const [file, from, message] of refused) assert.match(found.get(file) ?? 'nothing', message, `${file} imports ${from}`);
    for (const [file, from] of allowed) assert.equal(found.get(file), undefined, `${file} may import ${from}`);
  });
});
