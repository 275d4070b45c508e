import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { createApp } from '../../platform/app/app.ts';
import { changeApp } from '../../platform/app/change-app.ts';
import { follow, stall } from './follower.ts';
import type { Follower } from './follower.ts';
import { startGateway } from './gateway.ts';
import type { TestGateway, TestUser } from './gateway.ts';
import { startGatewayProgram } from './gateway-program.ts';
import type { GatewayProgram } from './gateway-program.ts';
import { createLogSource } from './log-world.ts';
import type { LogSourceWriter } from './log-world.ts';
import { seededRandom, shuffled } from './seeded.ts';
import { until } from './wait.ts';

export interface CrowdOptions {
  /** Each with a WebSocket of its own, as browsers and commands have: half follow events, half lines. */
  followers: number;
  /** How long things happen while followers come and go. */
  seconds: number;
  /** Between one event (and line) and the next. */
  everyMs: number;
}

const within = 180_000;
/** What one subscription may take of the gateway's memory, its socket included. */
const MOST_KB = 300;
/** What the work of letting them in may leave behind, however many they are: when it is collected is not ours to say. */
const LEFT_BEHIND_MB = 60;
/** What a reader who does not read may add to it, of the 1,200 MB that there are to read. */
const MOST_STALLED_MB = 250;
const LOUD_LINES = 3_000;

/** Many who follow one app on one gateway, a program of its own. */
export function describeCrowd({ followers: count, seconds, everyMs }: CrowdOptions): void {
  describe(`${count} who follow an app on one gateway`, () => {
    const cleanups: (() => unknown)[] = [];
    let beside: TestGateway;
    let gateway: GatewayProgram;
    let owner: TestUser;
    let app: { id: string; name: string };
    let source: LogSourceWriter;
    let followers: Follower[] = [];
    const told = { events: 1, lines: 0 };
    before(async () => {
      const scope = { after: (fn: () => unknown) => { cleanups.push(fn); } };
      beside = await startGateway(scope);
      owner = await beside.createUser();
      app = await createApp(beside.platform, owner.actor, { name: 'followed' });
      source = sourceOf(app.id);
      gateway = await startGatewayProgram(scope, beside);
      cleanups.push(() => { for (const one of followers) one.leave(); });
    });
    after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

    const sourceOf = (appId: string): LogSourceWriter => createLogSource({ gateway: beside, platform: beside.platform, appId, ownerId: owner.actor.userId });
    const happen = async (): Promise<void> => {
      const { platform } = beside;
      await changeApp(platform, app.id, { bump: false }, async ({ event }) => { event('ReplicasRestarted', { process: null, replica: null }); });
      told.events++;
      await source.write([`line ${told.lines + 1}`]);
      told.lines++;
    };
    const behind = (): Follower[] => followers.filter((one) => one.last() !== told[one.what] && one.mistakes.length === 0);
    /** Until everybody was told everything; answers after how long. */
    const allTold = async (): Promise<number> => {
      const began = performance.now();
      const slow = setTimeout(() => { tell(`behind: ${behind().slice(0, 5).map((one) => `${one.what} at ${one.last()}${one.isThere() ? '' : ', away'}`).join('; ')} of ${JSON.stringify(told)}`); }, 2_000);
      await until(() => behind().length === 0, { within, what: () => `all are told; ${behind().length} are behind, one at ${behind()[0]?.last()} of ${JSON.stringify(told)}\n${gateway.log().slice(-2_000)}` });
      clearTimeout(slow);
      return Math.round(performance.now() - began);
    };
    const checkTold = (): void => { assert.deepEqual(followers.flatMap(({ mistakes }) => mistakes).slice(0, 10), []); };
    const tell = (text: string): void => { process.stdout.write(`    ${text}\n`); };

    it('take little of its memory each', async () => {
      await source.write([]);
      const before = gateway.memoryMB();
      followers = Array.from({ length: count }, (_, index) => follow({ url: gateway.url, secret: owner.secret, app: app.name, what: index % 2 === 0 ? 'events' : 'lines', from: told.events }));
      await until(() => { checkTold(); return followers.every((one) => one.what === 'events' || one.isThere()); }, { within, what: () => `all are there; ${followers.filter((one) => !one.isThere()).length} are not\n${gateway.log().slice(-2_000)}` });
      await happen();
      const ms = await allTold();
      const more = gateway.memoryMB() - before;
      const each = more * 1024 / count;
      tell(`${count} subscriptions: ${Math.round(before)} MB before, ${Math.round(gateway.memoryMB())} MB with them (${Math.round(each)} KB each); all told of a change in ${ms} ms`);
      assert.ok(more < LEFT_BEHIND_MB + count * MOST_KB / 1024, `${more} MB, ${each} KB each`);
      checkTold();
    });

    it('are told as before while one with a hundred subscriptions does not read, who is cut off and takes no memory', async () => {
      const loud = await createApp(beside.platform, owner.actor, { name: 'loud' });
      const writer = sourceOf(loud.id);
      await writer.write([]);
      const stalled = await stall({ url: gateway.url, secret: owner.secret, app: loud.name, subscriptions: 100 });
      const before = gateway.memoryMB();
      const text = 'x'.repeat(4_000);
      let most = before;
      let slowest = 0;
      for (let line = 0; line < LOUD_LINES; line += 100) {
        await writer.write(Array.from({ length: 100 }, () => text));
        most = Math.max(most, gateway.memoryMB());
        if (line % 1_000 !== 0) continue;
        await happen();
        slowest = Math.max(slowest, await allTold());
      }
      await until(async () => (await metric('slipway_websockets')) === count, { within, what: () => 'it is cut off' });
      const code = await stalled.resume();
      tell(`one who does not read ${Math.round(LOUD_LINES * 4_000 * 100 / 1e6)} MB: ${Math.round(most - before)} MB more; the others told in ${slowest} ms at most; closed with ${code}`);
      assert.ok(most - before < MOST_STALLED_MB, `${most - before} MB`);
      assert.equal(code, 1006);
      checkTold();
    });
    const metric = async (name: string): Promise<number> => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(await (await fetch(new URL('/metrics', gateway.url.replace('ws', 'http')))).text())?.[1]);

    it('are told of everything once, while one in ten comes back each second, and the gateway is stopped and killed and starts anew', async () => {
      const random = seededRandom(5);
      const began = performance.now();
      let isOver = false;
      const changes = (async () => { while (!isOver) { await happen(); await later(everyMs); } })();
      const coming = (async () => {
        while (!isOver) {
          for (const one of shuffled(followers.filter((each) => each.isConnected()), random).slice(0, Math.ceil(count / 10))) one.drop();
          await later(1_000);
        }
      })();
      try {
        for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
          await later(seconds * 1_000 / 3);
          const before = followers.map((one) => one.returns());
          const away = (): number => followers.filter((one, index) => one.returns() === before[index]).length;
          await gateway.restart(signal);
          // What happens from here on happens to those who came back.
          await until(() => away() === 0, { within, what: () => `all are back after ${signal}; ${away()} are not\n${gateway.log().slice(-2_000)}` });
        }
        await later(seconds * 1_000 / 3);
      } finally {
        isOver = true;
        await Promise.all([changes, coming]);
      }
      const ms = await allTold();
      const returns = followers.reduce((sum, one) => sum + one.returns(), 0);
      tell(`${told.events} events, ${told.lines} lines, ${returns} returns in ${Math.round((performance.now() - began) / 1000)} s; all told ${ms} ms after the last; ${Math.round(gateway.memoryMB())} MB`);
      checkTold();
      assert.ok(returns >= count, `${returns} returns`);
    });
  });
}
