import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { seededRandom, shuffled } from '../kit/seeded.ts';
import { checksOf } from './checks.ts';

const root = new URL('../..', import.meta.url).pathname;
/** `SLIPWAY_TEST_REMOVALS=all` has every one, which takes minutes. */
const wanted = process.env.SLIPWAY_TEST_REMOVALS ?? '4';
const SEED = Number(process.env.SLIPWAY_TEST_SEED ?? 1);

const checks = checksOf(readFileSync(`${root}platform/access.ts`, 'utf8'));

function runWithout(index: number): Promise<{ code: number | null; output: string }> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', './test/access/without.ts', 'test/access/access.test.ts'], { cwd: root, env: { ...env, SLIPWAY_TEST_WITHOUT: String(index) }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    child.once('error', reject);
    child.once('close', (code) => { resolve({ code, output }); });
  });
}

describe(`who may what, without one of the platform's ${checks.length} checks (seed ${SEED})`, () => {
  it('has found them all', () => {
    assert.ok(checks.length > 40, checks.map(({ what }) => what).join('\n'));
  });
  const chosen = shuffled([...checks.entries()], seededRandom(SEED)).slice(0, wanted === 'all' ? checks.length : Number(wanted));
  for (const [index, { what }] of chosen) {
    it(`is another: ${what}`, async () => {
      const { code, output } = await runWithout(index);
      assert.notEqual(code, 0, output.slice(-2_000));
      assert.match(output, /ERR_ASSERTION/);
    });
  }
});
