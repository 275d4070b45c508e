import { visitors } from './world.ts';
import type { Visitor } from './world.ts';

const everyActor = visitors.filter((visitor) => !['nobody', 'a revoked key', 'an expired key'].includes(visitor));
/** The owner, whose key or session may everything. */
const owner = ['the owner', 'a session', 'a key for this app'] as const;
const wholeOwner = ['the owner', 'a session'] as const;

/** Who may what on the owner's app, and with the owner's account. Said here once more, apart from the platform's own table: what it does not say is not allowed. */
export const rules = {
  anybody: visitors.filter((visitor) => !['a revoked key', 'an expired key'].includes(visitor)),
  actor: everyActor,
  read: [...owner, 'an admin', 'a deployer', 'a viewer', 'a READ key', 'a DEPLOY key', 'a CONFIG key'],
  fetch: [...owner.filter((visitor) => visitor !== 'a session'), 'an admin', 'a deployer', 'a viewer', 'a READ key', 'a DEPLOY key', 'a CONFIG key'],
  push: [...owner, 'an admin', 'a deployer', 'a DEPLOY key', 'a deploy key'],
  deploy: [...owner, 'an admin', 'a deployer', 'a DEPLOY key'],
  readConfig: [...owner, 'an admin', 'a deployer', 'a CONFIG key'],
  writeConfig: [...owner, 'an admin', 'a deployer', 'a CONFIG key'],
  manage: [...owner, 'an admin'],
  own: [...owner],
  /** Of the account that asks: its own, where the key may all. */
  account: [...wholeOwner, 'a stranger', 'a viewer', 'a deployer', 'an admin', 'an administrator'],
  leave: [...owner, 'an admin', 'a deployer', 'a viewer'],
  /** Of a transfer that the owner has offered to the viewer. */
  transfer: [...owner, 'a viewer'],
  /** The owner's account. */
  ownAccount: [...wholeOwner],
  platform: ['an administrator'],
} as const satisfies Record<string, readonly Visitor[]>;
export type Rule = keyof typeof rules;

/** May this visitor do what the rule is for, on the owner's app (or, for `account`, with their own account)? */
export const allows = (rule: Rule, visitor: Visitor): boolean => (rules[rule] as readonly Visitor[]).includes(visitor);

export type FieldRule = Rule
  /** Of a user, to everybody who sees the user at all: those who meet on an app. */
  | 'person'
  /** Of a user, to themselves, by whichever key. */
  | 'self'
  /** Of an API key: to its user, where the key that asks may manage keys, and to itself. */
  | 'key'
  /** Tells nothing of anybody: pages, mistakes, and what a mutation answers to whom may do it. */
  | 'nothing';

