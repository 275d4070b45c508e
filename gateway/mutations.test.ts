import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { schema } from '../schema/schema.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { playDeploy, queueBuild } from '../test/kit/played-deploy.ts';

interface Result { __typename: string; code?: string; message?: string; path?: string[]; release?: { id: string; version: number; description: string; config: { key: string }[]; slug: { digest: string } | null } }

describe('a mutation', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let owner: TestUser;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    owner = await gateway.createUser(['ADMIN'], { administrator: true });
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const MADE = 'release { id version description slug { digest } config { key } }';
  const run = async (mutation: string): Promise<Result> => {
    const { data, errors } = await gateway.query<{ answer: Result }>(owner, `mutation { answer: ${mutation} { __typename ... on UserError { code message path } ${/^(setConfig|rollBack)/.test(mutation) ? `... on ${mutation.startsWith('set') ? 'SetConfig' : 'RollBack'}Payload { ${MADE} }` : ''} } }`);
    assert.equal(errors, undefined, `${mutation}: ${JSON.stringify(errors)}`);
    return data.answer;
  };
  let count = 0;
  const newApp = async (): Promise<{ id: string; name: string }> => {
    const name = `change-${++count}`;
    assert.equal((await run(`createApp(input: { name: "${name}" })`)).__typename, 'CreateAppPayload');
    return gateway.platform.db.app.findUniqueOrThrow({ where: { name }, select: { id: true, name: true } });
  };
  const replicaOf = async (appId: string, releaseId: string): Promise<string> => (await gateway.platform.db.replica.create({ data: { id: crypto.randomUUID(), appId, releaseId, process: 'web', index: 1, status: 'UP' } })).id;

  /** Mutations about people and keys, with all that they need to be there. */
  const peopleSteps = async (app: string): Promise<Record<string, [string, string[]]>> => {
    const { db } = gateway.platform;
    const [bob, eve] = [await gateway.createUser(), await gateway.createUser()];
    const { id: appId } = await db.app.findUniqueOrThrow({ where: { name: app } });
    await db.permission.createMany({ data: [bob, eve].map(({ actor }) => ({ appId, userId: actor.userId, role: 'VIEWER' as const })) });
    /** An app of Bob's, where the owner of the others is a guest. */
    const foreign = async (): Promise<string> => (await db.app.create({ data: { name: `bob-${++count}`, ownerId: bob.actor.userId, permissions: { create: { userId: owner.actor.userId, role: 'VIEWER' } } } })).id;
    const expiresAt = new Date(Date.now() + 60_000);
    const offered = async (): Promise<string> => (await db.transfer.create({ data: { appId: await foreign(), fromId: bob.actor.userId, toId: owner.actor.userId, expiresAt } })).id;
    const invited = await db.invitation.create({ data: { app: { create: { name: `bob-${++count}`, ownerId: bob.actor.userId } }, email: owner.actor.email, role: 'VIEWER', hash: new Uint8Array([7]), invitedBy: { connect: { id: bob.actor.userId } }, expiresAt } });
    const open = await db.invitation.create({ data: { appId, email: 'open@example.com', role: 'VIEWER', hash: new Uint8Array([8]), invitedById: owner.actor.userId, expiresAt } });
    const own = await db.transfer.create({ data: { appId, fromId: owner.actor.userId, toId: bob.actor.userId, expiresAt } });
    const [rotated, ssh] = [
      await db.apiKey.create({ data: { userId: owner.actor.userId, name: 'old', prefix: 'slip_x', hash: new Uint8Array([2]), scopes: ['READ'] } }),
      await db.sshKey.create({ data: { userId: owner.actor.userId, name: 'old', type: 'ssh-ed25519', bits: 256, fingerprint: 'SHA256:x', publicKey: '' } }),
    ];
    return {
      rotateApiKey: [`rotateApiKey(input: { apiKey: "${rotated.id}" })`, ['ApiKeyRotated']],
      createDeployKey: [`createDeployKey(input: { app: "${app}", name: "ci" })`, ['DeployKeyCreated']],
      addSshKey: ['addSshKey(input: { name: "new", publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBUnH6l5/2dWoUwLS/GJ9C4iR0pB9mp7Tq6Zk1sJ2vRc" })', ['SshKeyAdded']],
      removeSshKey: [`removeSshKey(input: { sshKey: "${ssh.id}" })`, ['SshKeyRemoved']],
      inviteUser: ['inviteUser(input: { email: "new@example.com" })', ['UserInvited']],
      invitePerson: [`invitePerson(input: { app: "${app}", email: "new@example.com", role: ADMIN })`, ['PersonInvited']],
      revokeInvitation: [`revokeInvitation(input: { invitation: "${open.id}" })`, ['InvitationRevoked']],
      acceptInvitation: [`acceptInvitation(input: { invitation: "${invited.id}" })`, ['PersonJoined']],
      changeRole: [`changeRole(input: { app: "${app}", user: "${eve.actor.email}", role: DEPLOYER })`, ['PersonRoleChanged']],
      removePermission: [`removePermission(input: { app: "${app}", user: "${eve.actor.userId}" })`, ['PersonRemoved']],
      leaveApp: [`leaveApp(input: { app: "${await foreign()}" })`, ['PersonLeft']],
      withdrawTransfer: [`withdrawTransfer(input: { transfer: "${own.id}" })`, ['TransferWithdrawn']],
      offerTransfer: [`offerTransfer(input: { app: "${app}", to: "${bob.actor.email}" })`, ['TransferOffered']],
      acceptTransfer: [`acceptTransfer(input: { transfer: "${await offered()}" })`, ['AppTransferred']],
      declineTransfer: [`declineTransfer(input: { transfer: "${await offered()}" })`, ['TransferDeclined']],
    };
  };

  it('writes its event with the change: what happened, who did it, and by which key', async () => {
    const app = await newApp();
    const { release } = await playDeploy(gateway, owner, app.id);
    const [replica, queued] = [await replicaOf(app.id, release.id), await queueBuild(gateway, owner, app.id)];
    const key = await gateway.platform.db.apiKey.create({ data: { userId: owner.actor.userId, name: 'other', prefix: 'slip_x', hash: new Uint8Array([1]), scopes: ['READ'] } });
    const steps: Record<string, [string, string[]]> = {
      createApp: ['createApp(input: { name: "with-event" })', ['AppCreated']],
      setConfig: [`setConfig(input: { app: "${app.name}", set: [{ key: "A", value: "1" }] })`, ['ConfigChanged', 'ReleaseCreated']],
      copyConfig: [`copyConfig(input: { from: "${app.name}", to: "with-event" })`, ['ConfigChanged', 'ReleaseCreated']],
      rotateEncryptionKey: ['rotateEncryptionKey(input: {})', ['KeyRotationStarted']],
      rollBack: [`rollBack(input: { app: "${app.name}", to: 1 })`, ['ReleaseSuperseded', 'ReleaseCreated']],
      scale: [`scale(input: { app: "${app.name}", processes: [{ type: "web", quantity: 2 }] })`, ['ProcessesScaled']],
      restart: [`restart(input: { app: "${app.name}", replica: "${replica}" })`, ['ReplicasRestarted']],
      cancelBuild: [`cancelBuild(input: { build: "${queued}" })`, ['BuildCanceled']],
      createApiKey: ['createApiKey(input: { name: "new", scopes: [READ] })', ['ApiKeyCreated']],
      revokeApiKey: [`revokeApiKey(input: { apiKey: "${key.id}" })`, ['ApiKeyRevoked']],
      ...await peopleSteps(app.name),
      renameApp: [`renameApp(input: { app: "${app.id}", name: "renamed" })`, ['AppRenamed']],
      deleteApp: [`deleteApp(input: { app: "${app.id}", confirm: "renamed" })`, ['AppDeleted']],
    };
    // Each step of an account's life is in accounts.test.ts, with its event.
    const ofAccounts = ['signUp', 'confirmEmail', 'logIn', 'logOut', 'endSession', 'requestPasswordReset', 'resetPassword', 'changePassword', 'setPassword', 'requestEmailChange', 'confirmEmailChange', 'enableTwoFactor', 'confirmTwoFactor', 'disableTwoFactor', 'regenerateRecoveryCodes', 'deleteAccount'];
    assert.deepEqual([...Object.keys(steps), ...ofAccounts].sort(), Object.keys(schema.getMutationType()?.getFields() ?? {}).sort(), 'a new mutation belongs into this table');
    for (const [name, [mutation, types]] of Object.entries(steps)) {
      const { id: last } = await gateway.platform.db.event.findFirstOrThrow({ orderBy: { id: 'desc' } });
      const result = await run(mutation);
      assert.match(result.__typename, /Payload$/, `${name}: ${result.message}`);
      const events = await gateway.platform.db.event.findMany({ where: { id: { gt: last } }, orderBy: { id: 'asc' } });
      assert.deepEqual(events.map(({ type }) => type), types, name);
      for (const { actorId, apiKeyId } of events) assert.deepEqual([actorId, apiKeyId], [owner.actor.userId, owner.actor.apiKeyId], name);
    }
  });

  it('that makes a release makes one a key, also where the app has changed since; with another input the key is refused', async () => {
    const app = await newApp();
    await playDeploy(gateway, owner, app.id, 'b');
    await playDeploy(gateway, owner, app.id, 'c');
    for (const [name, input, other] of [['setConfig', 'set: [{ key: "A", value: "1" }]', 'set: [{ key: "A", value: "2" }]'], ['rollBack', 'to: 1', 'to: 2']] as const) {
      const { version } = await gateway.platform.db.app.findUniqueOrThrow({ where: { id: app.id } });
      const once = (what: string): Promise<Result> => run(`${name}(input: { app: "${app.name}", ${what}, expectedVersion: ${version}, idempotencyKey: "${name}" })`);
      const first = await once(input);
      assert.ok(first.release, first.message);
      assert.deepEqual((await once(input)).release?.id, first.release.id);
      assert.equal((await once(other)).__typename, 'IdempotencyConflict');
      assert.equal((await run(`${name}(input: { app: "${app.name}", ${input}, expectedVersion: ${version} })`)).__typename, 'VersionConflict');
      assert.equal(await gateway.platform.db.release.count({ where: { appId: app.id } }), first.release.version, 'one release');
    }
  });

  it('rolls back to any version that has code, with its config or without, and keeps the keys it is told to', async () => {
    const app = await newApp();
    const roll = (input: string): Promise<Result> => run(`rollBack(input: { app: "${app.name}", ${input} })`);
    const set = (vars: string): Promise<Result> => run(`setConfig(input: { app: "${app.name}", set: [${vars}] })`);
    await set('{ key: "A", value: "1" }');
    const nothing = await roll('scope: BOTH');
    assert.deepEqual([nothing.__typename, nothing.code], ['CannotRollBack', 'NOTHING_TO_ROLL_BACK']);
    assert.match((await roll('to: 1')).message ?? '', /v1 has no code/);
    assert.match((await roll('to: 99')).message ?? '', /no release v99/);
    await playDeploy(gateway, owner, app.id, 'b');
    await set('{ key: "B", value: "1" }');
    const { release: failed } = await playDeploy(gateway, owner, app.id, 'c');
    await gateway.platform.db.release.update({ where: { id: failed.id }, data: { status: 'FAILED', failureReason: 'CRASH_LOOP', failureMessage: 'x' } });
    assert.deepEqual(await shape(roll('to: 2')), ['b', ['A']]);
    assert.deepEqual(await shape(roll('to: 4')), ['c', ['A', 'B']], 'one that failed: what it lacked may be there now');
    assert.deepEqual(await shape(roll('to: 1, scope: CONFIG')), ['c', ['A']], 'the config of one without code');
    await set('{ key: "C", value: "1" }');
    assert.deepEqual(await shape(roll('to: 3, keepKeys: ["C"]')), ['b', ['A', 'B', 'C']]);
    assert.deepEqual(await shape(roll('to: 4, scope: CODE')), ['c', ['A', 'B', 'C']]);
    assert.match((await roll('to: 3, keepKeys: ["NONE"]')).message ?? '', /no config key NONE/);
  });
  const shape = async (rolled: Promise<Result>): Promise<[string | undefined, string[] | undefined] | Result> => {
    const result = await rolled;
    return result.release ? [result.release.slug?.digest[0], result.release.config.map(({ key }) => key)] : result;
  };

  it('takes any number of replicas from 0 to 100, and text of config, which no zero byte and nothing but UTF-8 is', async () => {
    const app = await newApp();
    await playDeploy(gateway, owner, app.id);
    const scale = (quantity: number): Promise<Result> => run(`scale(input: { app: "${app.name}", processes: [{ type: "web", quantity: ${quantity} }] })`);
    for (const quantity of [0, 37, 100]) {
      assert.equal((await scale(quantity)).__typename, 'ScalePayload');
      assert.equal((await gateway.platform.db.process.findFirstOrThrow({ where: { appId: app.id, type: 'web' } })).quantity, quantity);
    }
    for (const quantity of [-1, 101]) assert.deepEqual((await scale(quantity)).path, ['input', 'processes', '0', 'quantity']);
    for (const value of ['value: "a\\u0000b"', 'valueBase64: "AGE="']) {
      const refused = await run(`setConfig(input: { app: "${app.name}", set: [{ key: "A", ${value} }] })`);
      assert.equal(refused.__typename, 'InvalidInput');
      assert.match(refused.message ?? '', /zero byte.*encode it/);
    }
    // Latin-1, a cut character, half of a surrogate pair, an overlong slash, beyond Unicode.
    for (const bytes of [[0xe9], [0x61, 0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf5, 0x80, 0x80, 0x80]]) {
      const refused = await run(`setConfig(input: { app: "${app.name}", set: [{ key: "FINE", value: "x" }, { key: "A", valueBase64: "${Buffer.from(bytes).toString('base64')}" }] })`);
      assert.deepEqual([refused.__typename, refused.path], ['InvalidInput', ['input', 'set', '1']]);
      assert.match(refused.message ?? '', /The value of A is no text in UTF-8.*encode it/);
    }
    for (const [length, type] of [[253, 'SetConfigPayload'], [254, 'InvalidInput']] as const) assert.equal((await run(`setConfig(input: { app: "${app.name}", set: [{ key: "${'K'.repeat(length)}", value: "x" }] })`)).__typename, type);
  });
});
