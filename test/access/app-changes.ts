import { createApp } from '../../platform/app/app.ts';
import { setConfig } from '../../platform/config/config.ts';
import { createDeployKey } from '../../platform/key/api-key.ts';
import { invitePerson } from '../../platform/people/invitation.ts';
import { offerTransfer } from '../../platform/people/transfer.ts';
import type { App } from '../../prisma/generated/client/client.ts';
import type { TestGateway, TestUser } from '../kit/gateway.ts';
import { playDeploy, queueBuild } from '../kit/played-deploy.ts';

/** An app that was deployed twice, its owner, an admin of it, and somebody without a role. */
export interface Stage { gateway: TestGateway; app: App; owner: TestUser; admin: TestUser; guest: TestUser }
export type Part = 'owner' | 'admin' | 'guest';

/** Everything that somebody can have lost when the app's row is theirs to change. */
export const losses = ['role', 'key', 'scopes'] as const;
export type Loss = (typeof losses)[number];

/** A mutation that changes an app, by whom, and an input with which it does; `make` makes first what the input names. */
interface AppChangeCase {
  as?: Part;
  input: (stage: Stage, made: string) => string;
  make?: (stage: Stage) => Promise<string>;
  /** What it takes; a role, if not said, is among it. */
  takes?: readonly Loss[];
}

/** It takes no role on the app, but to be the one it was offered to, or whose it is. */
const takes = ['key', 'scopes'] as const;

const deployKeyOf = (part: Part) => async (stage: Stage): Promise<string> => (await createDeployKey(stage.gateway.platform, stage[part].actor, { app: stage.app.id, name: 'robot' })).apiKey.id;
const invitation = async ({ gateway: { platform }, owner, app, guest }: Stage): Promise<string> => (await invitePerson(platform, owner.actor, { app: app.id, email: guest.actor.email, role: 'VIEWER' })).id;
const transfer = async ({ gateway: { platform }, owner, app, admin }: Stage): Promise<string> => (await offerTransfer(platform, owner.actor, { app: app.id, to: admin.actor.email })).id;
/** Another app of the owner's, with config. */
async function source({ gateway: { platform }, owner, app }: Stage): Promise<string> {
  const { id } = await createApp(platform, owner.actor, { name: `${app.name}-source` });
  await setConfig(platform, owner.actor, { app: id, set: [{ key: 'COPIED', value: Buffer.from('a') }] });
  return id;
}

/** Every mutation that changes an app. */
export const appChanges: Record<string, AppChangeCase> = {
  deleteApp: { input: ({ app }) => `app: "${app.id}", confirm: "${app.name}"` },
  renameApp: { input: ({ app }) => `app: "${app.id}", name: "${app.name}-renamed"` },
  setConfig: { input: ({ app }) => `app: "${app.id}", set: [{ key: "A", value: "1" }]` },
  copyConfig: { make: source, input: ({ app }, from) => `from: "${from}", to: "${app.id}"` },
  scale: { input: ({ app }) => `app: "${app.id}", processes: [{ type: "web", quantity: 2 }]` },
  restart: { input: ({ app }) => `app: "${app.id}"` },
  rollBack: { input: ({ app }) => `app: "${app.id}", to: 1` },
  cancelBuild: { make: ({ gateway, owner, app }) => queueBuild(gateway, owner, app.id), input: (_stage, build) => `build: "${build}"` },
  createDeployKey: { input: ({ app }) => `app: "${app.id}", name: "robot"` },
  createApiKey: { input: ({ app }) => `app: "${app.id}", name: "robot", scopes: [PUSH]` },
  rotateApiKey: { make: deployKeyOf('owner'), input: (_stage, key) => `apiKey: "${key}"`, takes },
  revokeApiKey: { make: deployKeyOf('admin'), input: (_stage, key) => `apiKey: "${key}"` },
  invitePerson: { input: ({ app, guest }) => `app: "${app.id}", email: "${guest.actor.email}", role: VIEWER` },
  acceptInvitation: { as: 'guest', make: invitation, input: (_stage, id) => `invitation: "${id}"`, takes },
  revokeInvitation: { make: invitation, input: (_stage, id) => `invitation: "${id}"` },
  changeRole: { input: ({ app, admin }) => `app: "${app.id}", user: "${admin.actor.userId}", role: VIEWER` },
  removePermission: { input: ({ app, admin }) => `app: "${app.id}", user: "${admin.actor.userId}"` },
  leaveApp: { as: 'admin', input: ({ app }) => `app: "${app.id}"` },
  offerTransfer: { input: ({ app, admin }) => `app: "${app.id}", to: "${admin.actor.email}"` },
  acceptTransfer: { as: 'admin', make: transfer, input: (_stage, id) => `transfer: "${id}"`, takes },
  declineTransfer: { as: 'admin', make: transfer, input: (_stage, id) => `transfer: "${id}"`, takes },
  withdrawTransfer: { make: transfer, input: (_stage, id) => `transfer: "${id}"` },
};

/** Every mutation that changes none: those of an account, of the platform, and the one that makes an app. */
export const otherMutations = [
  'createApp', 'rotateEncryptionKey', 'inviteUser', 'addSshKey', 'removeSshKey', 'signUp', 'confirmEmail', 'logIn', 'logOut', 'endSession', 'requestPasswordReset', 'resetPassword', 'changePassword', 'setPassword',
  'requestEmailChange', 'confirmEmailChange', 'enableTwoFactor', 'confirmTwoFactor', 'disableTwoFactor', 'regenerateRecoveryCodes', 'deleteAccount',
];

let count = 0;
export async function createStage(gateway: TestGateway): Promise<Stage> {
  const [owner, admin, guest] = [await gateway.createUser(), await gateway.createUser(), await gateway.createUser()];
  const app = await createApp(gateway.platform, owner.actor, { name: `stage-${++count}` });
  for (const digest of ['b', 'c']) await playDeploy(gateway, owner, app.id, digest);
  await gateway.platform.db.permission.create({ data: { appId: app.id, userId: admin.actor.userId, role: 'ADMIN' } });
  return { gateway, app, owner, admin, guest };
}
