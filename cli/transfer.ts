import type { Command } from 'commander';
import { aboutApp, appName } from './app-option.ts';
import { payloadOf, query } from './client.ts';
import { CommandError } from './command-error.ts';
import { readCredentials } from './credentials.ts';
import { AcceptTransfer, DeclineTransfer, Offers, OfferTransfer, WithdrawTransfer } from './documents.ts';
import { readPeople } from './people.ts';
import { printTable, say } from './print.ts';

async function offer(to: string, options: { app?: string }): Promise<void> {
  const app = appName(options);
  const { transfer } = payloadOf((await query(readCredentials(), OfferTransfer, { input: { app, to } })).offerTransfer);
  say(`${app} is offered to ${to}, who may take it until ${transfer.expiresAt.slice(0, 10)}. Until then it is yours.`);
}

/** The id of what was offered to the person. */
async function findTransfer(app: string): Promise<string> {
  const { viewer } = await query(readCredentials(), Offers, {});
  const found = viewer?.transfers.nodes.find((transfer) => transfer.app.name === app);
  if (!found) throw new CommandError(`Nobody offers you the app "${app}".`, 'slipway transfers lists what is offered to you.');
  return found.id;
}

async function list(): Promise<void> {
  const nodes = (await query(readCredentials(), Offers, {})).viewer?.transfers.nodes ?? [];
  if (nodes.length === 0) { say('Nobody offers you an app.'); return; }
  printTable(['APP', 'FROM', 'UNTIL'], nodes.map(({ app, from, expiresAt }) => [app.name, from.email, expiresAt.slice(0, 10)]));
}

async function accept(app: string): Promise<void> {
  payloadOf((await query(readCredentials(), AcceptTransfer, { input: { transfer: await findTransfer(app) } })).acceptTransfer);
  say(`${app} is yours.`);
}

async function decline(app: string): Promise<void> {
  payloadOf((await query(readCredentials(), DeclineTransfer, { input: { transfer: await findTransfer(app) } })).declineTransfer);
  say(`You do not take ${app}.`);
}

async function withdraw(options: { app?: string }): Promise<void> {
  const app = appName(options);
  const { transfer } = await readPeople(app);
  if (!transfer) throw new CommandError(`${app} is offered to nobody.`);
  payloadOf((await query(readCredentials(), WithdrawTransfer, { input: { transfer: transfer.id } })).withdrawTransfer);
  say(`${app} is not offered to ${transfer.to.email} any more.`);
}

export function addTransferCommands(program: Command): void {
  aboutApp(program.command('transfer').argument('<email>', 'somebody who has a role on it').description('offer an app to a new owner, who has to accept')).action(offer);
  aboutApp(program.command('transfer:withdraw').description('take the offer of an app back')).action(withdraw);
  program.command('transfers').description('list the apps that are offered to you').action(list);
  program.command('transfer:accept').argument('<app>').description('take an app that is offered to you').action(accept);
  program.command('transfer:decline').argument('<app>').description('do not take an app that is offered to you').action(decline);
}
