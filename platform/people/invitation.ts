import type { Invitation, Permission, Prisma, Role } from '../../prisma/generated/client/client.ts';
import { inNameOf, isOwnInvitation, isUuid, mayApp, requireAccount, requireGrant, visibleInvitations, withRights } from '../access.ts';
import type { Actor } from '../access.ts';
import { hasAccount } from '../account/account.ts';
import { requireAccountNow } from '../actor-now.ts';
import { lockUntilCommit } from '../advisory-lock.ts';
import { hashSecret, randomSecret } from '../key/api-key-secret.ts';
import { changeAppAs, openApp } from '../app/change-app-as.ts';
import type { ChangeBy, Require } from '../app/change-app-as.ts';
import { readEmail } from '../account/email-address.ts';
import { once } from '../idempotency.ts';
import { mailTexts } from '../mail-text.ts';
import { queueMail, tellCourier } from '../mail.ts';
import type { Platform, Transaction } from '../platform.ts';
import { writeUserEvent } from '../user-event.ts';
import { AlreadyMember, Forbidden, InvalidInput, NotFound, OfferEnded } from '../user-error.ts';

const DAY_MS = 86_400_000;
const INVITATION_MS = 7 * DAY_MS;
/** Mails go to whom somebody names: so many a day, of one person. */
const MOST_A_DAY = 100;

/** Invitations that can still be accepted, as a `where`. */
export const openInvitations = (): Prisma.InvitationWhereInput => ({ acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } });

export interface InvitePersonInput { app: string; email: string; role: Role; idempotencyKey?: string | null | undefined }

/** Asks somebody by e-mail to join an app; an open invitation of theirs to it is replaced. Throws InvalidInput, NotFound, Forbidden, AlreadyMember. */
export async function invitePerson(platform: Platform, actor: Actor, input: InvitePersonInput): Promise<Invitation> {
  const { change } = await openApp(platform, actor, input.app, 'managePeople');
  const email = readEmail(input.email);
  const { role } = input;
  const id = await change({ bump: false }, async ({ tx, app, event }) => {
    requireGrant(actor, app, role);
    const made = await once(tx, actor, 'invitePerson', input.idempotencyKey, { app: app.id, email, role }, async () => {
      if (await tx.user.findFirst({ where: { email, OR: [{ id: app.ownerId }, { permissions: { some: { appId: app.id } } }] }, select: { id: true } })) throw new AlreadyMember(`${email} has a role on this app`, ['input', 'email']);
      const invitation = await insertInvitation(platform, tx, actor, { email, appId: app.id, role, to: { app: app.name, role } });
      event('PersonInvited', { email, role });
      return invitation.id;
    });
    return made.id;
  });
  tellCourier(platform);
  return platform.db.invitation.findUniqueOrThrow({ where: { id } });
}

/** Asks somebody by e-mail to make an account. Throws InvalidInput, Forbidden, AlreadyMember. */
export async function inviteUser(platform: Platform, actor: Actor, input: { email: string; idempotencyKey?: string | null | undefined }): Promise<Invitation> {
  requireAccount(actor, 'managePlatform');
  const email = readEmail(input.email);
  const { id } = await platform.db.$transaction((tx) => once(tx, actor, 'inviteUser', input.idempotencyKey, { email }, async () => {
    await requireAccountNow(tx, actor, 'managePlatform');
    // Anybody can have signed up with the address; that must not keep its owner from being invited.
    if (await hasAccount(tx, email)) throw new AlreadyMember(`${email} has an account`, ['input', 'email']);
    const invitation = await insertInvitation(platform, tx, actor, { email, appId: null, role: null, to: null });
    await writeUserEvent(tx, actor, 'UserInvited', { email });
    return invitation.id;
  }));
  tellCourier(platform);
  return platform.db.invitation.findUniqueOrThrow({ where: { id } });
}

interface NewInvitation { email: string; appId: string | null; role: Role | null; to: { app: string; role: Role } | null }

/** The row and its mail; only the mail has the token. */
async function insertInvitation(platform: Platform, tx: Transaction, actor: Actor, { email, appId, role, to }: NewInvitation): Promise<Invitation> {
  // One who invites twice at once waits here, so that the limit is one.
  await lockUntilCommit(tx, `invitations of ${actor.userId}`);
  if (await tx.invitation.count({ where: { invitedById: actor.userId, createdAt: { gt: new Date(Date.now() - DAY_MS) } } }) >= MOST_A_DAY) throw new InvalidInput(`You have sent ${MOST_A_DAY} invitations within a day; send more tomorrow.`, { path: ['input', 'email'] });
  await tx.invitation.updateMany({ where: { AND: [{ email, appId }, openInvitations()] }, data: { revokedAt: new Date() } });
  const token = randomSecret();
  const expiresAt = new Date(Date.now() + INVITATION_MS);
  await queueMail(tx, platform, { to: email, ...mailTexts.invitation(platform.settings.url, token, { from: actor.email, to, lastDay: expiresAt }) });
  return tx.invitation.create({ data: { appId, email, role, hash: hashSecret(token), invitedById: actor.userId, expiresAt } });
}

/** The open invitation that a mail's token stands for; null: there is none, or it has ended. */
export async function findOpenInvitation(db: Platform['db'] | Transaction, token: string): Promise<Invitation | null> {
  return db.invitation.findFirst({ where: { AND: [{ hash: hashSecret(token) }, openInvitations()] } });
}

