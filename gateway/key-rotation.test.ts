import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { joinKeyHolders } from '../platform/encryption/key-holder.ts';
import type { KeyHolder } from '../platform/encryption/key-holder.ts';
import { createKeyRing } from '../platform/encryption/key-ring.ts';
import { advanceRotation } from '../platform/encryption/key-rotation.ts';
import { CONTROLLER_LEASE, takeLead } from '../platform/lease.ts';
import type { Leadership } from '../platform/lease.ts';
import { configFingerprint, openEntry } from '../platform/config/config-snapshot.ts';
import type { Platform } from '../platform/platform.ts';
import { mailContext, totpContext } from '../platform/encryption/sealed-row.ts';
import { createSecretBox } from '../platform/encryption/secret-box.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { until } from '../test/kit/wait.ts';

interface Rotation { keyId: string; activatedAt: string | null; entriesLeft: number; waitsFor: string[]; done: boolean; oldKeysEndAt: string | null }

const FIELDS = 'keyId activatedAt entriesLeft waitsFor done oldKeysEndAt';

describe('replacing the encryption key', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let admin: TestUser;
  let holder: KeyHolder;
  let lead: Leadership;
  const inAnHour = (): Date => new Date(Date.now() + 3_600_000);
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    admin = await gateway.createUser(['ADMIN'], { administrator: true });
    holder = await joinKeyHolders(gateway.platform, 'gateway');
    lead = await takeLead(gateway.platform, CONTROLLER_LEASE, 'test') ?? assert.fail();
    await gateway.platform.db.lease.updateMany({ data: { expiresAt: inAnHour() } });
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const advance = (platform: Platform = gateway.platform, signal?: AbortSignal): Promise<void> => advanceRotation(platform, lead, { again: true, ...(signal ? { signal } : {}) });
  /** What processes do again and again: none of them is taken for gone because the machine is slow. */
  const beat = async (...holders: KeyHolder[]): Promise<void> => {
    for (const one of holders) await one.beat();
    await gateway.platform.db.keyHolder.updateMany({ data: { seenAt: inAnHour() } });
  };
  const rotate = async (user = admin, input = '{}'): Promise<{ __typename: string; message?: string; keyRotation?: Rotation }> => {
    const { data, errors } = await gateway.query<{ answer: { __typename: string; message?: string; keyRotation?: Rotation } }>(user, `mutation { answer: rotateEncryptionKey(input: ${input}) { __typename ... on UserError { message } ... on RotateEncryptionKeyPayload { keyRotation { ${FIELDS} } } } }`);
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data.answer;
  };
  const state = async (user = admin): Promise<Rotation | null> => (await gateway.query<{ keyRotation: Rotation | null }>(user, `{ keyRotation { ${FIELDS} } }`)).data.keyRotation;
  /** What leader and processes do again and again, until it is done: what fails on a machine that is slow is done with the next beat. */
  const finish = (): Promise<unknown> => until(async () => {
    await beat(holder);
    await advance().catch(() => undefined);
    return (await state())?.done === true;
  }, { within: 60_000, what: () => 'everything is under the new key' });
  /** All steps to the end, as an operator and the processes take them. */
  const rotateWhole = async (): Promise<void> => {
    gateway.keys.unshift(randomBytes(32));
    assert.equal((await rotate()).__typename, 'RotateEncryptionKeyPayload');
    await finish();
  };
  /** Another process of the platform, with a key file of its own. */
  const otherProcess = (keys: Buffer[]): Platform => ({ ...gateway.platform, box: createSecretBox(createKeyRing(() => keys)) });

  let count = 0;
  const set = async (name: string, vars: Record<string, string>, more: object = {}): Promise<{ __typename: string; message?: string; release?: { id: string; version: number } }> => {
    // On a machine that is slow some are told to try again: what they try again is done once.
    const idempotencyKey = crypto.randomUUID();
    const attempt = () => gateway.query<{ setConfig: { __typename: string; message?: string; release?: { id: string; version: number } } }>(admin, 'mutation ($input: SetConfigInput!) { setConfig(input: $input) { __typename ... on UserError { message } ... on SetConfigPayload { release { id version } } } }', { input: { app: name, set: Object.entries(vars).map(([key, value]) => ({ key, value, sealed: key.startsWith('SEALED') })), idempotencyKey, ...more } });
    let answer = await attempt();
    while (answer.errors?.[0]?.extensions.code === 'UNAVAILABLE') answer = await attempt();
    const { data, errors } = answer;
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data.setConfig;
  };
  const newApp = async (): Promise<{ id: string; name: string }> => {
    const app = await gateway.platform.db.app.create({ data: { name: `rotated-${++count}`, ownerId: admin.actor.userId } });
    await set(app.name, { A: '1', SEALED_B: 'hidden', C: `only of ${app.name}` });
    await set(app.name, { A: '2' });
    await set(app.name, { A: '1' });
    return app;
  };
  const valuesOf = async (appId: string, platform: Pick<Platform, 'box'> = gateway.platform): Promise<string[]> => {
    const entries = await gateway.platform.db.configEntry.findMany({ where: { config: { appId } }, orderBy: [{ configId: 'asc' }, { key: 'asc' }] });
    return entries.map((entry) => `${entry.key}=${Buffer.from(openEntry(platform, appId, entry)).toString()}`);
  };
  /** Which entries of all apps have equal digests: groups by their places. */
  const equalities = async (appIds: string[]): Promise<string[]> => {
    const entries = await gateway.platform.db.configEntry.findMany({ where: { config: { appId: { in: appIds } } }, orderBy: [{ configId: 'asc' }, { key: 'asc' }] });
    const first = new Map<string, number>();
    return entries.map(({ digest }, index) => { if (!first.has(digest)) first.set(digest, index); return `${index} ${first.get(digest)}`; });
  };

  it('puts every ciphertext under the new key alone: config of all releases, of deleted apps too, TOTP secrets and mails; digests compare as before, and no replica has reason to restart', async () => {
    const { db, box } = gateway.platform;
    const apps = [await newApp(), await newApp(), await newApp()];
    const ids = apps.map(({ id }) => id);
    const deleted = ids[2] ?? '';
    await db.app.update({ where: { id: deleted }, data: { deletedAt: new Date() } });
    const users = Array.from({ length: 250 }, (_, index) => ({ id: crypto.randomUUID(), email: `totp-${index}@example.org` }));
    await db.user.createMany({ data: users.map(({ id, email }) => ({ id, email, totpSecret: box.seal(Buffer.from(`of ${id}`), totpContext(id)) })) });
    const mailId = crypto.randomUUID();
    await db.mail.create({ data: { id: mailId, content: box.seal(Buffer.from('a mail'), mailContext(mailId)) } });
    // One from before fingerprints and contents were noted: its fingerprint follows from digests, and stays what it was.
    const bygone = await db.config.findFirstOrThrow({ where: { appId: ids[1] ?? '' }, orderBy: { id: 'asc' } });
    await db.config.update({ where: { id: bygone.id }, data: { fingerprint: null, contentDigest: null } });
    const bygoneFingerprint = await configFingerprint(db, bygone.id);
    const seen = async () => ({ values: await Promise.all(ids.map((id) => valuesOf(id))), equal: await equalities(ids), fingerprints: (await db.config.findMany({ where: { appId: { in: ids } }, orderBy: { id: 'asc' } })).map(({ id, fingerprint }) => (id === bygone.id ? bygoneFingerprint : fingerprint)) });
    const [before, digests] = [await seen(), await db.configEntry.findMany({ where: { config: { appId: { in: ids } } }, select: { digest: true } })];
    const versions = await db.app.findMany({ where: { id: { in: ids } }, select: { version: true, lastRelease: true, lastEvent: true }, orderBy: { id: 'asc' } });

    await rotateWhole();
    assert.deepEqual(await seen(), before);
    assert.equal(await configFingerprint(db, bygone.id), bygoneFingerprint);
    const alone = { box: createSecretBox(gateway.keys[0] ?? assert.fail()) };
    assert.deepEqual(await Promise.all(ids.map((id) => valuesOf(id, alone))), before.values);
    for (const { id, totpSecret } of await db.user.findMany({ where: { totpSecret: { not: null } } })) assert.equal(Buffer.from(alone.box.open(totpSecret ?? new Uint8Array(), totpContext(id))).toString(), `of ${id}`);
    assert.equal(Buffer.from(alone.box.open((await db.mail.findUniqueOrThrow({ where: { id: mailId } })).content, mailContext(mailId))).toString(), 'a mail');
    const old = new Set(digests.map(({ digest }) => digest));
    for (const { digest } of await db.configEntry.findMany({ where: { config: { appId: { in: ids } } } })) assert.ok(!old.has(digest), 'no digest is of the old key');
    assert.deepEqual(await db.app.findMany({ where: { id: { in: ids } }, select: { version: true, lastRelease: true, lastEvent: true }, orderBy: { id: 'asc' } }), versions, 'it is no change of the app');

    gateway.keys.splice(1);
    gateway.platform.box.reload();
    const app = apps[0] ?? assert.fail();
    const known = (await db.app.findUniqueOrThrow({ where: { id: app.id } })).lastRelease;
    assert.equal((await set(app.name, { A: '1', C: `only of ${app.name}` })).release?.version, known, 'equal values are still seen to be equal');
    assert.equal((await set(app.name, { A: '2' })).release?.version, known + 1);
    const fingerprints = (await db.release.findMany({ where: { appId: app.id }, orderBy: { version: 'asc' }, include: { config: true } })).map(({ config }) => config.fingerprint);
    assert.equal(fingerprints[3], fingerprints[1], 'and what runs with the same config is still known');
    const events = await db.event.findMany({ where: { type: { in: ['KeyRotationStarted', 'KeyRotated'] } }, orderBy: { id: 'asc' } });
    assert.deepEqual(events.map(({ type, actorId }) => [type, actorId]), [['KeyRotationStarted', admin.actor.userId], ['KeyRotated', null]]);
  });

  it('is an administrator\'s to begin and to see, needs a new key in the file, and is one however often it is begun', async () => {
    const { db } = gateway.platform;
    const nobody = await gateway.createUser();
    assert.equal((await rotate(nobody)).__typename, 'Forbidden');
    assert.equal(await state(nobody), null);
    assert.equal((await rotate(await gateway.createUser(['CONFIG'], { administrator: true }))).__typename, 'Forbidden');
    assert.match((await rotate()).message ?? '', /is the one in use/);
    gateway.keys.unshift(randomBytes(32));
    assert.match((await rotate(admin, '{ keyId: "00000000" }')).message ?? '', /newest key of the key file, as the gateway sees it, is/);
    const begun = await db.keyRotation.count();
    const answers = await Promise.all(Array.from({ length: 20 }, () => rotate()));
    assert.deepEqual(new Set(answers.map(({ keyRotation }) => keyRotation?.keyId)).size, 1);
    assert.equal(await db.keyRotation.count(), begun + 1);
    gateway.keys.unshift(randomBytes(32));
    assert.match((await rotate()).message ?? '', /is under way/, 'a third key waits');
    gateway.keys.shift();
    gateway.platform.box.reload();
    for (let step = 0; step < 2; step++) { await beat(holder); await Promise.all([advance(), advance(), advance()]); }
    await finish();
    const { done, keyId } = await state() ?? assert.fail();
    assert.deepEqual([done, keyId], [true, gateway.platform.box.keyIds()[0]]);
    assert.equal(await db.event.count({ where: { type: 'KeyRotated', data: { equals: { keyId } } } }), 1);
    const [current, replaced] = gateway.keys;
    gateway.keys.splice(0, 2, replaced ?? assert.fail(), current ?? assert.fail());
    assert.match((await rotate()).message ?? '', /was replaced before/);
    gateway.keys.reverse();
    gateway.platform.box.reload();
  });

  it('waits for a process that has not seen the new key, and seals nothing with it before', async () => {
    const late = [...gateway.keys];
    const platform = otherProcess(late);
    const other = await joinKeyHolders(platform, 'controller');
    await beat(holder);
    const app = await newApp();
    gateway.keys.unshift(randomBytes(32));
    await rotate();
    await beat(holder);
    await advance();
    const waiting = await state() ?? assert.fail();
    assert.deepEqual([waiting.waitsFor, waiting.activatedAt, waiting.done, waiting.oldKeysEndAt], [['controller'], null, false, null]);
    assert.ok(waiting.entriesLeft > 0);
    await set(app.name, { A: 'meanwhile' });
    assert.ok((await valuesOf(app.id, platform)).includes('A=meanwhile'), 'the late process can read it');
    late.unshift(gateway.keys[0] ?? assert.fail());
    await beat(other);
    await advance();
    assert.deepEqual((await state())?.waitsFor.toSorted(), ['controller', 'gateway'], 'it is in use, and not all use it yet');
    await beat(holder, other);
    await advance();
    const { done, entriesLeft, waitsFor, oldKeysEndAt, activatedAt } = await state() ?? assert.fail();
    assert.deepEqual([done, entriesLeft, waitsFor], [true, 0, []]);
    assert.equal(Date.parse(oldKeysEndAt ?? '') - Date.parse(activatedAt ?? ''), 3_600_000);
    await other.leave();
  });

  it('is nothing that a process without the new key can spoil: it writes nothing, and works when it sees the key', async () => {
    const app = await newApp();
    const stale = [...gateway.keys];
    const platform = otherProcess(stale);
    await rotateWhole();
    const before = await gateway.platform.db.configEntry.findMany({ where: { config: { appId: app.id } }, orderBy: [{ configId: 'asc' }, { key: 'asc' }] });
    const { setConfig } = await import('../platform/config/config.ts');
    const write = () => setConfig(platform, admin.actor, { app: app.name, set: [{ key: 'A', value: Buffer.from('late') }] });
    await assert.rejects(write(), /is not in the key file, as this process sees it/);
    await assert.rejects(valuesOf(app.id, platform), /is not in the key file/);
    await assert.rejects(joinKeyHolders(platform, 'gateway'), /is not in the key file/);
    assert.equal(await gateway.platform.db.keyHolder.count(), 1, 'one that cannot read is no holder');
    assert.deepEqual(await gateway.platform.db.configEntry.findMany({ where: { config: { appId: app.id } }, orderBy: [{ configId: 'asc' }, { key: 'asc' }] }), before);
    stale.unshift(gateway.keys[0] ?? assert.fail());
    await write();
    assert.ok((await valuesOf(app.id)).includes('A=late'));
  });

  it('goes on where it was when it is stopped half-way, and leaves no app half-done', async () => {
    const apps = await Promise.all([newApp(), newApp(), newApp(), newApp()]);
    const before = await Promise.all(apps.map(({ id }) => valuesOf(id)));
    gateway.keys.unshift(randomBytes(32));
    await rotate();
    await beat(holder);
    // The third app's second batch is where the process dies: the box throws for good.
    let seals = 0;
    const { box } = gateway.platform;
    const dying: Platform = { ...gateway.platform, box: { ...box, seal: (...args) => { if (++seals > 15) throw new Error('killed'); return box.seal(...args); } } };
    await advance(dying);
    const half = await state() ?? assert.fail();
    assert.equal(half.done, false);
    assert.ok(half.entriesLeft > 0);
    for (const { id } of apps) {
      const { keyId } = await gateway.platform.db.app.findUniqueOrThrow({ where: { id } });
      const entries = await gateway.platform.db.configEntry.findMany({ where: { config: { appId: id } } });
      assert.deepEqual(new Set(entries.map(({ ciphertext }) => Buffer.from(ciphertext.subarray(1, 5)).toString('hex'))), new Set([keyId]), 'all of an app is under its key');
    }
    assert.deepEqual(await Promise.all(apps.map(({ id }) => valuesOf(id))), before, 'everything is readable meanwhile');
    const stop = AbortSignal.abort();
    await advance(gateway.platform, stop);
    assert.equal((await state())?.done, false, 'one that is to stop says nothing is done');
    await finish();
    assert.equal((await state())?.entriesLeft, 0);
    assert.deepEqual(await Promise.all(apps.map(({ id }) => valuesOf(id, { box: createSecretBox(gateway.keys[0] ?? assert.fail()) }))), before);
  });

  it('loses nothing of what is set meanwhile, and a request that comes twice is still one', async () => {
    const apps = await Promise.all(Array.from({ length: 4 }, () => newApp()));
    const first = await set(apps[0]?.name ?? '', { ONCE: 'x' }, { idempotencyKey: 'over the rotation' });
    gateway.keys.unshift(randomBytes(32));
    await rotate();
    await beat(holder);
    const writes = apps.flatMap(({ name }) => Array.from({ length: 6 }, (_, index) => set(name, { [`KEY_${index}`]: 'equal', [`SEALED_${index}`]: 'equal' })));
    // As the leader does it: what fails is done with the next beat.
    const goOn = (): Promise<void> => advance().catch(() => undefined);
    const answers = await Promise.all([...writes, goOn(), goOn()]);
    for (const answer of answers) if (answer) assert.equal(answer.__typename, 'SetConfigPayload', answer.message);
    await finish();
    const alone = { box: createSecretBox(gateway.keys[0] ?? assert.fail()) };
    for (const { id } of apps) {
      const newest = await gateway.platform.db.release.findFirstOrThrow({ where: { appId: id }, orderBy: { version: 'desc' }, include: { config: { include: { entries: true } } } });
      const entries = newest.config.entries.filter(({ key }) => /^(KEY|SEALED)_\d/.test(key));
      assert.deepEqual(entries.map((entry) => Buffer.from(openEntry(alone, id, entry)).toString()), Array.from({ length: 12 }, () => 'equal'));
      assert.equal(new Set(entries.filter(({ sealed }) => !sealed).map(({ digest }) => digest)).size, 1);
      assert.equal(new Set(entries.filter(({ sealed }) => sealed).map(({ digest }) => digest)).size, 6);
    }
    assert.equal((await set(apps[0]?.name ?? '', { ONCE: 'x' }, { idempotencyKey: 'over the rotation' })).release?.id, first.release?.id);
    assert.equal((await set(apps[0]?.name ?? '', { ONCE: 'y' }, { idempotencyKey: 'over the rotation' })).__typename, 'IdempotencyConflict');
  });

  it('takes up again what a process that was frozen for long sealed with the old key', async () => {
    const { db } = gateway.platform;
    const frozen = otherProcess([...gateway.keys]);
    await rotateWhole();
    const id = crypto.randomUUID();
    await db.mail.create({ data: { id, content: frozen.box.seal(Buffer.from('late'), mailContext(id)) } });
    assert.deepEqual([(await state())?.done, (await state())?.entriesLeft, (await state())?.oldKeysEndAt], [false, 1, null]);
    await finish();
    assert.equal(Buffer.from(createSecretBox(gateway.keys[0] ?? assert.fail()).open((await db.mail.findUniqueOrThrow({ where: { id } })).content, mailContext(id))).toString(), 'late');
  });

  it('keeps signed addresses good until the old key is taken out', async () => {
    const { blobs } = gateway.platform;
    const { digest } = await blobs.put('slugs', (await import('node:stream')).Readable.from([Buffer.from('a slug')]), 100);
    const before = blobs.signGet('slugs', digest, 600);
    await rotateWhole();
    const now = blobs.signGet('slugs', digest, 600);
    for (const url of [before, now]) assert.equal((await gateway.http(url)).status, 200);
    gateway.keys.splice(1);
    gateway.platform.box.reload();
    assert.equal((await gateway.http(before)).status, 403);
    assert.equal((await gateway.http(now)).status, 200);
  });

  it('tells of an app whose config does not open, and goes on with the others', async () => {
    const { db } = gateway.platform;
    const [broken, whole] = [await newApp(), await newApp()];
    await db.$executeRaw`UPDATE "ConfigEntry" SET ciphertext = decode('02', 'hex') || substring(ciphertext FROM 2 FOR 20) WHERE key = 'C' AND "configId" IN (SELECT id FROM "Config" WHERE "appId" = ${broken.id}::uuid)`;
    gateway.keys.unshift(randomBytes(32));
    await rotate();
    for (let step = 0; step < 2; step++) { await beat(holder); await advance(); }
    const { done, entriesLeft } = await state() ?? assert.fail();
    assert.deepEqual([done, entriesLeft], [false, 9]);
    assert.equal((await db.app.findUniqueOrThrow({ where: { id: whole.id } })).keyId, gateway.platform.box.keyIds()[0]);
    await db.app.delete({ where: { id: broken.id } }).catch(async () => { await db.release.deleteMany({ where: { appId: broken.id } }); await db.app.delete({ where: { id: broken.id } }); });
    await finish();
  });
});
