import type { App, Prisma, Transfer } from '../../prisma/generated/client/client.ts';
import { isUuid, requireAccount, visibleTransfers } from '../access.ts';
import type { Actor } from '../access.ts';
import type { AppChange } from '../app/change-app.ts';
import { changeAppAs, openApp } from '../app/change-app-as.ts';
import type { Require } from '../app/change-app-as.ts';
import { readEmail } from '../account/email-address.ts';
import { once } from '../idempotency.ts';
import { mailTexts } from '../mail-text.ts';
import { queueMail, tellCourier } from '../mail.ts';
import type { Platform, Transaction } from '../platform.ts';
import { tellRights } from '../tell-access.ts';
import { NotFound, OfferEnded } from '../user-error.ts';

const TRANSFER_MS = 7 * 86_400_000;

/** Transfers that can still be answered, as a `where`. */
export const openTransfers = (): Prisma.TransferWhereInput => ({ acceptedAt: null, endedAt: null, expiresAt: { gt: new Date() } });

export interface OfferTransferInput { app: string; to: string; idempotencyKey?: string | null | undefined }

/** Offers an app to somebody who has a role on it (so nobody learns here who has an account); an open offer of it is replaced. Throws InvalidInput, NotFound, Forbidden. */
export async function offerTransfer(platform: Platform, actor: Actor, input: OfferTransferInput): Promise<Transfer> {
  const { change } = await openApp(platform, actor, input.app, 'transfer');
  const email = readEmail(input.to, ['input', 'to']);
  const id = await change({ bump: false }, async ({ tx, app, event }) => {
    const made = await once(tx, actor, 'offerTransfer', input.idempotencyKey, { app: app.id, email }, async () => {
      const permission = await tx.permission.findFirst({ where: { appId: app.id, user: { email, deletedAt: null } } });
      if (!permission) throw new NotFound('person with a role on this app', email, { path: ['input', 'to'], hint: 'Invite them first; the app can be given to those who have joined it.' });
      await tx.transfer.updateMany({ where: { AND: [{ appId: app.id }, openTransfers()] }, data: { endedAt: new Date() } });
      const transfer = await tx.transfer.create({ data: { appId: app.id, fromId: actor.userId, toId: permission.userId, expiresAt: new Date(Date.now() + TRANSFER_MS) } });
      await queueMail(tx, platform, { to: email, ...mailTexts.transferOffer(platform.settings.url, transfer.id, { from: actor.email, app: app.name, lastDay: transfer.expiresAt }) });
      event('TransferOffered', { userId: permission.userId, email });
      return transfer.id;
    });
    return made.id;
  });
  tellCourier(platform);
  return platform.db.transfer.findUniqueOrThrow({ where: { id } });
}

/** Takes an app that was offered: its new owner. The old one stays as ADMIN. Doing it twice changes nothing. Throws NotFound, Forbidden, OfferEnded. */
export async function acceptTransfer(platform: Platform, actor: Actor, id: string): Promise<App> {
  const { appId, fromId } = await requireTransfer(platform.db, actor, id);
  const app = await answer(platform, actor, { id, appId }, async (under, offer) => {
    const { tx, event } = under;
    if (offer.acceptedAt && under.app.ownerId === actor.userId) return under.app;
    await requireOpen(under, offer);
    await tx.transfer.update({ where: { id }, data: { acceptedAt: new Date() } });
    await tx.permission.delete({ where: { appId_userId: { appId, userId: actor.userId } } });
    await tx.permission.create({ data: { appId, userId: fromId, role: 'ADMIN' } });
    event('AppTransferred', { userId: actor.userId, email: actor.email });
    return tx.app.update({ where: { id: appId }, data: { ownerId: actor.userId } });
  });
  tellRights(platform, fromId, actor.userId);
  return app;
}

/** Does not take an app that was offered. Doing it twice changes nothing. Throws NotFound, Forbidden, OfferEnded where it was taken. */
export async function declineTransfer(platform: Platform, actor: Actor, id: string): Promise<Transfer> {
  const { appId } = await requireTransfer(platform.db, actor, id);
  return answer(platform, actor, { id, appId }, (under) => end(under, id, (person) => { under.event('TransferDeclined', person); }));
}

/** Takes the offer of an app back. Doing it twice changes nothing. Throws NotFound, Forbidden, OfferEnded where it was taken. */
export async function withdrawTransfer(platform: Platform, actor: Actor, id: string): Promise<Transfer> {
  const found = isUuid(id) ? await platform.db.transfer.findFirst({ where: { AND: [{ id }, visibleTransfers(actor)] } }) : null;
  if (!found) throw new NotFound('transfer', id, { path: ['input', 'transfer'] });
  const { change } = await openApp(platform, actor, found.appId, 'transfer', ['input', 'transfer']);
  return change({ bump: false }, (under) => end(under, id, (person) => { under.event('TransferWithdrawn', person); }));
}

/** A transfer that was offered to the actor. */
async function requireTransfer(db: Transaction, actor: Actor, id: string): Promise<Transfer> {
  requireAccount(actor, 'join');
  const found = isUuid(id) ? await db.transfer.findFirst({ where: { id, toId: actor.userId } }) : null;
  if (!found) throw new NotFound('transfer', id, { path: ['input', 'transfer'] });
  return found;
}

/** Under the app's row lock; a deleted app is none to be taken. */
async function answer<T>(platform: Platform, actor: Actor, { id, appId }: Pick<Transfer, 'id' | 'appId'>, change: (under: AppChange, offer: Transfer) => Promise<T>): Promise<T> {
  const require: Require<Transfer> = (tx, now) => requireTransfer(tx, now, id);
  return changeAppAs(platform, actor, appId, { bump: false, require }, change).catch((error: unknown) => {
    throw error instanceof NotFound ? new OfferEnded('The app was deleted.') : error;
  });
}

async function requireOpen({ tx, app }: AppChange, offer: Transfer): Promise<void> {
  if (offer.acceptedAt || offer.endedAt) throw new OfferEnded('This transfer was answered or taken back.');
  if (offer.expiresAt <= new Date()) throw new OfferEnded('This transfer has expired.');
  if (app.ownerId !== offer.fromId) throw new OfferEnded('The app has another owner now than the one who offered it.');
  if (!await tx.permission.findUnique({ where: { appId_userId: { appId: app.id, userId: offer.toId } } })) throw new OfferEnded('You have no role on this app any more.');
}

async function end({ tx }: AppChange, id: string, tell: (person: { userId: string; email: string }) => void): Promise<Transfer> {
  const { count } = await tx.transfer.updateMany({ where: { id, acceptedAt: null, endedAt: null }, data: { endedAt: new Date() } });
  const { to, ...offer } = await tx.transfer.findUniqueOrThrow({ where: { id }, include: { to: { select: { id: true, email: true } } } });
  if (offer.acceptedAt) throw new OfferEnded('The app was taken already.');
  if (count > 0) tell({ userId: to.id, email: to.email });
  return offer;
}
