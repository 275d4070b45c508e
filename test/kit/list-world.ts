import { ensureLogStream } from '../../platform/log/stream.ts';
import type { TestGateway, TestUser } from './gateway.ts';
import { createLogSource } from './log-world.ts';

/** A user whose lists all have `length` items, and the app on which they are looked at. */
export interface ListWorld { gateway: TestGateway; length: number; user: TestUser; other: TestUser; app: { id: string; name: string }; ids: { build: string; release: string; slug: string; config: string }[] }

const later = (): Date => new Date(Date.now() + 86_400_000);
const hash = (): Uint8Array<ArrayBuffer> => new Uint8Array(crypto.getRandomValues(new Uint8Array(32)));
const times = <T>({ length }: { length: number }, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index));

/** How each list gets its items, by the lists that these fill; in this order. A new list belongs here. */
const fills: Record<string, (world: ListWorld) => Promise<unknown>> = {
  'Query.apps, DeletionConsequences.appsToDelete': ({ gateway, user, length, app }) => gateway.platform.db.app.createMany({ data: times({ length: length - 1 }, (index) => ({ name: `${app.name}-${index}`, ownerId: user.actor.userId })) }),
  'Slug.processTypes': ({ gateway: { platform: { db } }, app: { id: appId }, ids, length }) => db.slug.createMany({
    data: ids.map(({ slug }, n) => ({ id: slug, appId, digest: String(n).padStart(64, '0'), size: 1000, stack: 'host', buildpacks: ['node'], processTypes: times({ length }, (index) => ({ type: `p${index}`, command: 'node .' })) })),
  }),
  'Config.entries, Release.config, PlannedRollBack.config': async ({ gateway: { platform: { db, box } }, app: { id: appId }, user: { actor }, ids, length }) => {
    await db.config.createMany({ data: ids.map(({ config }) => ({ id: config, appId })) });
    await db.configEntry.createMany({
      data: ids.flatMap(({ config }, n) => times({ length }, (index) => ({
        configId: config, key: `K${index}`, digest: `d${n}`, sealed: false, setAt: new Date(), setById: actor.userId, ciphertext: box.seal(Buffer.from(String(n)), `${appId} K${index}`),
      }))),
    });
  },
  'App.builds': ({ gateway: { platform: { db } }, app: { id: appId }, user: { actor }, ids }) => db.build.createMany({
    data: ids.map(({ build, slug }, n) => ({ id: build, appId, number: n + 1, status: 'SUCCEEDED', commit: 'c'.repeat(40), branch: 'main', sourceDigest: 's', requestedById: actor.userId, slugId: slug, startedAt: new Date(), endedAt: new Date() })),
  }),
  'Build.steps': ({ gateway: { platform: { db } }, ids, length }) => db.buildStep.createMany({
    data: ids.flatMap(({ build }) => times({ length }, (index) => ({ buildId: build, index, kind: 'COMPILE' as const, name: 'node', status: 'SUCCEEDED' as const, startedAt: new Date(), endedAt: new Date() }))),
  }),
  'App.releases, App.configHistory': ({ gateway: { platform: { db } }, app: { id: appId }, user: { actor }, ids }) => db.release.createMany({
    data: ids.map(({ build, slug, release, config }, n) => ({ id: release, appId, version: n + 1, reason: 'DEPLOY', status: 'LIVE', slugId: slug, configId: config, buildId: build, description: `Deploy ${n}`, createdById: actor.userId })),
  }),
  'App.processes': ({ gateway: { platform: { db } }, app: { id: appId }, length }) => db.process.createMany({ data: times({ length }, (index) => ({ appId, type: `p${index}`, quantity: length })) }),
  'App.replicas, Process.replicas': ({ gateway: { platform: { db } }, app: { id: appId }, ids, length }) => db.replica.createMany({
    data: times({ length: length * length }, (index) => ({ id: crypto.randomUUID(), appId, releaseId: ids.at(-1)?.release ?? '', process: `p${index % length}`, index: Math.floor(index / length) + 1, status: 'UP' as const })),
  }),
  'App.events, ProcessesScaled.processes': ({ gateway: { platform: { db } }, app: { id: appId }, user: { actor }, ids, length }) => db.event.createMany({
    data: ids.flatMap(({ build, release }, n) => [
      { type: 'BuildQueued', data: { buildId: build, number: n + 1, commit: 'c'.repeat(40) } },
      { type: 'ReleaseCreated', data: { releaseId: release, version: n + 1, reason: 'DEPLOY', description: 'Deploy' } },
      { type: 'ProcessesScaled', data: { processes: times({ length }, (index) => ({ type: `p${index}`, quantity: 1, size: 'SMALL' })) } },
    ].map((event, index) => ({ ...event, appId, number: n * 3 + index + 1, deployId: build, actorId: actor.userId, apiKeyId: actor.apiKeyId }))),
  }),
  'App.logs': async (world) => {
    await ensureLogStream(world.gateway.platform, world.app.id);
    await createLogSource({ ...logWorld(world) }).write(times(world, (index) => `line ${index}`));
  },
  'Build.logs': async (world) => {
    for (const { build } of world.ids) await createLogSource(logWorld(world), 'BUILD', build, { build, process: null, replica: null, release: null }).write(times(world, (index) => `line ${index}`));
  },
  'User.apiKeys, DeletionConsequences.keysToEnd': ({ gateway: { platform: { db } }, user: { actor }, app, length }) => db.apiKey.createMany({ data: times({ length: length - 1 }, (index) => ({ userId: actor.userId, name: `key ${index}`, prefix: 'slip_x', hash: hash(), scopes: ['READ'], appId: app.id })) }),
  'App.deployKeys': ({ gateway: { platform: { db } }, user: { actor }, app, length }) => db.apiKey.createMany({ data: times({ length }, (index) => ({ userId: actor.userId, name: `deploy ${index}`, prefix: 'slip_x', hash: hash(), scopes: ['PUSH'], appId: app.id })) }),
  'User.sshKeys': ({ gateway: { platform: { db } }, user: { actor }, length }) => db.sshKey.createMany({ data: times({ length }, (index) => ({ userId: actor.userId, name: `laptop ${index}`, type: 'ssh-ed25519', bits: 256, fingerprint: `SHA256:${crypto.randomUUID()}`, publicKey: `ssh-ed25519 ${index}` })) }),
  'User.sessions': ({ gateway: { platform: { db } }, user: { actor }, length }) => db.session.createMany({ data: times({ length }, () => ({ userId: actor.userId, hash: hash(), userAgent: 'a browser', address: '::1', expiresAt: later() })) }),
  'App.permissions': async ({ gateway, app, length }) => {
    const people = await Promise.all(times({ length }, () => gateway.createUser()));
    await gateway.platform.db.permission.createMany({ data: people.map(({ actor }) => ({ appId: app.id, userId: actor.userId, role: 'DEPLOYER' as const })) });
  },
  'App.invitations': ({ gateway: { platform: { db } }, user: { actor }, app, length }) => db.invitation.createMany({ data: times({ length }, (index) => ({ appId: app.id, email: `guest-${index}@example.org`, role: 'VIEWER' as const, hash: hash(), invitedById: actor.userId, expiresAt: later() })) }),
  'Query.invitations, User.transfers, DeletionConsequences.appsToLeave': async ({ gateway: { platform: { db } }, user: { actor }, other, app, length }) => {
    const apps = await db.app.createManyAndReturn({ data: times({ length }, (index) => ({ name: `${app.name}-of-other-${index}`, ownerId: other.actor.userId })) });
    await db.invitation.createMany({ data: apps.map(({ id }) => ({ appId: id, email: actor.email, role: 'VIEWER' as const, hash: hash(), invitedById: other.actor.userId, expiresAt: later() })) });
    await db.permission.createMany({ data: apps.map(({ id }) => ({ appId: id, userId: actor.userId, role: 'VIEWER' as const })) });
    await db.transfer.createMany({ data: apps.map(({ id }) => ({ appId: id, fromId: other.actor.userId, toId: actor.userId, expiresAt: later() })) });
  },
};

const logWorld = ({ gateway, app, user }: ListWorld) => ({ gateway, platform: gateway.platform, appId: app.id, ownerId: user.actor.userId });

/** The lists that are filled, as `Type.field`. */
export const filledLists: readonly string[] = Object.keys(fills).flatMap((names) => names.split(', '));

export async function createListWorld(gateway: TestGateway, length: number): Promise<ListWorld> {
  const [user, other] = [await gateway.createUser(), await gateway.createUser()];
  const app = await gateway.platform.db.app.create({ data: { name: `list-${length}`, ownerId: user.actor.userId, lastEvent: length * 3, lastRelease: length, lastBuild: length } });
  const uuid = (): string => crypto.randomUUID();
  const world: ListWorld = { gateway, length, user, other, app, ids: times({ length }, () => ({ build: uuid(), release: uuid(), slug: uuid(), config: uuid() })) };
  for (const fill of Object.values(fills)) await fill(world);
  return world;
}
