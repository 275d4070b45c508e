import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import autocannon from 'autocannon';
import pg from 'pg';
import { createApp } from '../test/kit/app.ts';
import { SetConfig } from '../test/kit/documents.ts';
import { sampleApp } from '../test/kit/sample-app.ts';
import type { Slipway } from '../test/kit/slipway.ts';
import type { Scope } from '../test/kit/temp.ts';
import { perSecond, ratioOf } from './row.ts';
import type { Row } from './row.ts';

const SECONDS = 4;

/** Three queries of the API beside the least that could answer them: node:http and one prepared statement on the same database. */
export async function measureApi(scope: Scope, slipway: Slipway, node: string): Promise<Row[]> {
  const app = await createApp(scope, slipway, 'bench');
  await app.repository.commit(sampleApp('1', node));
  const push = await app.repository.push();
  if (push.code !== 0) throw new Error(push.output);
  for (let n = 0; n < 19; n++) await slipway.query(SetConfig, { app: app.name, set: [{ key: 'N', value: String(n) }], restart: false });
  for (let n = 0; n < 20; n++) await createApp(scope, slipway, 'bench');
  const floorServer = await startFloor(slipway, app.name);
  scope.after(floorServer.close);
  const rows: Row[] = [];
  const queries = {
    'one app': `{ app(name: "${app.name}") { id name url version } }`,
    'twenty apps with current release and processes': '{ apps(first: 20) { nodes { name currentRelease { version status } processes { type quantity } } } }',
    'one app with twenty releases and builds': `{ app(name: "${app.name}") { name releases(first: 20) { nodes { version status reason description } } builds(first: 20) { nodes { number status commit } } } }`,
  };
  const floor = (await autocannon({ url: floorServer.url, duration: SECONDS, connections: 20 })).requests.average;
  for (const [what, query] of Object.entries(queries)) {
    const { requests, non2xx } = await autocannon({
      url: `http://127.0.0.1:${slipway.port}/graphql`, duration: SECONDS, connections: 20, method: 'POST', body: JSON.stringify({ query }),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${slipway.apiKey}`, host: `localhost:${slipway.port}` },
    });
    if (non2xx > 0) throw new Error(`${what}: ${non2xx} answers were no success`);
    rows.push({ what: `API: ${what}, 20 connections (floor: node:http + one prepared statement)`, ours: perSecond(requests.average), floor: perSecond(floor), ratio: ratioOf(requests.average, floor) });
  }
  return rows;
}

async function startFloor(slipway: Slipway, name: string): Promise<{ url: string; close(): Promise<void> }> {
  const password = readFileSync(join(slipway.home, 'keys/postgres.password'), 'utf8').trim();
  const pool = new pg.Pool({ host: join(slipway.home, 'run/postgres'), user: 'slipway', password, database: 'postgres', max: 10 });
  const server = createServer((_request, response) => {
    pool.query({ name: 'app', text: 'SELECT id, name, version FROM "App" WHERE name = $1', values: [name] }).then(({ rows }) => { response.end(JSON.stringify(rows[0])); }, () => { response.writeHead(500).end(); });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => { server.closeAllConnections(); server.close(); await pool.end(); },
  };
}
