import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { parse, validate } from 'graphql';
import * as cli from '../cli/documents.ts';
import { schema } from '../schema/schema.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway } from '../test/kit/gateway.ts';
import { createDocumentSource, ownDocuments } from './persisted-documents.ts';

const documentId = (document: { __meta__?: Record<string, unknown> | undefined }): string => String(document.__meta__?.documentId);

async function post(gateway: TestGateway, body: object, secret?: string, accept = 'application/graphql-response+json') {
  const { status, text } = await gateway.http('/graphql', { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', accept, ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }) } });
  const { data, errors } = JSON.parse(text) as { data?: Record<string, unknown>; errors?: { message: string; extensions: { code: string } }[] };
  return { status, data, code: errors?.[0]?.extensions.code, message: errors?.[0]?.message };
}

describe('persisted documents', () => {
  it('are all those of the command, valid, each under the digest of its text', () => {
    const own = ownDocuments();
    assert.deepEqual(Object.keys(own).sort(), Object.values(cli).map(documentId).sort());
    for (const [id, text] of Object.entries(own)) {
      assert.equal(id, `sha256:${createHash('sha256').update(text).digest('hex')}`);
      assert.deepEqual(validate(schema, parse(text)), [], text);
    }
  });

  it('are answered by POST and GET, and say so where they are not known', async (t) => {
    const gateway = await startGateway({ after: (fn) => { t.after(fn); } });
    const user = await gateway.createUser();
    const known = await post(gateway, { documentId: documentId(cli.Viewer) }, user.secret);
    assert.equal(known.status, 200);
    assert.equal((known.data?.viewer as { email: string } | undefined)?.email, user.actor.email);
    const get = (id: string) => gateway.http(`/graphql?documentId=${encodeURIComponent(id)}&variables=${encodeURIComponent('{"input":{"name":"x"}}')}`, { headers: { authorization: `Bearer ${user.secret}` } });
    assert.match((await get(documentId(cli.Viewer))).text, new RegExp(user.actor.email));
    assert.equal((await get(documentId(cli.CreateApp))).status, 405);
    const unknown = await post(gateway, { documentId: `sha256:${'0'.repeat(64)}` }, user.secret);
    assert.deepEqual([unknown.status, unknown.code], [404, 'PERSISTED_DOCUMENT_NOT_FOUND']);
    assert.equal((await post(gateway, { documentId: documentId(cli.Viewer), query: '{ viewer { email } }' }, user.secret)).code, 'INVALID_INPUT');
    assert.equal((await post(gateway, { documentId: '__proto__' }, user.secret)).code, 'PERSISTED_DOCUMENT_NOT_FOUND');
  });

  it('are all that a platform answers which wants it so, without introspection and GraphiQL', async (t) => {
    const gateway = await startGateway({ after: (fn) => { t.after(fn); } }, { onlyPersisted: true, introspection: false });
    const user = await gateway.createUser();
    assert.equal((await post(gateway, { documentId: documentId(cli.Viewer) }, user.secret)).status, 200);
    const refused = await post(gateway, { query: '{ viewer { email } }' }, user.secret);
    assert.deepEqual([refused.status, refused.code], [403, 'PERSISTED_DOCUMENT_REQUIRED']);
    assert.equal((await post(gateway, { query: ownDocuments()[documentId(cli.Viewer)] }, user.secret)).status, 200, 'its very text is as good');
    assert.doesNotMatch((await gateway.http('/graphql', { headers: { accept: 'text/html,*/*' } })).text, /<html/);
    const error = await new Promise((resolve) => { gateway.socket(user).subscribe({ query: '{ viewer { email } }' }, { next: resolve, error: resolve, complete: () => { resolve(null); } }); });
    assert.match(JSON.stringify(error), /PERSISTED_DOCUMENT_REQUIRED/);
  });

  it('come from a list, whatever else an object has', () => {
    const source = createDocumentSource({ 'sha256:a': '{ a }' }, false);
    assert.equal(source.textOf({ documentId: 'sha256:a' }), '{ a }');
    assert.equal(source.textOf({ query: '', extensions: { documentId: 'sha256:a' } }), '{ a }');
    assert.equal(source.textOf({ query: '{ b }', extensions: { documentId: 'sha256:a' } }), '{ b }');
    for (const id of ['', 'constructor', 'sha256:b']) assert.throws(() => source.textOf({ documentId: id }), /does not know/);
  });
});

describe('introspection that is switched off', () => {
  it('tells the schema neither as a whole nor name by name', async (t) => {
    const gateway = await startGateway({ after: (fn) => { t.after(fn); } }, { introspection: false });
    const user = await gateway.createUser();
    for (const query of ['{ __schema { types { name } } }', '{ viewer { email } ...F } fragment F on Query { __type(name: "App") { name } }']) {
      const refused = await post(gateway, { query }, user.secret);
      assert.deepEqual([refused.status, refused.code], [400, 'INTROSPECTION_OFF'], query);
    }
    assert.deepEqual((await post(gateway, { query: '{ __typename viewer { __typename } }' }, user.secret)).data, { __typename: 'Query', viewer: { __typename: 'User' } });
    const guesses: [string, object][] = [
      ['{ viewr { email } }', {}], ['{ viewer { emial } }', {}], ['{ viewer }', {}], ['{ app(nam: "x") { id } }', {}], ['mutation { createApp(input: { nam: "x" }) { __typename } }', {}],
      ['mutation ($input: CreateAppInput!) { createApp(input: $input) { __typename } }', { input: { nam: 'x', name: 'y' } }], ['mutation ($input: CreateApInput!) { createApp(input: $input) { __typename } }', {}],
      ['mutation { createApiKey(input: { name: "x", scopes: [REED] }) { __typename } }', {}], ['mutation ($scopes: [ApiKeyScope!]!) { createApiKey(input: { name: "x", scopes: $scopes }) { __typename } }', { scopes: ['REED'] }],
    ];
    for (const [query, variables] of guesses) {
      const { message } = await post(gateway, { query, variables }, user.secret);
      assert.ok(message, query);
      assert.doesNotMatch(message, /did you mean/i, query);
    }
    assert.match((await gateway.http('/graphql', { headers: { accept: 'text/html' } })).text, /<html/, 'the page goes on');
  });
});