/** Which invitation: by the token of its mail, or by its id, which those see who have its address. */
export interface AcceptInvitationInput { token?: string | null | undefined; invitation?: string | null | undefined }

/** Joins the app that one was invited to. Doing it twice changes nothing. Throws InvalidInput, NotFound, Forbidden, AlreadyMember, OfferEnded. */
export async function acceptInvitation(platform: Platform, actor: Actor, input: AcceptInvitationInput): Promise<Permission> {
  const { appId } = await requireOwnInvitation(platform.db, actor, input);
  if (appId === null) throw new AlreadyMember('You have an account on this platform');
  const require: Require<Invitation> = (tx, now) => requireOwnInvitation(tx, now, input);
  return changeAppAs(platform, actor, appId, { bump: false, require }, join).catch((error: unknown) => {
    throw error instanceof NotFound ? new OfferEnded('The app of this invitation was deleted.') : error;
  });
}

/** An invitation that was sent to the actor, whose address is known to be theirs. */
async function requireOwnInvitation(db: Transaction, actor: Actor, { token, invitation }: AcceptInvitationInput): Promise<Invitation> {
  requireAccount(actor, 'join');
  if ((token == null) === (invitation == null)) throw new InvalidInput('Give the token of the mail or the id of the invitation: one of the two.', { path: ['input'] });
  const where = token == null ? { id: invitation ?? '' } : { hash: hashSecret(token) };
  const found = token == null && !isUuid(invitation ?? '') ? null : await db.invitation.findFirst({ where });
  const isOwn = found !== null && isOwnInvitation(actor, found);
  // Whoever holds a token knows of the invitation; an id is nothing to others.
  if (!found || (token == null && !isOwn)) throw new NotFound('invitation', invitation ?? `${token?.slice(0, 6)}…`, { path: ['input', token == null ? 'invitation' : 'token'] });
  if (!isOwn) throw new Forbidden('accept this invitation: it was sent to another e-mail address than yours');
  const { emailConfirmedAt } = await db.user.findUniqueOrThrow({ where: { id: actor.userId }, select: { emailConfirmedAt: true } });
  if (!emailConfirmedAt) throw new Forbidden('accept an invitation before you have confirmed your e-mail address');
  return found;
}

/** Under the app's row lock: the invitation is used once, and counts for as much as whoever sent it may give now. */
async function join({ tx, app, actor, event }: ChangeBy, { id, role, invitedById, ...invitation }: Invitation): Promise<Permission> {
  const permission = await tx.permission.findUnique({ where: { appId_userId: { appId: app.id, userId: actor.userId } } });
  if (invitation.acceptedAt && permission) return permission;
  if (invitation.acceptedAt) throw new OfferEnded('This invitation was accepted before.');
  if (invitation.revokedAt) throw new OfferEnded('This invitation was taken back.');
  if (invitation.expiresAt <= new Date()) throw new OfferEnded('This invitation has expired.');
  if (permission || app.ownerId === actor.userId) throw new AlreadyMember('You have a role on this app');
  if (role === null || !await mayStillInvite(tx, app.id, invitedById)) throw new OfferEnded('Whoever sent this invitation may not invite people to this app any more.');
  await tx.invitation.update({ where: { id }, data: { acceptedAt: new Date() } });
  event('PersonJoined', { userId: actor.userId, email: actor.email, role });
  return tx.permission.create({ data: { appId: app.id, userId: actor.userId, role } });
}

async function mayStillInvite(tx: Transaction, appId: string, userId: string): Promise<boolean> {
  const inviter = inNameOf(userId);
  const app = await tx.app.findUniqueOrThrow({ where: { id: appId }, include: withRights(inviter) });
  return mayApp(inviter, app, 'managePeople');
}

/** Takes an invitation back, or (whom it was sent to) declines it. Doing it twice changes nothing. Throws NotFound, OfferEnded where it was accepted. */
export async function revokeInvitation(platform: Platform, actor: Actor, id: string): Promise<Invitation> {
  const require: Require<Invitation> = (tx, now) => requireInvitation(tx, now, id);
  const { appId, email } = await requireInvitation(platform.db, actor, id);
  const revoke = async (tx: Transaction, tell: () => Promise<void> | void): Promise<Invitation> => {
    const { count } = await tx.invitation.updateMany({ where: { id, acceptedAt: null, revokedAt: null }, data: { revokedAt: new Date() } });
    if (count > 0) await tell();
    const now = await tx.invitation.findUniqueOrThrow({ where: { id } });
    if (now.acceptedAt) throw new OfferEnded('This invitation was accepted: take the person\'s role away instead.');
    return now;
  };
  return appId === null
    ? platform.db.$transaction((tx) => revoke(tx, () => writeUserEvent(tx, actor, 'UserInvitationRevoked', { email })))
    : changeAppAs(platform, actor, appId, { bump: false, require }, ({ tx, event }) => revoke(tx, () => { event('InvitationRevoked', { email }); }));
}

/** An invitation that exists for the actor. */
async function requireInvitation(db: Transaction, actor: Actor, id: string): Promise<Invitation> {
  const found = isUuid(id) ? await db.invitation.findFirst({ where: { AND: [{ id }, visibleInvitations(actor)] } }) : null;
  if (!found) throw new NotFound('invitation', id, { path: ['input', 'invitation'] });
  return found;
}
