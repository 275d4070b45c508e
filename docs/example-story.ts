import assert from 'node:assert/strict';
import { createSecret } from '../platform/key/api-key-secret.ts';
import { openMail } from '../platform/mail.ts';
import { createLogSource } from '../test/kit/log-world.ts';
import type { GraphqlAnswer, TestGateway, TestUser } from '../test/kit/gateway.ts';
import { playDeploy, queueBuild } from '../test/kit/played-deploy.ts';

export type Person = 'ann' | 'ben' | 'cleo' | 'dora';

/** What there is when an example is run: Ann's apps, Ben and Cleo on the guestbook, and Dora, who is on none. */
export interface Story {
  gateway: TestGateway;
  people: Record<Person, TestUser>;
  ids: { guestbook: string; build: string; release: string; replica: string };
  /** What somebody asks for; throws where it is refused. */
  ask<T>(person: Person, query: string, variables?: object): Promise<T>;
  /** A browser with a page of the platform; it keeps the cookie that it is given. */
  browser: Browser;
  /** What the examples before were answered, by field. */
  answers: Map<string, unknown>;
}

export interface Browser { cookie: string | null; query<T>(query: string, variables: object): Promise<Pick<GraphqlAnswer<T>, 'data' | 'errors'>> }

export async function tellStory(gateway: TestGateway): Promise<Story> {
  const { db } = gateway.platform;
  const people = { ann: await createPerson(gateway, 'ann', true), ben: await createPerson(gateway, 'ben'), cleo: await createPerson(gateway, 'cleo'), dora: await createPerson(gateway, 'dora') };
  const ask: Story['ask'] = async <T>(person: Person, query: string, variables: object = {}) => {
    const { data, errors } = await gateway.query<T>(people[person], query, variables);
    assert.equal(errors, undefined, query);
    assert.doesNotMatch(JSON.stringify(data), /"message"/, query);
    return data;
  };
  for (const name of ['guestbook', 'shop', 'wiki', 'old-blog']) await ask('ann', `mutation { createApp(input: { name: "${name}" }) { ... on UserError { message } } }`);
  const { id: guestbook } = await db.app.findUniqueOrThrow({ where: { name: 'guestbook' } });
  await ask('ann', 'mutation { setConfig(input: { app: "guestbook", set: [{ key: "TITLE", value: "Guests" }, { key: "GREETING", value: "Hello" }] }) { ... on UserError { message } } }');
  await playDeploy(gateway, people.ann, guestbook);
  const { buildId: build, release } = await playDeploy(gateway, people.ann, guestbook, 'c');
  await ask('ann', 'mutation { scale(input: { app: "guestbook", processes: [{ type: "web", quantity: 2 }] }) { ... on UserError { message } } }');
  const replica = await db.replica.create({ data: { id: crypto.randomUUID(), appId: guestbook, releaseId: release.id, process: 'web', index: 1, status: 'UP' } });
  for (const app of await db.app.findMany({ where: { name: { in: ['guestbook', 'shop'] } } })) {
    await db.permission.createMany({ data: [{ appId: app.id, userId: people.ben.actor.userId, role: 'DEPLOYER' }, { appId: app.id, userId: people.cleo.actor.userId, role: 'VIEWER' }] });
  }
  const log = { gateway, platform: gateway.platform, appId: guestbook, ownerId: people.ann.actor.userId };
  await createLogSource(log, 'BUILD', build, { process: null, replica: null, release: null, build }).write(['-----> Node.js app detected', '-----> Installing dependencies', '-----> Done']);
  await createLogSource(log, 'APP', replica.id, { release: release.version }).write(['Listening on port 5000', 'GET / 200 in 4 ms']);
  return { gateway, people, ask, browser: openBrowser(gateway), answers: new Map(), ids: { guestbook, build, release: release.id, replica: replica.id } };
}

async function createPerson(gateway: TestGateway, name: Person, administrator = false): Promise<TestUser> {
  const user = await gateway.createUser(['ADMIN'], { administrator });
  const email = `${name}@example.org`;
  await gateway.platform.db.user.update({ where: { id: user.actor.userId }, data: { email } });
  return { ...user, actor: { ...user.actor, email } };
}

function openBrowser({ platform, http }: TestGateway): Browser {
  const self: Browser = {
    cookie: null,
    query: async <T>(query: string, variables: object) => {
      const page = { origin: platform.settings.url, 'user-agent': 'Firefox', 'x-forwarded-for': '192.0.2.7' };
      const { text, headers } = await http('/graphql', { method: 'POST', body: JSON.stringify({ query, variables }), headers: { 'content-type': 'application/json', ...page, ...(self.cookie === null ? {} : { cookie: self.cookie }) } });
      self.cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? self.cookie;
      return JSON.parse(text) as GraphqlAnswer<T>;
    },
  };
  return self;
}

/** A build that waits for a builder. */
export const aQueuedBuild = ({ gateway, people, ids }: Story): Promise<string> => queueBuild(gateway, people.ann, ids.guestbook);

/** An API key of Ann's. */
export async function anApiKey({ ask }: Story, name: string): Promise<string> {
  const { createApiKey } = await ask<{ createApiKey: { apiKey: { id: string } } }>('ann', 'mutation ($name: String!) { createApiKey(input: { name: $name, scopes: [READ] }) { ... on CreateApiKeyPayload { apiKey { id } } ... on UserError { message } } }', { name });
  return createApiKey.apiKey.id;
}

/** An open invitation to the guestbook. */
export async function anInvitation({ ask }: Story, email: string): Promise<string> {
  const { invitePerson } = await ask<{ invitePerson: { invitation: { id: string } } }>('ann', 'mutation ($email: String!) { invitePerson(input: { app: "guestbook", email: $email, role: VIEWER }) { ... on InvitePersonPayload { invitation { id } } ... on UserError { message } } }', { email });
  return invitePerson.invitation.id;
}

/** An open offer of the shop to Ben. */
export async function anOffer({ ask }: Story): Promise<string> {
  const { offerTransfer } = await ask<{ offerTransfer: { transfer: { id: string } } }>('ann', 'mutation { offerTransfer(input: { app: "shop", to: "ben@example.org" }) { ... on OfferTransferPayload { transfer { id } } ... on UserError { message } } }');
  return offerTransfer.transfer.id;
}

/** The app's version. */
export async function versionOf({ gateway }: Story, name: string): Promise<number> {
  return (await gateway.platform.db.app.findUniqueOrThrow({ where: { name } })).version;
}

/** A browser that somebody is logged in with. */
export async function aSession({ gateway: { platform: { db } } }: Story, email: string): Promise<{ id: string; secret: string }> {
  const { secret, hash } = createSecret();
  const { id } = await db.session.create({ data: { user: { connect: { email } }, hash, userAgent: 'Firefox', address: '192.0.2.8', expiresAt: new Date(Date.now() + 3_600_000) } });
  return { id, secret };
}

/** What the link in the last mail to this address has. */
export async function tokenOf({ gateway: { platform } }: Story, email: string): Promise<string> {
  const mails = await platform.db.mail.findMany({ orderBy: { createdAt: 'desc' } });
  const mail = mails.map((each) => openMail(platform, each)).find(({ to }) => to === email);
  return /\/account#[a-z]+=([\w-]{43})\n/.exec(mail?.text ?? '')?.[1] ?? assert.fail(`no link in ${JSON.stringify(mail)}`);
}
