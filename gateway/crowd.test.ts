import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { changeApp } from '../platform/app/change-app.ts';
import { createApp } from '../platform/app/app.ts';
import { describeCrowd } from '../test/kit/crowd.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { playDeploy } from '../test/kit/played-deploy.ts';
import { until } from '../test/kit/wait.ts';

// `npm run test:faults` has as many as a gateway is built for.
describeCrowd({ followers: 300, seconds: 9, everyMs: 250 });

describe('what is read for those who follow one app', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let owner: TestUser;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    owner = await gateway.createUser();
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const FOLLOWERS = 90;
  const followAll = (query: string): { told: number[]; stop(): void } => {
    const client = gateway.socket(owner);
    const told = Array.from({ length: FOLLOWERS }, () => 0);
    const stops = told.map((_, index) => client.subscribe({ query }, { next: () => { told[index] = (told[index] ?? 0) + 1; }, error: (error) => { throw new Error(JSON.stringify(error)); }, complete: () => undefined }));
    return { told, stop: () => { for (const stop of stops) stop(); } };
  };
  const allTold = (told: number[], count: number): Promise<void> => until(() => told.every((each) => each === count), { within: 60_000, what: () => `all are told ${count} times: ${told.join(' ')}` });
  /** How often rows were looked at without a hint since then, at most. */
  const sweepsSince = (began: number): number => Math.ceil((performance.now() - began) / 5_000);
  /** What readers read: writers lock, insert and update. */
  const reads = (table: string): string[] => gateway.statements().filter((sql) => sql.startsWith('SELECT') && sql.includes(`"public"."${table}"`));

  it('is read once for all, also what an event leads to', async () => {
    const app = await createApp(gateway.platform, owner.actor, { name: 'events' });
    const { release } = await playDeploy(gateway, owner, app.id);
    const { told, stop } = followAll(`subscription { appEvents(app: "events", after: "${Buffer.from('event:0').toString('base64url')}") { ... on EventDetails { cursor actor { email } } ... on ReleaseLive { release { version } } } }`);
    const { lastEvent } = await gateway.platform.db.app.findUniqueOrThrow({ where: { id: app.id } });
    await allTold(told, lastEvent);
    gateway.statements();
    const began = performance.now();
    const EVENTS = 5;
    for (let index = 1; index <= EVENTS; index++) {
      await changeApp(gateway.platform, app.id, { bump: false }, async ({ event }) => { event('ReleaseLive', { releaseId: release.id, version: 1 }); });
      await allTold(told, lastEvent + index);
    }
    const all = gateway.statements().filter((sql) => sql.startsWith('SELECT') && !sql.includes('FOR UPDATE'));
    const of = (table: string): number => all.filter((sql) => sql.includes(`FROM "public"."${table}"`)).length;
    process.stdout.write(`    ${EVENTS} events to ${FOLLOWERS} followers: ${of('Event')} reads of events, ${of('User')} of users, ${of('Release')} of releases\n`);
    assert.ok(of('Event') <= EVENTS * 3 + sweepsSince(began), `${of('Event')} reads of events`);
    assert.ok(all.length <= EVENTS * 10 + sweepsSince(began), `${all.length} statements`);
    stop();
  });

  it('of replicas is read twice at most for each change', async () => {
    const app = await createApp(gateway.platform, owner.actor, { name: 'replicas' });
    const { release } = await playDeploy(gateway, owner, app.id);
    const { db } = gateway.platform;
    const replica = await db.replica.create({ data: { id: crypto.randomUUID(), appId: app.id, releaseId: release.id, process: 'web', index: 1, status: 'STARTING' } });
    const { told, stop } = followAll('subscription { replicas(app: "replicas") { kind replica { id status } } }');
    await allTold(told, 1);
    reads('Replica');
    let began = performance.now();
    for (const [index, status] of (['UP', 'EXITED'] as const).entries()) {
      await changeApp(gateway.platform, app.id, { bump: false }, async ({ tx, event }) => { await tx.replica.update({ where: { id: replica.id }, data: { status } }); event('ReplicasRestarted', { process: null, replica: null }); });
      await allTold(told, index + 2);
      const statements = reads('Replica');
      // Two notices come with each change, and the sweep may come between, where it is slow more than once; of one that ended its row is read as well.
      assert.ok(statements.length <= 7 + 2 * sweepsSince(began), `${statements.length} reads:\n${statements.join('\n')}`);
      began = performance.now();
    }
    stop();
  });
});
