import type { Visitor, World } from './world.ts';

/** An input that is good, as far as whoever may not do it could know, and the same in bad; what it is about is the same in all. */
interface Inputs {
  good: (world: World) => string;
  bad: readonly ((world: World) => string)[];
  /** Who tries, of those who may not. */
  visitors?: readonly Visitor[];
}

const SSH_KEY = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, 7)]).toString('base64')}`;
const PASSWORD = 'a long and unknown password';
const past = 'expiresAt: "2001-01-01T00:00:00Z"';

/** What names only what it is about: nothing else can be bad in it. */
const only = (good: Inputs['good']): Inputs[] => [{ good, bad: [] }];
/** Of the owner's app; the rest of it. */
const ofApp = (good: string, ...bad: string[]): Inputs[] => [{ good: ({ app }) => `app: "${app.id}", ${good}`, bad: bad.map((rest) => ({ app }) => `app: "${app.id}", ${rest}`) }];
const plain = (good: string, ...bad: string[]): Inputs[] => [{ good: () => good, bad: bad.map((rest) => () => rest) }];

/** Every mutation that not everybody may do. */
export const inputs: Record<string, readonly Inputs[]> = {
  createApp: plain('name: "fresh"', 'name: "-"'),
  deleteApp: ofApp('confirm: "one"', 'confirm: "no"'),
  renameApp: ofApp('name: "fresh"', 'name: "-"', 'name: "one"', 'name: "other"'),
  setConfig: ofApp('set: [{ key: "A", value: "1" }]', 'set: []', 'set: [{ key: "-", value: "" }]', 'set: [{ key: "A" }]', 'set: [{ key: "A", valueBase64: "!" }]', 'unset: ["NONE"]'),
  copyConfig: [{ good: () => 'from: "one", to: "two"', bad: [() => 'from: "one", to: "one"', () => 'from: "one", to: "two", keys: ["-"]', () => 'from: "one", to: "two", keys: []'] }],
  scale: ofApp('processes: [{ type: "web", quantity: 2 }]', 'processes: []', 'processes: [{ type: "none" }]', 'processes: [{ type: "web", quantity: -1 }]'),
  restart: ofApp('process: "web"', 'process: "none"', 'replica: "none"'),
  rollBack: ofApp('to: 1', 'to: 1000', 'to: 1, keepKeys: ["-"]'),
  cancelBuild: only(({ ids }) => `build: "${ids.queuedBuild}"`),
  rotateEncryptionKey: plain('', 'keyId: "none"'),
  changeRole: [{ good: ({ app, ids }) => `app: "${app.id}", user: "${ids.viewer}", role: DEPLOYER`, bad: [({ app, ids }) => `app: "${app.id}", user: "${ids.viewer}", role: OWNER`, ({ app }) => `app: "${app.id}", user: "nobody", role: VIEWER`] }],
  removePermission: [{ good: ({ app, ids }) => `app: "${app.id}", user: "${ids.viewer}"`, bad: [({ app }) => `app: "${app.id}", user: "nobody"`] }],
  leaveApp: only(({ app }) => `app: "${app.id}"`),
  invitePerson: ofApp('email: "new@example.org", role: VIEWER', 'email: "no", role: VIEWER', 'email: "new@example.org", role: OWNER'),
  inviteUser: plain('email: "new@example.org"', 'email: "no"'),
  acceptInvitation: [{ good: ({ ended }) => `token: "${ended['a stranger'].token}"`, bad: [() => '', () => 'token: "no"', () => 'invitation: "no"', () => 'token: "no", invitation: "no"'] }],
  revokeInvitation: only(({ ids }) => `invitation: "${ids.oldInvitation}"`),
  offerTransfer: [{ good: ({ app, ids }) => `app: "${app.id}", to: "${ids.viewer}@example.org"`, bad: [({ app }) => `app: "${app.id}", to: "no"`] }],
  acceptTransfer: only(({ ended }) => `transfer: "${ended['a stranger'].transfer}"`),
  declineTransfer: only(({ ended }) => `transfer: "${ended['a stranger'].transfer}"`),
  withdrawTransfer: only(({ ids }) => `transfer: "${ids.oldTransfer}"`),
  createDeployKey: ofApp('name: "robot"', 'name: ""', `name: "robot", ${past}`),
  createApiKey: [
    ...plain('name: "robot", scopes: [READ]', 'name: "", scopes: [READ]', 'name: "robot", scopes: []', `name: "robot", scopes: [READ], ${past}`, 'name: "robot", scopes: [PUSH]'),
    // To make a key for an app takes that one sees it, and a deploy key that one manages these.
    ...ofApp('name: "robot", scopes: [READ]', 'name: "", scopes: [READ]', 'name: "robot", scopes: []', `name: "robot", scopes: [READ], ${past}`).map((each) => ({ ...each, visitors: ['a stranger'] as const })),
    ...ofApp('name: "robot", scopes: [PUSH]', 'name: "", scopes: [PUSH]', 'name: "robot", scopes: [PUSH, READ]').map((each) => ({ ...each, visitors: ['a stranger', 'a viewer', 'a READ key'] as const })),
  ],
  rotateApiKey: [
    { good: ({ ids }) => `apiKey: "${ids.otherKey}"`, bad: [({ ids }) => `apiKey: "${ids.otherKey}", overlapSeconds: -1`], visitors: ['a stranger', 'a viewer', 'a READ key', 'a deploy key'] },
  ],
  revokeApiKey: only(({ ids }) => `apiKey: "${ids.otherKey}"`),
  addSshKey: plain(`name: "new", publicKey: "${SSH_KEY}"`, `name: "", publicKey: "${SSH_KEY}"`, 'name: "new", publicKey: ""'),
  removeSshKey: only(({ ids }) => `sshKey: "${ids.sshKey}"`),
  confirmEmailChange: plain(`token: "${'x'.repeat(43)}"`, 'token: ""', 'token: "no"'),
  logOut: plain('others: true', '', 'others: false'),
  endSession: only(({ ids }) => `session: "${ids.session}"`),
  changePassword: plain(`currentPassword: "${PASSWORD}", newPassword: "${PASSWORD} 2"`, `currentPassword: "", newPassword: "${PASSWORD}"`, `currentPassword: "${PASSWORD}", newPassword: "short"`),
  setPassword: plain(`password: "${PASSWORD}"`, 'password: "short"'),
  requestEmailChange: plain('email: "new@example.org"', 'email: "no"'),
  enableTwoFactor: plain(`currentPassword: "${PASSWORD}"`, 'currentPassword: ""'),
  confirmTwoFactor: plain('code: "123456"', 'code: ""'),
  disableTwoFactor: plain(`currentPassword: "${PASSWORD}"`, 'currentPassword: ""'),
  regenerateRecoveryCodes: plain(`currentPassword: "${PASSWORD}"`, 'currentPassword: ""'),
  deleteAccount: plain('confirm: "user1@example.com"', 'confirm: "no"'),
};
