import type { Permission, Prisma, Role } from '../../prisma/generated/client/client.ts';
import { isUuid, requireGrant } from '../access.ts';
import type { Actor } from '../access.ts';
import { openApp } from '../app/change-app-as.ts';
import type { AppChangeAs } from '../app/change-app-as.ts';
import type { Platform } from '../platform.ts';
import { storedText } from '../stored-text.ts';
import { tellRights } from '../tell-access.ts';
import { InvalidInput, NotFound } from '../user-error.ts';

const withUser = { user: { select: { email: true } } } as const;
type PermissionOfUser = Prisma.PermissionGetPayload<{ include: typeof withUser }>;

/** What is said of a user among an app's people, by their id or e-mail address. */
const personWhere = (idOrEmail: string): Prisma.UserWhereInput => (isUuid(idOrEmail) ? { id: idOrEmail } : { email: storedText(idOrEmail).trim().toLowerCase() });

/** The role that somebody has on the app; the owner has none of these. Throws NotFound, Forbidden for the owner and for a role that the actor may not deal with. */
async function requirePermission({ tx, app }: AppChangeAs, actor: Actor, idOrEmail: string): Promise<PermissionOfUser> {
  const found = await tx.permission.findFirst({ where: { appId: app.id, user: personWhere(idOrEmail) }, include: withUser });
  if (!found) {
    if (await tx.user.findFirst({ where: { AND: [{ id: app.ownerId }, personWhere(idOrEmail)] }, select: { id: true } })) requireGrant(actor, app, 'OWNER');
    throw new NotFound('person with a role on this app', idOrEmail, { path: ['input', 'user'] });
  }
  requireGrant(actor, app, found.role);
  return found;
}

/** Gives somebody who has a role on the app another one. The same again changes nothing. Throws NotFound, Forbidden, InvalidInput. */
export async function changeRole(platform: Platform, actor: Actor, input: { app: string; user: string; role: Role }): Promise<Permission> {
  const { role } = input;
  const app = await openApp(platform, actor, input.app, 'managePeople');
  if (role === 'OWNER') throw new InvalidInput('Nobody is made the owner: the owner offers the app, and the other takes it.', { path: ['input', 'role'], hint: 'offerTransfer offers it.' });
  const { permission, changed } = await app.change({ bump: false }, async (under) => {
    const found = await requirePermission(under, actor, input.user);
    requireGrant(actor, under.app, role);
    if (found.role === role) return { permission: found, changed: false };
    under.event('PersonRoleChanged', { userId: found.userId, email: found.user.email, role, formerRole: found.role });
    return { permission: await under.tx.permission.update({ where: { id: found.id }, data: { role } }), changed: true };
  });
  if (changed) tellRights(platform, permission.userId);
  return permission;
}

/** Takes somebody's role on the app away; what they follow and push there ends. Throws NotFound, Forbidden. */
export async function removePermission(platform: Platform, actor: Actor, input: { app: string; user: string }): Promise<{ appId: string; userId: string }> {
  const app = await openApp(platform, actor, input.app, 'managePeople');
  const removed = await app.change({ bump: false }, async (under) => {
    const found = await requirePermission(under, actor, input.user);
    await takeAway(under, found);
    under.event('PersonRemoved', { userId: found.userId, email: found.user.email });
    return found;
  });
  tellRights(platform, removed.userId);
  return removed;
}

/** Gives up one's own role on an app. Throws NotFound, Forbidden, InvalidInput for its owner. */
export async function leaveApp(platform: Platform, actor: Actor, nameOrId: string): Promise<{ appId: string; userId: string }> {
  const app = await openApp(platform, actor, nameOrId, 'leave');
  const left = await app.change({ bump: false }, async (under) => {
    const found = await under.tx.permission.findUnique({ where: { appId_userId: { appId: under.app.id, userId: actor.userId } } });
    if (!found) throw new InvalidInput('The owner of an app cannot leave it: give it to somebody else, or delete it.', { path: ['input', 'app'] });
    await takeAway(under, found);
    under.event('PersonLeft', { userId: actor.userId, email: actor.email });
    return found;
  });
  tellRights(platform, actor.userId);
  return left;
}

/** A transfer is to somebody with a role: it ends with it. */
async function takeAway({ tx }: AppChangeAs, { id, appId, userId }: Permission): Promise<void> {
  await tx.permission.delete({ where: { id } });
  await tx.transfer.updateMany({ where: { appId, toId: userId, acceptedAt: null, endedAt: null }, data: { endedAt: new Date() } });
}
