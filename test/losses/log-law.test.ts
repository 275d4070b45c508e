import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import { followLogs } from '../kit/log-reader.ts';
import { nodeForApps } from '../kit/repository.ts';
import { startSlipwayAlone } from '../kit/slipway.ts';
import { until } from '../kit/wait.ts';

/** Writes numbered lines, `perTick` every 5 ms, and says how many at the end. */
const writer = `
const total = Number(process.env.TOTAL ?? 40000), perTick = 100; let n = 0;
require('node:http').createServer((q, r) => r.end(String(n))).listen(process.env.PORT);
const tick = () => {
  let text = ''; for (let i = 0; i < perTick && n < total; i++) text += 'line ' + (n++) + ' ' + 'x'.repeat(n % 120) + '\\n';
  process.stdout.write(text, () => { if (n < total) setTimeout(tick, 5); else console.log('written ' + n); });
};
setTimeout(tick, 500);
`;

describe('the law of logs', () => {
  it('lines written are lines received and told gaps, none twice, while NATS, gateway and log agent are killed; and a resumed read is the uninterrupted one', async (t) => {
    const slipway = await startSlipwayAlone(t);
    const node = await nodeForApps(t);
    const app = await createApp(t, slipway);
    const reader = followLogs(slipway, app.name);
    t.after(() => reader.stop());
    await app.repository.commit({ Procfile: `web: ${node} writer.js\n`, 'writer.js': writer });
    const push = await app.repository.push();
    assert.equal(push.code, 0, push.output);

    const own = (): { cursor: string; text: string }[] => reader.lines.filter((line) => line.source === 'APP' && /^(line|written) /.test(line.text));
    for (const [victim, at] of [['log-agent', 3_000], ['nats', 8_000], ['gateway', 14_000], ['log-agent', 18_000], ['nats', 24_000], ['gateway', 30_000]] as const) {
      await until(() => own().length >= at || own().some((line) => line.text.startsWith('written')), { within: 120_000, what: () => `${at} lines have come; ${own().length} did` });
      await slipway.kill(victim);
    }
    await until(() => own().some((line) => line.text.startsWith('written')), { within: 120_000, what: () => `the last line has come; ${own().length} did` });

    const numbers = own().filter((line) => line.text.startsWith('line ')).map((line) => Number(line.text.split(' ')[1]));
    assert.equal(new Set(numbers).size, numbers.length, 'a line came twice');
    assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b), 'lines came out of order');
    const missing = 40_000 - numbers.length;
    const told = reader.gaps.reduce((sum, gap) => sum + (gap.lines ?? 0), 0);
    assert.equal(missing, told, `${missing} lines are missing, gaps tell of ${told}: ${JSON.stringify(reader.gaps)}`);

    const uninterrupted = followLogs(slipway, app.name);
    t.after(() => uninterrupted.stop());
    await until(() => uninterrupted.lines.some((line) => line.text.startsWith('written')), { within: 120_000, what: () => 'the uninterrupted read has ended' });
    const whole = uninterrupted.lines.filter((line) => line.source === 'APP');
    for (const start of [0, 1, 777, Math.floor(whole.length / 2), whole.length - 2]) {
      const from = whole[start];
      assert.ok(from);
      const resumed = followLogs(slipway, app.name, from.cursor);
      await until(() => resumed.lines.some((line) => line.text.startsWith('written')), { within: 120_000, what: () => `the read resumed at ${start} has ended` });
      await resumed.stop();
      assert.deepEqual(resumed.lines.filter((line) => line.source === 'APP').map((line) => [line.cursor, line.text]).slice(0, whole.length - start - 1),
        whole.slice(start + 1).map((line) => [line.cursor, line.text]));
    }
  });
});
