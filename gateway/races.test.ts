import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { getNamedType, isInputObjectType } from 'graphql';
import { schema } from '../schema/schema.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { playDeploy } from '../test/kit/played-deploy.ts';

const CROWD = 50;
/** Of mutations that are slower, or as another is. */
const SOME = 10;

type Made = { id: string };
interface Result {
  __typename: string; message?: string;
  app?: Made & { version: number }; release?: Made & { version: number; config: { key: string }[] };
  apiKey?: Made; transfer?: Made; invitation?: Made; sshKey?: Made;
}

const payloadOf = (mutation: string): string => `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Payload`;

/** A valid SSH key, another one for each text. */
function publicKey(text: string): string {
  const bytes = createHash('sha256').update(text).digest();
  return `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), bytes]).toString('base64')}`;
}

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

/** Gateways on one database; each crowd goes to both, one after the other. */
describe('a crowd of mutations at once', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateways: [TestGateway, TestGateway];
  let owner: TestUser;
  let person: TestUser;
  const spareKeys = new Map<string, string>();
  const appIds = new Map<string, string>();
  before(async () => {
    const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
    const first = await startGateway(scope);
    gateways = [first, await startGateway(scope, { beside: first })];
    owner = await first.createUser(['ADMIN'], { administrator: true });
    person = await first.createUser();
    await run(first, 'createApp', 'name: "source"', 'app { id }');
    await run(first, 'setConfig', `app: "source", set: [${times(CROWD, (index) => `{ key: "S${index}", value: "s" }`).join(' ')}]`, 'release { id }');
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const db = () => gateways[0].platform.db;
  const run = async (gateway: TestGateway, name: string, input: string, fields: string, user = owner): Promise<Result> => {
    const { data, errors } = await gateway.query<{ answer: Result }>(user, `mutation { answer: ${name}(input: { ${input} }) { __typename ... on UserError { code message } ... on ${payloadOf(name)} { ${fields} } } }`);
    assert.equal(errors, undefined, `${name}: ${JSON.stringify(errors)}`);
    return data.answer;
  };
  /** The same mutation by a crowd, all at once, on both gateways. */
  const atOnce = (count: number, name: string, input: (index: number) => string, fields: string): Promise<Result[]> =>
    Promise.all(times(count, (index) => run(gateways[index % 2] as TestGateway, name, input(index), fields)));
  const tally = (results: readonly Result[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { __typename } of results) counts[__typename] = (counts[__typename] ?? 0) + 1;
    return counts;
  };
  let count = 0;
  const newApp = async (): Promise<{ id: string; name: string; version: number }> => {
    const name = `crowd-${++count}`;
    const { app } = await run(gateways[0], 'createApp', `name: "${name}"`, 'app { id version }');
    assert.ok(app);
    return { name, ...app };
  };
  /** With two releases that differ, somebody to give it to, and an API key that nobody uses. */
  const newDeployedApp = async (): ReturnType<typeof newApp> => {
    const app = await newApp();
    for (const digest of ['b', 'c']) await playDeploy(gateways[0], owner, app.id, digest);
    await db().permission.create({ data: { appId: app.id, userId: person.actor.userId, role: 'DEPLOYER' } });
    appIds.set(app.name, app.id);
    spareKeys.set(app.name, (await run(gateways[0], 'createApiKey', 'name: "spare", scopes: [READ]', 'apiKey { id }')).apiKey?.id ?? '');
    return app;
  };
  /** Releases and events of an app are numbered 1 to n, each number once, and the app knows the last of them. */
  const checkLedger = async (id: string): Promise<{ releases: number; events: number }> => {
    const app = await db().app.findUniqueOrThrow({ where: { id }, include: { releases: { orderBy: { version: 'asc' } }, events: { orderBy: { number: 'asc' } } } });
    assert.deepEqual(app.releases.map(({ version }) => version), times(app.lastRelease, (index) => index + 1));
    assert.deepEqual(app.events.map(({ number }) => number), times(app.lastEvent, (index) => index + 1));
    return { releases: app.releases.length, events: app.events.length };
  };

  /** A mutation that takes an idempotency key: its input, what its payload made, and how many of these there are. */
  interface KeyedCase {
    input(app: string, index: number): string;
    payload: 'app' | 'apiKey' | 'release' | 'invitation' | 'sshKey' | 'transfer';
    count(appId: string): Promise<number>;
    /** Its payload has a secret, which is shown once. */
    isSecret?: true;
    /** It can be done once, whatever the key. */
    isOnce?: true;
  }
  const releases = (appId: string): Promise<number> => db().release.count({ where: { appId } });
  const apiKeys = (): Promise<number> => db().apiKey.count();
  const invitations = (): Promise<number> => db().invitation.count();
  const keyed: Record<string, KeyedCase> = {
    createApp: { input: (app, index) => `name: "${app}-made-${index}"`, payload: 'app', count: () => db().app.count() },
    createApiKey: { input: (_app, index) => `name: "key ${index}", scopes: [READ]`, payload: 'apiKey', count: apiKeys, isSecret: true },
    createDeployKey: { input: (app, index) => `app: "${app}", name: "key ${index}"`, payload: 'apiKey', count: apiKeys, isSecret: true },
    rotateApiKey: { input: (app) => `apiKey: "${spareKeys.get(app)}"`, payload: 'apiKey', count: apiKeys, isSecret: true, isOnce: true },
    renameApp: { input: (app) => `app: "${appIds.get(app)}", name: "${app}-renamed"`, payload: 'app', count: (appId) => db().formerName.count({ where: { appId } }), isOnce: true },
    setConfig: { input: (app, index) => `app: "${app}", set: [{ key: "K${index}", value: "${index}" }]`, payload: 'release', count: releases },
    copyConfig: { input: (app, index) => `from: "source", to: "${app}", keys: ["S${index}"]`, payload: 'release', count: releases },
    rollBack: { input: (app) => `app: "${app}", to: 1`, payload: 'release', count: releases },
    invitePerson: { input: (app, index) => `app: "${app}", email: "${app}-${index}@example.org", role: VIEWER`, payload: 'invitation', count: invitations },
    inviteUser: { input: (app, index) => `email: "${app}-${index}@example.net"`, payload: 'invitation', count: invitations },
    addSshKey: { input: (app, index) => `name: "laptop", publicKey: "${publicKey(`${app} ${index}`)}"`, payload: 'sshKey', count: () => db().sshKey.count() },
    offerTransfer: { input: (app) => `app: "${app}", to: "${person.actor.email}"`, payload: 'transfer', count: (appId) => db().transfer.count({ where: { appId } }) },
  };
  it('is tried for every mutation that takes an idempotency key', () => {
    const takesKey = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(({ args }) => args.some(({ type }) => {
      const input = getNamedType(type);
      return isInputObjectType(input) && 'idempotencyKey' in input.getFields();
    }));
    assert.deepEqual(takesKey.map(({ name }) => name).sort(), Object.keys(keyed).sort(), 'a new mutation with an idempotency key belongs into this table');
  });

  for (const [name, { input, payload, count: counted, isSecret, isOnce }] of Object.entries(keyed)) {
    const fields = `${payload} { id }`;
    const makes = payloadOf(name);
    const made = (results: readonly Result[]): Set<string> => new Set(results.flatMap((result) => result[payload]?.id ?? []));

    it(`has one effect with one idempotency key, and equal answers: ${name}`, async () => {
      const app = await newDeployedApp();
      const before = await counted(app.id);
      const results = await atOnce(CROWD, name, () => `${input(app.name, 0)}, idempotencyKey: "one ${name}"`, fields);
      assert.deepEqual(tally(results), isSecret ? { [makes]: 1, SecretAlreadyShown: CROWD - 1 } : { [makes]: CROWD }, JSON.stringify(results.at(-1)));
      assert.equal(made(results).size, 1);
      assert.equal(await counted(app.id), before + 1);
      await checkLedger(app.id);
    });

    it(`has ${isOnce ? 'one effect, whatever the keys' : 'as many effects as it has idempotency keys'}: ${name}`, async () => {
      const app = await newDeployedApp();
      const before = await counted(app.id);
      const many = ['createApp', 'createApiKey', 'setConfig'].includes(name) ? CROWD : SOME;
      const results = await atOnce(many, name, (index) => `${input(app.name, index)}, idempotencyKey: "${name} ${index}"`, fields);
      const effects = isOnce ? 1 : many;
      assert.equal(made(results).size, effects, `${JSON.stringify(tally(results))} ${JSON.stringify(results.at(-1))}`);
      assert.equal(await counted(app.id), before + effects);
      await checkLedger(app.id);
    });
  }

  it('that expects one version changes it once: the others are told of the conflict', async () => {
    const app = await newDeployedApp();
    const cases: [string, (index: number) => string, string][] = [
      ['setConfig', (index) => `set: [{ key: "K", value: "${index}" }]`, 'release { id version }'],
      ['rollBack', () => 'to: 1', 'release { id version }'],
      ['scale', (index) => `processes: [{ type: "web", quantity: ${index + 2} }]`, 'app { id version }'],
    ];
    for (const [name, input, fields] of cases) {
      const { version } = await db().app.findUniqueOrThrow({ where: { id: app.id } });
      const results = await atOnce(CROWD, name, (index) => `app: "${app.name}", expectedVersion: ${version}, ${input(index)}`, fields);
      assert.deepEqual(tally(results), { [payloadOf(name)]: 1, VersionConflict: CROWD - 1 }, name);
      assert.equal((await db().app.findUniqueOrThrow({ where: { id: app.id } })).version, version + 1);
      await checkLedger(app.id);
    }
  });

  it('that wants one name gets one app', async () => {
    for (const many of [2, 20]) {
      const name = `taken-${many}`;
      const results = await atOnce(many, 'createApp', () => `name: "${name}"`, 'app { id version }');
      assert.deepEqual(tally(results), { CreateAppPayload: 1, NameTaken: many - 1 });
      assert.equal(await db().app.count({ where: { name } }), 1);
    }
  });

  it('of 100 config changes leaves a ledger without hole or double, every change in its release, and other apps are answered meanwhile', async () => {
    const [app, other] = [await newApp(), await newApp()];
    const changes = atOnce(100, 'setConfig', (index) => `app: "${app.name}", set: [{ key: "K${index}", value: "v${index}" }]`, 'release { id version config { key } }');
    let answered = 0;
    let over = false;
    const watching = (async () => {
      for (; !over; answered++) {
        const { errors } = await gateways[0].query(owner, `{ app(name: "${other.name}") { id } }`);
        assert.equal(errors, undefined, JSON.stringify(errors));
      }
    })();
    const made = (await changes).flatMap(({ release }) => release ?? []);
    over = true;
    await watching;
    assert.deepEqual(await checkLedger(app.id), { releases: 100, events: 1 + 3 * 100 - 1 }, 'the app\'s own, and of each change: keys, release, and the end of the release before');
    assert.deepEqual(made.map(({ version }) => version).sort((a, b) => a - b), times(100, (index) => index + 1));
    for (const [index, release] of made.entries()) {
      assert.ok(release.config.some(({ key }) => key === `K${index}`), `v${release.version} has K${index}`);
      assert.equal(release.config.length, release.version, 'what was set before is in it too');
    }
    // A query takes one connection for a moment: a crowd that holds them all would let none through.
    assert.ok(answered > 10, `another app was answered ${answered} times`);
  });

  it('takes an app over or deletes it: never a deleted app with another owner, never one without', async () => {
    for (const round of times(20, (index) => index)) {
      const app = await newDeployedApp();
      const { transfer } = await run(gateways[0], 'offerTransfer', `app: "${app.name}", to: "${person.actor.email}"`, 'transfer { id }');
      assert.ok(transfer);
      const [first, second] = round % 2 === 0 ? gateways : [gateways[1], gateways[0]];
      const accept = (): Promise<Result> => run(first, 'acceptTransfer', `transfer: "${transfer.id}"`, 'app { id }', person);
      const remove = (): Promise<Result> => run(second, 'deleteApp', `app: "${app.name}", confirm: "${app.name}"`, '__typename');
      const [accepted, deleted] = round % 4 < 2 ? await Promise.all([accept(), remove()]) : await Promise.all([remove(), accept()]).then(([gone, got]) => [got, gone] as const);
      const won = accepted.__typename === 'AcceptTransferPayload';
      const gone = deleted.__typename === 'DeleteAppPayload';
      assert.ok(won !== gone, `one of both: ${accepted.__typename}, ${deleted.__typename}`);
      const row = await db().app.findUniqueOrThrow({ where: { id: app.id }, include: { permissions: true, events: { orderBy: { number: 'asc' } } } });
      assert.equal(row.ownerId, won ? person.actor.userId : owner.actor.userId);
      assert.equal(row.deletedAt !== null, gone);
      assert.equal(row.events.at(-1)?.type, won ? 'AppTransferred' : 'AppDeleted');
      if (won) assert.deepEqual(row.permissions.map(({ userId, role }) => [userId, role]), [[owner.actor.userId, 'ADMIN']]);
      await checkLedger(app.id);
    }
  });
});
