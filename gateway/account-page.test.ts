import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { buildSchema, parse, validate } from 'graphql';
import { startGateway } from '../test/kit/gateway.ts';

it('the page of accounts runs its own script alone, talks to this API alone, and stands in no other page', async (t) => {
  const gateway = await startGateway(t);
  const { status, text, headers } = await gateway.http('/account');
  assert.equal(status, 200);
  const policy = String(headers['content-security-policy']);
  const script = /<script>(.*?)<\/script>/s.exec(text)?.[1] ?? '';
  assert.ok(script.length > 1_000);
  assert.ok(policy.includes(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`), policy);
  for (const directive of [/default-src 'none'/, /connect-src 'self'/, /frame-ancestors 'none'/, /base-uri 'none'/]) assert.match(policy, directive);
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.doesNotMatch(text, /<(script|link|img)[^>]+(src|href)="?https?:/);
  assert.match((await gateway.http('/')).text, /href="\/account"/);
});

it('the page of accounts shows the second factor as an image that stands in the page, which its policy lets through', async (t) => {
  const { text, headers } = await (await startGateway(t)).http('/account');
  assert.match(text, /<img data-qr [^>]*alt="[^"]+">/);
  assert.match(text, /act\('enableTwoFactor', input, '[^']*qrCode'\)[\s\S]*\[data-qr\]'\)\.src = `data:image\/svg\+xml,/);
  assert.match(String(headers['content-security-policy']), /img-src data:;/);
});

it('the page of accounts asks for nothing that the API does not have', () => {
  const schema = buildSchema(readFileSync(new URL('../schema/schema.graphql', import.meta.url), 'utf8'));
  const script = readFileSync(new URL('./account-page/page.js', import.meta.url), 'utf8');
  const acts = [...script.matchAll(/act\('(\w+)', .*?, '([^']+)'\)/g)];
  assert.ok(acts.length > 12);
  for (const [, name = '', fields = ''] of acts) {
    const type = name[0]?.toUpperCase() + name.slice(1);
    const query = `mutation ($input: ${type}Input!) { result: ${name}(input: $input) { ... on ${type}Payload { ${fields} } ... on UserError { code message hint } } }`;
    assert.deepEqual(validate(schema, parse(query)), [], query);
  }
  for (const [, query = ''] of script.matchAll(/ask\(`(\{[^`]*)`\)/g)) assert.deepEqual(validate(schema, parse(query)), [], query);
});
