import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';

interface Result { __typename: string; message?: string; sshKey?: { id: string; fingerprint: string } }

describe('SSH keys of a user', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  before(async () => { gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const newLine = (): string => {
    const raw = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
    return `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), raw]).toString('base64')}`;
  };
  const run = async (user: TestUser, mutation: string, payload: string): Promise<Result> => {
    const { data, errors } = await gateway.query<{ answer: Result }>(user, `mutation { answer: ${mutation} { __typename ... on ${payload} { sshKey { id fingerprint } } ... on UserError { message } } }`);
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data.answer;
  };
  const add = (user: TestUser, publicKey: string, more = ''): Promise<Result> => run(user, `addSshKey(input: { name: "laptop", publicKey: ${JSON.stringify(publicKey)}${more} })`, 'AddSshKeyPayload');
  const remove = (user: TestUser, id: string): Promise<Result> => run(user, `removeSshKey(input: { sshKey: "${id}" })`, 'RemoveSshKeyPayload');
  const list = async (user: TestUser, of = 'viewer'): Promise<number> => (await gateway.query<Record<string, { sshKeys: { totalCount: number } }>>(user, `{ ${of} { sshKeys { totalCount nodes { name type bits fingerprint publicKey } } } }`)).data[of]?.sshKeys.totalCount ?? -1;

  it('are added, listed and removed by themselves alone', async () => {
    const [ann, bob] = [await gateway.createUser(), await gateway.createUser()];
    const { sshKey, message } = await add(ann, `${newLine()} ann@laptop`);
    assert.ok(sshKey, message);
    assert.deepEqual([await list(ann), await list(bob)], [1, 0]);
    const node = `{ node(id: "${sshKey.id}") { __typename } }`;
    assert.deepEqual((await gateway.query(ann, node)).data, { node: { __typename: 'SshKey' } });
    assert.deepEqual((await gateway.query(bob, node)).data, { node: null });
    assert.equal((await remove(bob, sshKey.id)).__typename, 'NotFound');
    assert.equal((await remove(ann, sshKey.id)).__typename, 'RemoveSshKeyPayload');
    assert.equal((await remove(ann, sshKey.id)).__typename, 'NotFound');
    assert.equal(await list(ann), 0);
  });

  it('are each one person\'s: a second time is refused in the same words, whose it is is not told, also where two add it at once', async () => {
    const [ann, bob] = [await gateway.createUser(), await gateway.createUser()];
    const line = newLine();
    const both = await Promise.all([add(ann, line), add(bob, line)]);
    assert.deepEqual(both.map(({ __typename }) => __typename).sort(), ['AddSshKeyPayload', 'InvalidInput']);
    const [own, other] = [await add(ann, line), await add(bob, line)];
    assert.deepEqual(own, other);
    assert.match(own.message ?? '', /This SSH key is in use already/);
  });

  it('are added once a key, and only by who may manage the account', async () => {
    const ann = await gateway.createUser();
    const line = newLine();
    const [first, again] = [await add(ann, line, ', idempotencyKey: "k"'), await add(ann, line, ', idempotencyKey: "k"')];
    assert.equal(first.sshKey?.id, again.sshKey?.id);
    assert.equal((await add(ann, newLine(), ', idempotencyKey: "k"')).__typename, 'IdempotencyConflict');
    const reader = await gateway.createUser(['DEPLOY', 'CONFIG']);
    assert.equal((await add(reader, newLine())).__typename, 'Forbidden');
    assert.equal(await list(reader), 0);
  });

  it('are no more than 100, also where the last two are added at once', async () => {
    const ann = await gateway.createUser();
    await gateway.platform.db.sshKey.createMany({ data: Array.from({ length: 99 }, (_, n) => ({ userId: ann.actor.userId, name: 'k', type: 'ssh-ed25519', bits: 256, fingerprint: `${ann.actor.userId} ${n}`, publicKey: '' })) });
    const both = await Promise.all([add(ann, newLine()), add(ann, newLine())]);
    assert.deepEqual(both.map(({ __typename }) => __typename).sort(), ['AddSshKeyPayload', 'InvalidInput']);
  });

  it('that turn out to be private are neither stored nor answered', async () => {
    const ann = await gateway.createUser();
    const secret = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const refused = await add(ann, secret, ', idempotencyKey: "private"');
    assert.match(refused.message ?? '', /private key/);
    assert.ok(!JSON.stringify(refused).includes(secret.slice(30, 60)));
    assert.equal(await gateway.platform.db.idempotency.count({ where: { key: 'private' } }), 0);
  });
});
