import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { startGateway } from '../test/kit/gateway.ts';

const QUERY = '{ app(name: "masked") { builds { nodes { steps { name } } } } }';

describe('the trace id of an error that nobody foresaw', () => {
  it('is that of the trace that the client began, over HTTP and over a WebSocket, and a new one where it began none', async (t) => {
    const gateway = await startGateway({ after: (fn) => { t.after(fn); } });
    const user = await gateway.createUser();
    await gateway.query(user, 'mutation { createApp(input: { name: "masked" }) { __typename } }');
    await gateway.platform.db.$executeRaw`ALTER TABLE "BuildStep" RENAME TO "Gone"`;
    const id = randomBytes(16).toString('hex');
    const traced = { traceparent: `00-${id}-00f067aa0ba902b7-01` };
    const overHttp = async (headers: Record<string, string>): Promise<string> => {
      const { text } = await gateway.http('/graphql', { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${user.secret}`, ...headers }, body: JSON.stringify({ query: QUERY }) });
      return (JSON.parse(text) as { errors: { extensions: { traceId: string } }[] }).errors[0]?.extensions.traceId ?? 'none';
    };
    const overSocket = async (headers: Record<string, string>): Promise<unknown> => {
      for await (const { errors } of gateway.socket(user, { headers }).iterate({ query: QUERY })) return errors?.[0]?.extensions?.traceId;
      return 'none';
    };
    assert.equal(await overHttp(traced), id);
    assert.equal(await overSocket(traced), id);
    const fresh = [await overHttp({}), await overHttp({}), await overHttp({ traceparent: '00-nonsense-01' }), await overSocket({}), await overSocket({})];
    for (const one of fresh) assert.match(String(one), /^[0-9a-f]{32}$/);
    assert.equal(new Set([...fresh, id]).size, 6);
  });
});
