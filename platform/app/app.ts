import { notify } from '../../bus/ask.ts';
import { appChanged } from '../../bus/app.ts';
import { buildCanceled } from '../../bus/build.ts';
import type { App } from '../../prisma/generated/client/client.ts';
import { isUniqueViolation } from '../../prisma/client.ts';
import { isUuid, requireAccount } from '../access.ts';
import type { Actor } from '../access.ts';
import { requireAccountNow } from '../actor-now.ts';
import { lockUntilCommit } from '../advisory-lock.ts';
import { openApp } from './change-app-as.ts';
import type { AppChange } from './change-app.ts';
import { once } from '../idempotency.ts';
import type { Platform, Transaction } from '../platform.ts';
import { ConfirmationMismatch, InvalidInput, NameTaken } from '../user-error.ts';

const NAME = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** Host names of the platform itself, and such as people would take for it. */
const RESERVED = new Set(['admin', 'api', 'app', 'apps', 'auth', 'blobs', 'dashboard', 'docs', 'git', 'graphql', 'healthz', 'localhost', 'login', 'mail', 'metrics', 'slipway', 'ssh', 'static', 'status', 'support', 'www']);

/** Whether an app may be called this, as far as its letters go. */
export const isAppName = (name: string): boolean => NAME.test(name) && !name.includes('--');

/** Throws InvalidInput with what a name must be: it becomes a host name. */
export function checkAppName(name: string): void {
  const path = ['input', 'name'];
  if (!isAppName(name)) throw new InvalidInput(`"${name.slice(0, 60)}" is no app name: it takes 1 to 40 lower-case letters, digits and single hyphens, starts with a letter and does not end with a hyphen.`, { path });
  if (isUuid(name)) throw new InvalidInput('An app name must not look like an id: every app is also found by its id.', { path });
  if (RESERVED.has(name)) throw new InvalidInput(`"${name}" is reserved for the platform; choose another name.`, { path });
}

/** Claims a name for an app (null: a new one) until the end of the transaction. Throws NameTaken where another app has it or had it: old addresses go on leading there. */
export async function takeName(tx: Transaction, name: string, appId: string | null): Promise<void> {
  // Two at once: the second waits here until the first has committed. One who gives the name up at the moment has it in one of the two tables, and one statement sees both as they were at one time.
  await lockUntilCommit(tx, `app name ${name}`);
  const [taken] = await tx.$queryRaw<object[]>`
    SELECT 1 FROM "App" WHERE name = ${name} UNION ALL SELECT 1 FROM "FormerName" WHERE name = ${name} AND "appId" IS DISTINCT FROM ${appId}::uuid LIMIT 1`;
  if (taken) throw new NameTaken(name);
}

/** A name that came back to its former owner between two looks is refused by the database itself. */
export const nameTakenOr = (name: string) => (error: unknown): never => {
  throw isUniqueViolation(error) ? new NameTaken(name) : error;
};

/** Makes an app of the actor's. Throws InvalidInput, NameTaken, Forbidden, IdempotencyConflict. */
export async function createApp(platform: Platform, actor: Actor, { name, idempotencyKey }: { name: string; idempotencyKey?: string | null | undefined }): Promise<App> {
  requireAccount(actor, 'createApp');
  checkAppName(name);
  const { id, repeated } = await platform.db.$transaction((tx) => once(tx, actor, 'createApp', idempotencyKey, { name }, async () => {
    await requireAccountNow(tx, actor, 'createApp');
    await takeName(tx, name, null);
    const app = await tx.app.create({ data: { name, ownerId: actor.userId, lastEvent: 1 } });
    await tx.event.create({ data: { appId: app.id, number: 1, type: 'AppCreated', data: { name }, actorId: actor.userId, apiKeyId: actor.apiKeyId } });
    return app.id;
  })).catch(nameTakenOr(name));
  if (!repeated) notify(platform.bus, appChanged, { appId: id });
  return platform.db.app.findUniqueOrThrow({ where: { id } });
}

/** Deletes an app for its users at once; what runs of it ends, and then its rows go. Throws NotFound, Forbidden, ConfirmationMismatch. */
export async function deleteApp(platform: Platform, actor: Actor, input: { app: string; confirm: string }): Promise<App> {
  const { app, change } = await openApp(platform, actor, input.app, 'delete');
  if (input.confirm !== app.name) throw new ConfirmationMismatch(app.name);
  const { deleted, canceled } = await change({}, writeDeletion);
  for (const buildId of canceled) notify(platform.bus, buildCanceled, { buildId });
  return { ...deleted, name: app.name };
}

/** Ends what waits, asks what runs to end, and says so; the app's own end is its last event. */
async function writeDeletion({ tx, app, event }: AppChange): Promise<{ deleted: App; canceled: string[] }> {
  const queued = await tx.build.updateManyAndReturn({ where: { appId: app.id, status: 'QUEUED' }, data: { status: 'CANCELED', endedAt: new Date() } });
  for (const { id, number } of queued) event('BuildCanceled', { buildId: id, number }, id);
  const running = await tx.build.updateManyAndReturn({ where: { appId: app.id, status: 'RUNNING' }, data: { cancelRequestedAt: new Date() }, select: { id: true } });
  event('AppDeleted', { name: app.name });
  // The key that made it may make another: nothing is left to answer a repeat with.
  await tx.idempotency.deleteMany({ where: { resultId: app.id } });
  await tx.formerName.deleteMany({ where: { appId: app.id } });
  // The names are free again at once; the id keeps the row findable for those who clean up.
  const deleted = await tx.app.update({ where: { id: app.id }, data: { deletedAt: new Date(), name: `deleted ${app.id}` } });
  return { deleted, canceled: running.map(({ id }) => id) };
}

/** The address at which people reach an app. */
export function appUrl({ settings }: Pick<Platform, 'settings'>, app: Pick<App, 'name'>): string {
  const origin = new URL(settings.url);
  return `${origin.protocol}//${app.name}.${settings.domain}${origin.port === '' ? '' : `:${origin.port}`}`;
}

/** The address to push to. */
export function gitUrl({ settings }: Pick<Platform, 'settings'>, app: Pick<App, 'name'>): string {
  return `${settings.gitUrl}/${app.name}.git`;
}
