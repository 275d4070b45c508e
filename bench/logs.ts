import { AppLogs } from '../test/kit/documents.ts';
import { createApp } from '../test/kit/app.ts';
import type { TestApp } from '../test/kit/app.ts';
import type { Slipway } from '../test/kit/slipway.ts';
import type { Scope } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';
import { ms, percentile, perSecond, ratioOf } from './row.ts';
import type { Row } from './row.ts';

/** Writes lines when asked: \`/write?lines=N&rate=R\`; each line begins with its time in microseconds. rate 0: as fast as it can. */
const writer = `
const { performance } = require('node:perf_hooks'); const pad = 'x'.repeat(170);
const line = () => 'L ' + (performance.timeOrigin + performance.now()).toFixed(3) + ' ' + pad + '\\n';
require('node:http').createServer((q, r) => {
  const u = new URL(q.url, 'http://x'); if (u.pathname !== '/write') { r.end('ok'); return; }
  const total = Number(u.searchParams.get('lines')), rate = Number(u.searchParams.get('rate')); let n = 0; const begun = performance.now();
  const go = () => { let text = ''; const due = rate ? Math.min(total, Math.ceil((performance.now() - begun) / 1000 * rate)) : Math.min(total, n + 500); for (; n < due; n++) text += line();
    if (n < total) process.stdout.write(text, () => (rate ? setTimeout(go, 5) : setImmediate(go))); else process.stdout.write(text + 'END\\n', () => {}); };
  go(); r.end('going');
}).listen(process.env.PORT);`;

const LINES = 200_000;

/** Lines from a replica through files, agent, NATS and gateway to WebSocket subscribers; floor: the same lines through one pipe. */
export async function measureLogs(scope: Scope, slipway: Slipway, node: string): Promise<Row[]> {
  const app = await createApp(scope, slipway, 'bench');
  await app.repository.commit({ Procfile: `web: ${node} writer.js\n`, 'writer.js': writer });
  const push = await app.repository.push();
  if (push.code !== 0) throw new Error(push.output);
  const floor = await pipeFloor(node, app);
  const rows: Row[] = [];
  for (const subscribers of [1, 200]) {
    const lines = subscribers === 1 ? LINES : LINES / 10;
    const burst = await run(slipway, app, subscribers, lines, 0);
    rows.push({ what: `log lines, replica → ${subscribers} subscriber${subscribers > 1 ? 's, each' : ''} (floor: one pipe)`, ours: perSecond(burst.perSecond), floor: perSecond(floor), ratio: ratioOf(burst.perSecond, floor) });
    const rate = Math.max(100, Math.round(burst.perSecond / 10));
    const calm = await run(slipway, app, subscribers, rate * 4, rate);
    rows.push({ what: `log line delay at ${perSecond(rate)} to ${subscribers}, p50 / p99`, ours: `${ms(percentile(calm.delays, 0.5))} / ${ms(percentile(calm.delays, 0.99))}`, floor: '-', ratio: '-' });
  }
  return rows;
}

async function run(slipway: Slipway, app: TestApp, subscribers: number, lines: number, rate: number): Promise<{ perSecond: number; delays: number[] }> {
  const delays: number[] = [];
  let ended = 0;
  let received = 0;
  let ready = 0;
  const client = Array.from({ length: subscribers }, () => slipway.socket());
  const stops = client.map((socket, index) => socket.subscribe<{ appLogs: { __typename: string; missing?: number; lines?: { text: string }[] } }>({ query: AppLogs.toString(), variables: { app: app.name, last: 0 } }, {
    next: ({ data }) => {
      if (data?.appLogs.__typename === 'LogCaughtUp') ready++;
      if (data?.appLogs.__typename !== 'LogBatch') return;
      const now = performance.timeOrigin + performance.now();
      for (const { text } of data.appLogs.lines ?? []) {
        if (text === 'END') ended++;
        else if (text.startsWith('L ')) { received++; if (index === 0) delays.push(now - Number(text.slice(2, text.indexOf(' ', 2)))); }
      }
    },
    error: () => undefined, complete: () => undefined,
  }));
  await until(() => ready === subscribers, { within: 30_000, what: () => `${subscribers} subscribers are there; ${ready} are` });
  const begun = performance.now();
  await app.read(`/write?lines=${lines}&rate=${rate}`);
  await until(() => ended === subscribers, { within: 240_000, what: () => `all have the last line; ${ended} have, ${received} lines came` });
  const seconds = (performance.now() - begun) / 1000;
  for (const stop of stops) stop();
  for (const socket of client) await socket.dispose();
  return { perSecond: received / subscribers / seconds, delays };
}

/** The same program's lines, read by us from its own pipe. */
async function pipeFloor(node: string, app: TestApp): Promise<number> {
  const { spawn } = await import('node:child_process');
  const { freePort } = await import('../test/kit/free-port.ts');
  const port = await freePort();
  const child = spawn(node, ['writer.js'], { cwd: app.repository.dir, env: { PORT: String(port) }, stdio: ['ignore', 'pipe', 'ignore'] });
  await until(() => fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false), { within: 10_000, what: () => 'the writer listens' });
  let lines = 0;
  const begun = performance.now();
  const done = new Promise<void>((resolve) => { child.stdout.on('data', (chunk: Buffer) => { for (const byte of chunk) if (byte === 10) lines++; if (lines > LINES) resolve(); }); });
  await fetch(`http://127.0.0.1:${port}/write?lines=${LINES}&rate=0`);
  await done;
  child.kill('SIGKILL');
  return lines / ((performance.now() - begun) / 1000);
}
