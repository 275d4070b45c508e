import type { User } from '../../prisma/generated/client/client.ts';
import { inNameOf } from '../access.ts';
import type { Actor } from '../access.ts';
import { deleteApp } from '../app/app.ts';
import { mailTexts } from '../mail-text.ts';
import { queueMail, tellCourier } from '../mail.ts';
import type { Platform, Transaction } from '../platform.ts';
import { tellRights } from '../tell-access.ts';
import { ConfirmationMismatch, InvalidInput, UserError } from '../user-error.ts';
import { writeUserEvent } from '../user-event.ts';
import { lockOwn, provenAccount } from './account.ts';
import { endSessions } from './session.ts';

export interface DeleteAccountInput { confirm: string; currentPassword?: string | null | undefined }

/**
 * Deletes the actor's account: nothing of theirs can be used any more from the commit on, and their apps are deleted right after it. The row
 * stays without a name, so that the ledger of other people's apps keeps its authors. Throws ConfirmationMismatch, InvalidInput, WrongPassword, TooManyAttempts, Forbidden.
 */
export async function deleteAccount(platform: Platform, actor: Actor, { confirm, currentPassword }: DeleteAccountInput): Promise<User> {
  const seen = await provenAccount(platform, actor, currentPassword);
  if (confirm.trim().toLowerCase() !== seen.email) throw new ConfirmationMismatch(seen.email, 'your account', 'address');
  await platform.db.$transaction(async (tx) => {
    // Before one's own row, and in one order: two who leave at once wait for each other here.
    if (seen.administrator) await tx.$queryRaw`SELECT 1 FROM "User" WHERE administrator ORDER BY id FOR UPDATE`;
    const user = await lockOwn(tx, seen);
    if (await isOnlyAdministrator(tx, user)) throw new InvalidInput('You are the only one who administers this platform; your account must stay.', { path: ['input', 'confirm'] });
    await queueMail(tx, platform, { to: user.email, ...mailTexts.accountDeleted(platform.settings.url) });
    await endAll(tx, actor);
    await writeUserEvent(tx, actor, 'AccountDeleted', {});
    await tx.user.update({
      where: { id: user.id },
      data: { email: `deleted ${user.id}`, deletedAt: new Date(), passwordHash: null, administrator: false, totpSecret: null, totpEnabledAt: null },
    });
  });
  tellRights(platform, seen.id);
  tellCourier(platform);
  await deleteAppsOf(platform, seen.id);
  return seen;
}

/** Whether nobody could manage the platform without this user: nothing in its API would help. */
export async function isOnlyAdministrator(db: Platform['db'] | Transaction, { id, administrator }: Pick<User, 'id' | 'administrator'>): Promise<boolean> {
  return administrator && await db.user.count({ where: { administrator: true, deletedAt: null, id: { not: id } } }) === 0;
}

async function endAll(tx: Transaction, actor: Actor): Promise<void> {
  const { userId } = actor;
  const now = new Date();
  await endSessions(tx, actor, null);
  await tx.apiKey.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: now } });
  await tx.emailToken.deleteMany({ where: { userId } });
  await tx.recoveryCode.deleteMany({ where: { userId } });
  await tx.sshKey.deleteMany({ where: { userId } });
  await tx.permission.deleteMany({ where: { userId } });
  await tx.idempotency.deleteMany({ where: { userId } });
  await tx.invitation.updateMany({ where: { invitedById: userId, acceptedAt: null, revokedAt: null }, data: { revokedAt: now } });
  await tx.transfer.updateMany({ where: { OR: [{ fromId: userId }, { toId: userId }], acceptedAt: null, endedAt: null }, data: { endedAt: now } });
}

/** Deletes what a deleted user still owns, as its owner would. An app that came to them at the same moment is found by the sweep. */
async function deleteAppsOf(platform: Platform, userId: string): Promise<void> {
  for (const app of await platform.db.app.findMany({ where: { ownerId: userId, deletedAt: null }, select: { id: true, name: true } })) {
    await deleteApp(platform, inNameOf(userId), { app: app.id, confirm: app.name }).catch((error: unknown) => {
      // Meanwhile it went to somebody else, or got another name, by which the sweep finds it.
      if (!(error instanceof UserError)) throw error;
    });
  }
}

/** Finishes what a gateway that was killed left of a deletion, and what reached a deleted user in the moment of it. */
export async function sweepDeletedAccounts(platform: Platform): Promise<void> {
  const owners = await platform.db.app.findMany({ where: { deletedAt: null, owner: { deletedAt: { not: null } } }, select: { ownerId: true }, distinct: ['ownerId'] });
  for (const { ownerId } of owners) await deleteAppsOf(platform, ownerId);
  const ofDeleted = { where: { user: { deletedAt: { not: null } } } };
  await platform.db.sshKey.deleteMany(ofDeleted);
  await platform.db.permission.deleteMany(ofDeleted);
}
