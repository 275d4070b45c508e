import { z } from 'zod';

const role = z.enum(['VIEWER', 'DEPLOYER', 'ADMIN', 'OWNER']);
const person = z.object({ userId: z.uuid(), email: z.string() });

/** What can happen to keys, to people, and to whose an app is. */
export const peopleEventData = {
  ApiKeyRotated: z.object({ name: z.string() }),
  DeployKeyCreated: z.object({ name: z.string() }),
  DeployKeyRevoked: z.object({ name: z.string() }),
  DeployKeyRotated: z.object({ name: z.string() }),
  SshKeyAdded: z.object({ name: z.string(), fingerprint: z.string() }),
  SshKeyRemoved: z.object({ name: z.string(), fingerprint: z.string() }),
  UserInvited: z.object({ email: z.string() }),
  UserInvitationRevoked: z.object({ email: z.string() }),
  PersonInvited: z.object({ email: z.string(), role }),
  InvitationRevoked: z.object({ email: z.string() }),
  PersonJoined: person.extend({ role }),
  PersonRoleChanged: person.extend({ role, formerRole: role }),
  PersonRemoved: person,
  PersonLeft: person,
  TransferOffered: person,
  TransferDeclined: person,
  TransferWithdrawn: person,
  AppTransferred: person,
  AppRenamed: z.object({ name: z.string(), formerName: z.string() }),
} as const;

type PeopleEventType = keyof typeof peopleEventData;
export type PeopleEvent = { [T in PeopleEventType]: { type: T; data: z.infer<(typeof peopleEventData)[T]> } }[PeopleEventType];

export const isPeopleEvent = (event: { type: string }): event is PeopleEvent => Object.hasOwn(peopleEventData, event.type);

/** One sentence for the app's log. */
export function describePeopleEvent({ type, data }: PeopleEvent): string {
  switch (type) {
    case 'ApiKeyRotated': return `API key ${data.name} rotated`;
    case 'DeployKeyCreated': return `Deploy key ${data.name} created`;
    case 'DeployKeyRevoked': return `Deploy key ${data.name} revoked`;
    case 'DeployKeyRotated': return `Deploy key ${data.name} rotated`;
    case 'SshKeyAdded': return `SSH key ${data.name} (${data.fingerprint}) added`;
    case 'SshKeyRemoved': return `SSH key ${data.name} (${data.fingerprint}) removed`;
    case 'UserInvited': return `${data.email} invited to the platform`;
    case 'UserInvitationRevoked': return `Invitation of ${data.email} to the platform revoked`;
    case 'PersonInvited': return `${data.email} invited as ${data.role}`;
    case 'InvitationRevoked': return `Invitation of ${data.email} revoked`;
    case 'PersonJoined': return `${data.email} joined as ${data.role}`;
    case 'PersonRoleChanged': return `${data.email} is ${data.role} now, and was ${data.formerRole}`;
    case 'PersonRemoved': return `${data.email} removed`;
    case 'PersonLeft': return `${data.email} left`;
    case 'TransferOffered': return `The app was offered to ${data.email}`;
    case 'TransferDeclined': return `${data.email} declined to take the app`;
    case 'TransferWithdrawn': return `The offer of the app to ${data.email} was withdrawn`;
    case 'AppTransferred': return `${data.email} owns the app now`;
    case 'AppRenamed': return `The app is called ${data.name} now, and was ${data.formerName}`;
  }
}
