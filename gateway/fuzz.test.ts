import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Agent } from 'node:http';
import { describe, it } from 'node:test';
import { schema } from '../schema/schema.ts';
import { endChild } from '../standalone/children.ts';
import { makeCase } from '../test/kit/fuzz-case.ts';
import type { FuzzWorld } from '../test/kit/fuzz-case.ts';
import { sendCase } from '../test/kit/fuzz-send.ts';

/** 2,000 in every run; SLIPWAY_TEST_FUZZ_CASES=20000 for all of it. SLIPWAY_TEST_FUZZ_SEED repeats a run, SLIPWAY_TEST_FUZZ_CASE one case of it. */
const CASES = Number(process.env.SLIPWAY_TEST_FUZZ_CASES ?? 2_000);
const SEED = Number(process.env.SLIPWAY_TEST_FUZZ_SEED ?? Math.floor(Math.random() * 1_000_000));
const ONE = process.env.SLIPWAY_TEST_FUZZ_CASE;
const AT_ONCE = 6;

interface Memory { heapMB: number; rssMB: number }

describe('the gateway', () => {
  it(`outlives ${CASES} random documents, variables, headers and frames of seed ${SEED}, without an internal error, and without growing`, { timeout: 1_200_000 }, async (t) => {
    const gateway = spawn(process.execPath, ['--expose-gc', new URL('../test/kit/gateway-process.ts', import.meta.url).pathname], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let ended: string | null = null;
    gateway.once('exit', (code, signal) => { ended = `the gateway ended with ${code ?? signal}`; });
    t.after(() => endChild(gateway, { stopSignal: 'SIGTERM', stopSeconds: 20 }));
    const started = await next<{ socketPath: string; secret: string; ids: string[] }>(gateway);
    let { secret } = started;
    const world: FuzzWorld = { schema, ids: started.ids, secret: () => secret };
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    t.after(() => { agent.destroy(); });
    const failures: string[] = [];
    const run = async (number: number): Promise<void> => {
      const fuzz = makeCase(SEED, number, world);
      let wrong = await sendCase(fuzz, started.socketPath, agent);
      // A database that is starved on a busy machine is told as that: who asks again as told is answered.
      for (let again = 0; again < 5 && wrong?.includes('"code":"UNAVAILABLE"'); again++) {
        await new Promise((resolve) => { setTimeout(resolve, 1_000); });
        wrong = await sendCase(fuzz, started.socketPath, agent);
      }
      wrong = ended ?? wrong;
      if (wrong !== null) failures.push(`case ${number} of seed ${SEED}: ${wrong}\n${JSON.stringify(fuzz).slice(0, 3_000)}`);
    };
    if (ONE !== undefined) { await run(Number(ONE)); assert.deepEqual(failures, []); return; }
    const memories: Memory[] = [];
    for (let quarter = 0; quarter < 4; quarter++) {
      let number = Math.round(quarter * CASES / 4);
      const until = Math.round((quarter + 1) * CASES / 4);
      await Promise.all(Array.from({ length: AT_ONCE }, async () => { while (number < until && ended === null && failures.length < 20) await run(number++); }));
      assert.deepEqual(failures, [], failures.join('\n'));
      gateway.send('measure');
      memories.push(await next<Memory>(gateway));
      // Some of what was asked may have ended the key.
      gateway.send('user');
      if (await isUnknown(started.socketPath, agent, secret)) ({ secret } = await next<{ secret: string }>(gateway)); else await next(gateway);
    }
    const [first, , , last] = memories as [Memory, Memory, Memory, Memory];
    t.diagnostic(`memory after each quarter: ${memories.map(({ heapMB, rssMB }) => `${heapMB.toFixed(0)} MB of heap, ${rssMB.toFixed(0)} MB in all`).join('; ')}`);
    // What is remembered of documents fills up within these bounds.
    assert.ok(last.heapMB < first.heapMB + 100, `heap: ${first.heapMB} to ${last.heapMB} MB`);
    assert.ok(last.rssMB < first.rssMB + 400, `memory: ${first.rssMB} to ${last.rssMB} MB`);
  });
});

function next<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => { child.once('message', (message) => { resolve(message as T); }); child.once('exit', (code) => { reject(new Error(`The gateway ended with ${code}.`)); }); });
}

async function isUnknown(socketPath: string, agent: Agent, secret: string): Promise<boolean> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    request({ socketPath, agent, path: '/graphql?query={__typename}', headers: { authorization: `Bearer ${secret}` } }, (response) => { response.resume(); resolve(response.statusCode === 401); }).on('error', reject).end();
  });
}