/** The rule of every field of every type. A field that stands nowhere fails the test: decide who may see it. */
const byType: Record<string, Partial<Record<FieldRule, string>>> = {
  ApiKey: { key: 'id name prefix scopes app createdAt lastUsedAt expiresAt revokedAt isForAllApps lastUsedFrom replacedBy user' },
  App: { read: 'id name version owner createdAt url gitUrl currentRelease releases builds processes replicas can config events logs configHistory formerNames permissions role', manage: 'deployKeys invitations', transfer: 'transfer' },
  AppRights: { nothing: 'push deploy rollBack scale restart readConfig setConfig rename managePeople manageDeployKeys transfer delete' },
  Build: { read: 'app branch commit endedAt failure id logs message number queuedAt release requestedBy slug startedAt status steps' },
  BuildFailure: { read: 'hint lines message reason' },
  BuildStep: { read: 'cacheHit durationMs endedAt kind name startedAt status' },
  Config: { read: 'entries' },
  ConfigDigest: { read: 'key sealed', readConfig: 'digest' },
  ConfigEntry: { read: 'key sealed setAt setBy', readConfig: 'value valueBase64 digest' },
  ConfigKeyChange: { read: 'release sealed set setAt setBy', readConfig: 'digest' },
  Invitation: { manage: 'id email role appName invitedBy createdAt expiresAt acceptedAt revokedAt' },
  KeyRotation: { platform: 'keyId activatedAt startedAt done entriesLeft oldKeysEndAt waitsFor' },
  PlannedRollBack: { deploy: 'config description diff keptKeys to' },
  Refusal: { read: 'code hint message' },
  RollBackPreview: { read: 'refused', deploy: 'release' },
  Permission: { read: 'id app user role createdAt' },
  SshKey: { account: 'id name type bits fingerprint publicKey createdAt lastUsedAt' },
  Transfer: { transfer: 'id app from to createdAt expiresAt acceptedAt endedAt' },
  LogBatch: { read: 'cursor lines' }, LogCaughtUp: { read: 'cursor' }, LogEnd: { read: 'reason' },
  LogGap: { read: 'cursor from to lines reason' },
  LogLine: { read: 'at continues cursor level process release replica source stream text' },
  Process: { read: 'command memory quantity replicas size type' },
  ProcessType: { read: 'command type' },
  Release: { read: 'app build canRollBackTo config createdAt createdBy description diff endedAt failure id reason rolledBackTo slug startedAt status version' },
  ReleaseDiff: { read: 'commitBefore commitAfter slugBefore slugAfter processTypesAdded processTypesChanged processTypesRemoved codeChanged configAdded configChanged configRemoved from' },
  ReleaseFailure: { read: 'exitCode hint lines message reason' },
  Replica: { read: 'endedAt exitCode exitReason id index name process readyAt release restarts startedAt status' },
  ReplicaChange: { read: 'kind replica' },
  ScaledProcess: { read: 'quantity size type' },
  Slug: { read: 'buildpacks createdAt digest downloadUrl id image processTypes size stack' },
  User: { person: 'id email createdAt', self: 'apiKeys', account: 'sshKeys transfers hasPassword emailConfirmed twoFactorEnabled recoveryCodesLeft sessions deletionConsequences' },
  DeletionConsequences: { account: 'appsToDelete appsToLeave keysToEnd refusal' },
  Session: { account: 'id userAgent address createdAt lastUsedAt expiresAt endedAt current' },
  ...Object.fromEntries(Object.entries({
    ApiKeyCreated: 'name', ApiKeyRevoked: 'name', AppCreated: 'name', AppDeleted: 'name', ApiKeyRotated: 'name', AppRenamed: 'name formerName', AppTransferred: 'email', DeployKeyCreated: 'name', DeployKeyRevoked: 'name', DeployKeyRotated: 'name', InvitationRevoked: 'email',
    KeyRotated: 'keyId', KeyRotationStarted: 'keyId', PersonInvited: 'email role', PersonJoined: 'email role', PersonLeft: 'email', PersonRemoved: 'email', PersonRoleChanged: 'email role formerRole', SshKeyAdded: 'name fingerprint', SshKeyRemoved: 'name fingerprint',
    TransferDeclined: 'email', TransferOffered: 'email', TransferWithdrawn: 'email', UserInvited: 'email', UserInvitationRevoked: 'email',
    BuildCancelRequested: 'build', BuildCanceled: 'build', BuildFailed: 'build hint message', BuildQueued: 'build commit', BuildStarted: 'build',
    BuildSucceeded: 'build slugDigest', BuildSuperseded: 'build by', ConfigChanged: 'set unset', ProcessesScaled: 'processes', ReleaseCreated: 'description reason release', ReleaseFailed: 'exitCode hint message release',
    ReleaseLive: 'release', ReleaseRollingOut: 'release', ReleaseSuperseded: 'release', ReplicaCrashed: 'exitCode exitReason name restarts', ReplicasRestarted: 'process replica',
    SignedUp: '', EmailConfirmed: '', LoggedIn: '', SessionEnded: '', PasswordResetRequested: '', PasswordChanged: '', EmailChangeRequested: '', EmailChanged: '', TwoFactorStarted: '', TwoFactorEnabled: '', TwoFactorDisabled: '', RecoveryCodesReplaced: '', AccountDeleted: '',
  }).map(([type, more]) => [type, { read: `cursor at summary actor ${more}`, nothing: 'apiKey' }])),
};

const named = new Map<string, FieldRule>(Object.entries(byType).flatMap(([type, fields]) =>
  Object.entries(fields).flatMap(([rule, names]) => names.trim().split(/\s+/).map((name): [string, FieldRule] => [`${type}.${name}`, rule as FieldRule]))));

/** The rule of a field; null: nobody has decided. `isError`: its type is a mistake of the caller. */
export function ruleOf(type: string, field: string, isError: boolean): FieldRule | null {
  if (isError || /(Connection|Edge|Payload)$/.test(type) || type === 'PageInfo') return 'nothing';
  return named.get(`${type}.${field}`) ?? null;
}

/** Fields that have a rule, as `Type.field`: each must be there. */
export const ruledFields: readonly string[] = [...named.keys()];
