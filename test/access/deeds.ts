import { ask } from './ask.ts';
import type { Rule } from './rules.ts';
import type { Visitor, World } from './world.ts';

/** A mutation, who may do it, and an input with which it stops only after it was found that they may: nothing changes, so that all can try. */
interface Deed {
  rule: Rule;
  input: (world: World, visitor: Visitor) => string;
  /** Where in the input is named what does not exist: who is told so was let in. */
  missing?: string;
}

/** Every mutation. One that stands nowhere fails the test: decide who may do it. */
export const deeds: Record<string, Deed> = {
  createApp: { rule: 'account', input: () => '{ name: "-" }' },
  deleteApp: { rule: 'own', input: ({ app }) => `{ app: "${app.id}", confirm: "no" }` },
  setConfig: { rule: 'writeConfig', input: ({ app }) => `{ app: "${app.id}", set: [{ key: "-", value: "" }] }` },
  copyConfig: { rule: 'writeConfig', input: ({ app }) => `{ from: "${app.id}", to: "${app.id}" }` },
  rotateEncryptionKey: { rule: 'platform', input: () => '{ keyId: "none" }' },
  scale: { rule: 'deploy', input: ({ app }) => `{ app: "${app.id}", processes: [] }` },
  restart: { rule: 'deploy', input: ({ app }) => `{ app: "${app.id}", process: "nothing" }` },
  rollBack: { rule: 'deploy', input: ({ app }) => `{ app: "${app.id}", to: 1000 }` },
  cancelBuild: { rule: 'deploy', input: ({ ids }) => `{ build: "${ids.build}" }` },
  revokeApiKey: { rule: 'ownAccount', input: ({ ids }) => `{ apiKey: "${ids.otherKey}" }` },
  acceptInvitation: { rule: 'account', input: ({ ended }, visitor) => `{ token: "${ended[visitor].token}" }` },
  acceptTransfer: { rule: 'account', input: ({ ended }, visitor) => `{ transfer: "${ended[visitor].transfer}" }` },
  addSshKey: { rule: 'account', input: () => '{ name: "", publicKey: "" }' },
  changeRole: { rule: 'manage', input: ({ app }) => `{ app: "${app.id}", user: "nobody@example.org", role: VIEWER }`, missing: 'user' },
  createDeployKey: { rule: 'manage', input: ({ app }) => `{ app: "${app.id}", name: "robot" }` },
  declineTransfer: { rule: 'account', input: ({ ended }, visitor) => `{ transfer: "${ended[visitor].transfer}" }` },
  invitePerson: { rule: 'manage', input: ({ app }) => `{ app: "${app.id}", email: "new@example.org", role: VIEWER }` },
  inviteUser: { rule: 'platform', input: () => '{ email: "-" }' },
  leaveApp: { rule: 'leave', input: ({ app }) => `{ app: "${app.id}" }` },
  offerTransfer: { rule: 'own', input: ({ app }) => `{ app: "${app.id}", to: "nobody@example.org" }`, missing: 'to' },
  removePermission: { rule: 'manage', input: ({ app }) => `{ app: "${app.id}", user: "nobody@example.org" }`, missing: 'user' },
  removeSshKey: { rule: 'ownAccount', input: ({ ids }) => `{ sshKey: "${ids.sshKey}" }` },
  renameApp: { rule: 'manage', input: ({ app }) => `{ app: "${app.id}", name: "-" }` },
  revokeInvitation: { rule: 'manage', input: ({ ids }) => `{ invitation: "${ids.oldInvitation}" }` },
  rotateApiKey: { rule: 'ownAccount', input: ({ ids }) => `{ apiKey: "${ids.otherKey}", overlapSeconds: -1 }` },
  withdrawTransfer: { rule: 'own', input: ({ ids }) => `{ transfer: "${ids.oldTransfer}" }` },
  logOut: { rule: 'account', input: () => '{ others: true }' },
  endSession: { rule: 'ownAccount', input: ({ ids }) => `{ session: "${ids.session}" }` },
  signUp: { rule: 'anybody', input: () => '{ email: "no" }' },
  confirmEmail: { rule: 'anybody', input: () => '{ token: "no", password: "short" }' },
  logIn: { rule: 'anybody', input: () => '{ email: "no", password: "no" }' },
  requestPasswordReset: { rule: 'anybody', input: () => '{ email: "no" }' },
  resetPassword: { rule: 'anybody', input: () => '{ token: "no", password: "no" }' },
  confirmEmailChange: { rule: 'account', input: () => '{ token: "no" }' },
  changePassword: { rule: 'account', input: () => '{ currentPassword: "no", newPassword: "short" }' },
  setPassword: { rule: 'account', input: () => '{ password: "short" }' },
  requestEmailChange: { rule: 'account', input: () => '{ email: "no" }' },
  enableTwoFactor: { rule: 'account', input: () => '{ currentPassword: "no" }' },
  confirmTwoFactor: { rule: 'account', input: () => '{ code: "no" }' },
  disableTwoFactor: { rule: 'account', input: () => '{ currentPassword: "no" }' },
  regenerateRecoveryCodes: { rule: 'account', input: () => '{ currentPassword: "no" }' },
  deleteAccount: { rule: 'account', input: () => '{ confirm: "no" }' },
  createApiKey: { rule: 'account', input: () => '{ name: "", scopes: [] }' },
};

/** Why somebody is kept out; everything else is an answer to one who may. */
const refusals = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'];

/** Whether a visitor is let to it. */
export async function isLetDo(world: World, visitor: Visitor, name: string, { input, missing }: Deed): Promise<boolean> {
  const { data, errors } = await ask(world, visitor, `mutation { ${name}(input: ${input(world, visitor)}) { __typename ... on UserError { code path } } }`);
  const answer = data?.[name] as { code?: string; path?: string[] } | null | undefined;
  if (answer?.code === 'NOT_FOUND' && missing !== undefined && answer.path?.at(-1) === missing) return true;
  return !refusals.includes(answer?.code ?? (errors?.[0]?.extensions.code as string | undefined) ?? '');
}
