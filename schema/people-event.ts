import type { EventData, EventType } from '../platform/event.ts';
import { builder } from './builder.ts';
import { interfaces, named } from './event-details.ts';
import { RoleRef } from './role.ts';

type With<F extends string> = { [T in EventType]: EventData<T> extends Record<F, string> ? T : never }[EventType];

const keyEvent = (type: 'ApiKeyRotated' | 'DeployKeyCreated' | 'DeployKeyRevoked' | 'DeployKeyRotated', description: string) => builder.objectType(named(type), {
  description, interfaces, fields: (t) => ({ name: t.string({ description: 'The key\'s name.', resolve: ({ data }) => data.name }) }),
});

const sshKeyEvent = (type: 'SshKeyAdded' | 'SshKeyRemoved', description: string) => builder.objectType(named(type), {
  description, interfaces,
  fields: (t) => ({
    name: t.string({ description: 'The key\'s name.', resolve: ({ data }) => data.name }),
    fingerprint: t.string({ description: 'The key\'s fingerprint.', resolve: ({ data }) => data.fingerprint }),
  }),
});

/** What happened to somebody who is told by their e-mail address at that time. */
const personEvent = <T extends With<'email'>>(type: T, description: string) => {
  const ref = builder.objectType(named(type), { description, interfaces });
  builder.objectField(ref, 'email', (t) => t.string({ description: 'Their e-mail address.', resolve: ({ data }) => data.email }));
  return ref;
};

const PersonInvited = personEvent('PersonInvited', 'Somebody was asked by e-mail to join the app.');
builder.objectField(PersonInvited, 'role', (t) => t.field({ type: RoleRef, description: 'The role they shall have.', resolve: ({ data }) => data.role }));
const PersonJoined = personEvent('PersonJoined', 'Somebody accepted their invitation.');
builder.objectField(PersonJoined, 'role', (t) => t.field({ type: RoleRef, description: 'Their role.', resolve: ({ data }) => data.role }));
const PersonRoleChanged = personEvent('PersonRoleChanged', 'Somebody has another role.');
builder.objectFields(PersonRoleChanged, (t) => ({
  role: t.field({ type: RoleRef, description: 'Their role since then.', resolve: ({ data }) => data.role }),
  formerRole: t.field({ type: RoleRef, description: 'Their role before.', resolve: ({ data }) => data.formerRole }),
}));
const AppRenamed = builder.objectType(named('AppRenamed'), {
  description: 'The app has another name.', interfaces,
  fields: (t) => ({
    name: t.string({ description: 'Its name since then.', resolve: ({ data }) => data.name }),
    formerName: t.string({ description: 'Its name before, which goes on leading to it.', resolve: ({ data }) => data.formerName }),
  }),
});

/** Events about keys, people, and whose an app is. */
export const peopleEvents = [
  keyEvent('ApiKeyRotated', 'An API key was replaced by a new one.'),
  keyEvent('DeployKeyCreated', 'A deploy key was made for the app.'),
  keyEvent('DeployKeyRevoked', 'A deploy key of the app was revoked.'),
  keyEvent('DeployKeyRotated', 'A deploy key of the app was replaced by a new one.'),
  sshKeyEvent('SshKeyAdded', 'An SSH key was added.'),
  sshKeyEvent('SshKeyRemoved', 'An SSH key was taken away.'),
  personEvent('UserInvited', 'Somebody was asked by e-mail to make an account.'),
  personEvent('UserInvitationRevoked', 'An invitation to the platform was taken back.'),
  PersonInvited,
  personEvent('InvitationRevoked', 'An invitation to the app was taken back, or declined.'),
  PersonJoined, PersonRoleChanged,
  personEvent('PersonRemoved', 'Somebody\'s role on the app was taken away.'),
  personEvent('PersonLeft', 'Somebody gave up their role on the app.'),
  personEvent('TransferOffered', 'The app was offered to somebody.'),
  personEvent('TransferDeclined', 'Somebody did not take the app.'),
  personEvent('TransferWithdrawn', 'The offer of the app was taken back.'),
  personEvent('AppTransferred', 'The app has another owner.'),
  AppRenamed,
];
