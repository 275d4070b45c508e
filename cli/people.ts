import { Argument, Option } from 'commander';
import type { Command } from 'commander';
import { aboutApp, appName, noApp } from './app-option.ts';
import { payloadOf, query } from './client.ts';
import { CommandError } from './command-error.ts';
import { readCredentials } from './credentials.ts';
import { AcceptInvitation, ChangeRole, InvitePerson, LeaveApp, Offers, People, RemovePermission, RevokeInvitation } from './documents.ts';
import type { CliPeopleQuery, Role } from './gql/graphql.ts';
import { ago, printJson, printTable, say } from './print.ts';

type AboutApp = { app?: string };
export type AppPeople = NonNullable<CliPeopleQuery['app']>;

const ROLES = ['viewer', 'deployer', 'admin'];

export async function readPeople(name: string): Promise<AppPeople> {
  const { app } = await query(readCredentials(), People, { name });
  if (!app) throw noApp(name);
  return app;
}

async function list(options: AboutApp & { json?: boolean }): Promise<void> {
  const { owner, permissions, invitations, transfer } = await readPeople(appName(options));
  if (options.json) { printJson({ owner: owner.email, people: permissions.nodes.map(({ user, role }) => ({ email: user.email, role })), invitations: invitations.nodes }); return; }
  printTable(['WHO', 'ROLE', 'SINCE'], [
    [owner.email, 'owner', '-'],
    ...permissions.nodes.map(({ user, role, createdAt }) => [user.email, role.toLowerCase(), ago(createdAt)]),
    ...invitations.nodes.map(({ email, role, expiresAt }) => [email, (role ?? '').toLowerCase(), `invited, until ${expiresAt.slice(0, 10)}`]),
  ]);
  if (transfer) say(`The app is offered to ${transfer.to.email}, until ${transfer.expiresAt.slice(0, 10)}.`);
}

async function invite(email: string, { role, ...options }: AboutApp & { role: string }): Promise<void> {
  const app = appName(options);
  payloadOf((await query(readCredentials(), InvitePerson, { input: { app, email, role: role.toUpperCase() as Role } })).invitePerson);
  say(`${email} is invited to ${app} as ${role}, by a mail with a link that is good for 7 days.`);
}

async function changeRole(person: string, role: string, options: AboutApp): Promise<void> {
  const app = appName(options);
  payloadOf((await query(readCredentials(), ChangeRole, { input: { app, user: person, role: role.toUpperCase() as Role } })).changeRole);
  say(`${person} is ${role} of ${app} now.`);
}

/** Takes away a role, or an invitation that was not answered yet. */
async function remove(person: string, options: AboutApp): Promise<void> {
  const app = appName(options);
  const invitation = (await readPeople(app)).invitations.nodes.find(({ email }) => email === person.trim().toLowerCase());
  if (invitation) {
    payloadOf((await query(readCredentials(), RevokeInvitation, { input: { invitation: invitation.id } })).revokeInvitation);
    say(`The invitation of ${person} to ${app} is taken back.`);
    return;
  }
  payloadOf((await query(readCredentials(), RemovePermission, { input: { app, user: person } })).removePermission);
  say(`${person} has no role on ${app} any more.`);
}

async function listInvitations({ json }: { json?: boolean }): Promise<void> {
  const { invitations: { nodes } } = await query(readCredentials(), Offers, {});
  if (json) { printJson(nodes); return; }
  if (nodes.length === 0) { say('Nobody has invited you.'); return; }
  printTable(['APP', 'ROLE', 'BY', 'UNTIL'], nodes.map(({ appName: app, role, invitedBy, expiresAt }) => [app ?? '-', (role ?? '').toLowerCase(), invitedBy.email, expiresAt.slice(0, 10)]));
}

/** The id of an invitation by its app's name; null: `which` is none of those, and may be a mail's token. */
const findInvitation = async (which: string): Promise<string | null> => (await query(readCredentials(), Offers, {})).invitations.nodes.find(({ appName: app }) => app === which)?.id ?? null;

async function accept(which: string): Promise<void> {
  const id = await findInvitation(which);
  const { permission } = payloadOf((await query(readCredentials(), AcceptInvitation, { input: id === null ? { token: which } : { invitation: id } })).acceptInvitation);
  say(`You are ${permission.role.toLowerCase()} of ${permission.app.name} now.`);
}

async function decline(which: string): Promise<void> {
  const id = await findInvitation(which);
  if (id === null) throw new CommandError(`You have no invitation to "${which}".`, 'slipway invitations lists them.');
  payloadOf((await query(readCredentials(), RevokeInvitation, { input: { invitation: id } })).revokeInvitation);
  say(`The invitation to ${which} is declined.`);
}

export function addPeopleCommands(program: Command): void {
  aboutApp(program.command('people').description('list who has a role on an app, and who is invited')).option('--json', 'as JSON').action(list);
  aboutApp(program.command('people:invite').argument('<email>').description('ask somebody by e-mail to join an app')).addOption(new Option('--role <role>', 'what they may do').choices(ROLES).default('deployer')).action(invite);
  aboutApp(program.command('people:role').argument('<person>', 'their e-mail address').addArgument(new Argument('<role>').choices(ROLES)).description('give somebody another role')).action(changeRole);
  aboutApp(program.command('people:remove').argument('<person>', 'their e-mail address').description('take somebody\'s role or invitation away')).action(remove);
  aboutApp(program.command('people:leave').description('give up your own role on an app')).action(async (options: AboutApp) => {
    const app = appName(options);
    payloadOf((await query(readCredentials(), LeaveApp, { input: { app } })).leaveApp);
    say(`You have left ${app}.`);
  });
  program.command('invitations').description('list the apps that you are invited to').option('--json', 'as JSON').action(listInvitations);
  program.command('invitations:accept').argument('<app>', 'the app\'s name, or what the link in the mail ends with').description('join an app').action(accept);
  program.command('invitations:decline').argument('<app>', 'the app\'s name').description('do not join an app').action(decline);
}
