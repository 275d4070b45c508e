import autocannon from 'autocannon';
import { createApp } from '../test/kit/app.ts';
import type { Slipway } from '../test/kit/slipway.ts';
import type { Scope } from '../test/kit/temp.ts';
import { perSecond, ratioOf } from './row.ts';
import type { Row } from './row.ts';

const SECONDS = 5;
const plain = "const port = process.env.PORT; require('node:http').createServer((q, r) => { r.end(q.url === '/port' ? port : 'hello'); }).listen(port);";

/** Requests through the router beside the same app alone. */
export async function measureRouter(scope: Scope, slipway: Slipway, node: string): Promise<Row[]> {
  const app = await createApp(scope, slipway, 'bench');
  await app.repository.commit({ Procfile: `web: ${node} server.js\n`, 'server.js': plain });
  const push = await app.repository.push();
  if (push.code !== 0) throw new Error(push.output);
  const port = await app.read('/port');
  const shoot = async (url: string, host: string): Promise<number> => (await autocannon({ url, duration: SECONDS, connections: 50, headers: { host } })).requests.average;
  const host = `${app.name}.localhost:${slipway.port}`;
  const floor = await shoot(`http://127.0.0.1:${port}/`, host);
  const ours = await shoot(`http://127.0.0.1:${slipway.port}/`, host);
  return [{ what: 'requests through the router, 50 connections (floor: the app alone)', ours: perSecond(ours), floor: perSecond(floor), ratio: ratioOf(ours, floor) }];
}
