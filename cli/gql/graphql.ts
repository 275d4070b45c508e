/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** The invitation to accept: one of the two. */
export type AcceptInvitationInput = {
  /** The id, from `invitations`. */
  invitation?: string | number | null | undefined;
  /** What the link in the mail has behind `#invitation=`. */
  token?: string | null | undefined;
};

/** The transfer to accept. */
export type AcceptTransferInput = {
  /** The transfer's id. */
  transfer: string | number;
};

/** The key to add. */
export type AddSshKeyInput = {
  /** The same key within a day does it once, and answers the same SSH key. */
  idempotencyKey?: string | null | undefined;
  /** What to call it: 1 to 100 characters. */
  name: string;
  /** The one line of its .pub file: Ed25519, ECDSA, or RSA of 3072 to 16384 bits. */
  publicKey: string;
};

/** What a key may do. */
export type ApiKeyScope =
  /** Everything, making and deleting apps and keys too. */
  | 'ADMIN'
  /** READ, and read and change config values. */
  | 'CONFIG'
  /** READ, and push, roll back, scale, restart, cancel builds. */
  | 'DEPLOY'
  /** Push to one app, and nothing else: what a deploy key has. */
  | 'PUSH'
  /** See apps and what belongs to them, but no config values. */
  | 'READ';

/** Where a build is. It ends in exactly one of the last four. */
export type BuildStatus =
  /** Somebody stopped it. */
  | 'CANCELED'
  /** There is no slug; `failure` says why. */
  | 'FAILED'
  /** It waits for a builder, or for another build of the app. */
  | 'QUEUED'
  /** A builder works on it. */
  | 'RUNNING'
  /** There is a slug, and a release of it. */
  | 'SUCCEEDED'
  /** A newer push took its place before it began. */
  | 'SUPERSEDED';

/** The build to cancel. */
export type CancelBuildInput = {
  /** The build's id. */
  build: string | number;
};

/** Whose role to change. */
export type ChangeRoleInput = {
  /** The app's name or id. */
  app: string;
  /** The new role, up to your own; not OWNER. */
  role: Role;
  /** Who: their id or e-mail address. */
  user: string;
};

/** A key to set. Give its value as text, or the same in base64. */
export type ConfigVarInput = {
  /** Letters, digits and _, not starting with a digit. */
  key: string;
  /** Nobody can read it through the API again; as it is, if not said. False unseals a key, with the value given here. */
  sealed?: boolean | null | undefined;
  /** The value as text. */
  value?: string | null | undefined;
  /** The value in base64: UTF-8 without a zero byte. */
  valueBase64?: string | null | undefined;
};

/** What to copy. All of it makes one release of the app it is copied to. */
export type CopyConfigInput = {
  /** The `version` of the app it is copied to that you decided on; another one is a VersionConflict. */
  expectedVersion?: number | null | undefined;
  /** The app to copy from: its name or id. It takes the right to read its config. */
  from: string;
  /** The same key within a day does it once, and answers the same release. */
  idempotencyKey?: string | null | undefined;
  /** The keys to copy; all, if not said. */
  keys?: Array<string> | null | undefined;
  /** Whether keys that the other app has get another value; else they are an error that names them. */
  overwrite?: boolean | null | undefined;
  /** False: replicas get the change when they next start. */
  restart?: boolean | null | undefined;
  /** The app to copy to: its name or id. It takes the right to change its config. */
  to: string;
};

/** The key to make. */
export type CreateApiKeyInput = {
  /** Limit it to this app (name or id). */
  app?: string | null | undefined;
  /** When it ends by itself. */
  expiresAt?: string | null | undefined;
  /** The same key within a day does it once; a repeat answers SecretAlreadyShown. */
  idempotencyKey?: string | null | undefined;
  /** What to call it: 1 to 100 characters. */
  name: string;
  /** What it may do; at least one. */
  scopes: Array<ApiKeyScope>;
};

/** The app to make. */
export type CreateAppInput = {
  /** The same key within a day does it once, and answers the same app. */
  idempotencyKey?: string | null | undefined;
  /** Its name: 1 to 40 lower-case letters, digits and single hyphens, starting with a letter. */
  name: string;
};

/** The deploy key to make. */
export type CreateDeployKeyInput = {
  /** The app it may push to: name or id. */
  app: string;
  /** When it ends by itself. */
  expiresAt?: string | null | undefined;
  /** The same key within a day does it once; a repeat answers SecretAlreadyShown. */
  idempotencyKey?: string | null | undefined;
  /** What to call it: 1 to 100 characters. */
  name: string;
};

/** The transfer to decline. */
export type DeclineTransferInput = {
  /** The transfer's id. */
  transfer: string | number;
};

/** The app to delete. */
export type DeleteAppInput = {
  /** Its name or id. */
  app: string;
  /** Its name again, so that nobody deletes one by mistake. */
  confirm: string;
};

/** What kind of mistake it is; stable, to be switched on. */
export type ErrorCode =
  /** This person is there already. */
  | 'ALREADY_MEMBER'
  /** The build has ended already. */
  | 'BUILD_ENDED'
  /** This release cannot be rolled back to; the message says why. */
  | 'CANNOT_ROLL_BACK'
  /** The confirmation is not the name of what would be deleted. */
  | 'CONFIRMATION_MISMATCH'
  /** You may see it, and may not do this to it. */
  | 'FORBIDDEN'
  /** The idempotency key was used with another input. */
  | 'IDEMPOTENCY_CONFLICT'
  /** The input breaks a rule; `path` says where. */
  | 'INVALID_INPUT'
  /** The link of the mail is not valid any more. */
  | 'INVALID_TOKEN'
  /** Address or password is wrong, or the address is not confirmed. */
  | 'LOG_IN_FAILED'
  /** Another app has this name. */
  | 'NAME_TAKEN'
  /** There is no earlier release to go back to. */
  | 'NOTHING_TO_ROLL_BACK'
  /** It does not exist, or not for you. */
  | 'NOT_FOUND'
  /** The invitation or transfer has expired, or was answered or taken back. */
  | 'OFFER_ENDED'
  /** Nobody can sign up here, or only by invitation. */
  | 'REGISTRATION_CLOSED'
  /** The secret was shown once, and is not kept. */
  | 'SECRET_ALREADY_SHOWN'
  /** There were too many attempts; `retryAt` says when to try again. */
  | 'TOO_MANY_ATTEMPTS'
  /** A code of the authenticator app is asked for as well. */
  | 'TWO_FACTOR_REQUIRED'
  /** The app changed since you read it. */
  | 'VERSION_CONFLICT'
  /** The code is wrong, or was used before. */
  | 'WRONG_CODE'
  /** The current password is wrong. */
  | 'WRONG_PASSWORD';

/** Whom to invite to an app. */
export type InvitePersonInput = {
  /** The app's name or id. */
  app: string;
  /** Where to send it. Only who has this address, confirmed, can accept. */
  email: string;
  /** The same key within a day does it once, and sends one mail. */
  idempotencyKey?: string | null | undefined;
  /** The role they shall have, up to your own; not OWNER. */
  role: Role;
};

/** The app to leave. */
export type LeaveAppInput = {
  /** The app's name or id. */
  app: string;
};

/** Why a log ends. */
export type LogEndReason =
  /** The app was deleted. */
  | 'APP_DELETED'
  /** The build has ended, and these were all of its lines. */
  | 'COMPLETE'
  /** The server restarts: subscribe again with the last cursor. */
  | 'SERVER_RESTARTS';

/** Which lines; what is not given matches all. */
export type LogFilter = {
  /** At least this bad. */
  minLevel?: LogLevel | null | undefined;
  /** Of one of these process types. */
  processes?: Array<string> | null | undefined;
  /** Of one of these releases, by version. */
  releases?: Array<number> | null | undefined;
  /** Of one of these replicas, by name: `web.1`. */
  replicas?: Array<string> | null | undefined;
  /** With this in its text, in any case. */
  search?: string | null | undefined;
  /** Written by one of these. */
  sources?: Array<LogSource> | null | undefined;
  /** Written to this one. */
  stream?: LogStream | null | undefined;
};

/** Why lines are missing. */
export type LogGapReason =
  /** The log store lost its data, or the cursor is of one that did. */
  | 'LOG_STORE_LOST'
  /** They could not be written down: they came too fast, or the disk was full. */
  | 'RATE'
  /** They were older than what is kept. */
  | 'RETENTION'
  /** Their file was rotated away before it could be read: they came faster than they could be sent, or sending was not possible. */
  | 'ROTATED'
  /** What should have told them is gone. */
  | 'SOURCE_LOST';

/** How bad it is: what the line says itself (a JSON `level`, `level=warn`, a leading `ERROR`), else ERROR for an app's stderr and INFO for all other lines. */
export type LogLevel =
  /** Detail. */
  | 'DEBUG'
  /** Something failed. */
  | 'ERROR'
  /** News. */
  | 'INFO'
  /** Something to look at. */
  | 'WARN';

/** Who wrote a line. */
export type LogSource =
  /** A replica of the app, a release command or one-off. */
  | 'APP'
  /** A build. */
  | 'BUILD'
  /** The platform: what happened to the app. */
  | 'PLATFORM'
  /** The router: one line a request. */
  | 'ROUTER';

/** What a line was written to. */
export type LogStream =
  /** Standard error. */
  | 'STDERR'
  /** Standard output. */
  | 'STDOUT';

/** The app to give away, and to whom. */
export type OfferTransferInput = {
  /** The app's name or id. */
  app: string;
  /** The same key within a day does it once, and sends one mail. */
  idempotencyKey?: string | null | undefined;
  /** The e-mail address of somebody who has a role on it. */
  to: string;
};

/** What is wanted of one process type. */
export type ProcessScaleInput = {
  /** How many replicas, 0 to 100; as it is, if not said. */
  quantity?: number | null | undefined;
  /** How large each; as it is, if not said. */
  size?: ProcessSize | null | undefined;
  /** The process type. */
  type: string;
};

/** How large a replica is. */
export type ProcessSize =
  /** 2 GiB of memory. */
  | 'LARGE'
  /** 1 GiB of memory. */
  | 'MEDIUM'
  /** 512 MiB of memory. */
  | 'SMALL'
  /** 4 GiB of memory. */
  | 'XLARGE';

/** What made a release. */
export type ReleaseReason =
  /** A rollout failed, and the platform went back to the last good release. */
  | 'AUTO_ROLLBACK'
  /** The config changed. */
  | 'CONFIG'
  /** A build succeeded. */
  | 'DEPLOY'
  /** Somebody went back to an older release. */
  | 'ROLLBACK';

/** Where a release is. It ends in exactly one of the last three. */
export type ReleaseStatus =
  /** It never took over; `failure` says why. */
  | 'FAILED'
  /** It took over, and served until the next live release did. */
  | 'LIVE'
  /** Nothing of it runs yet. */
  | 'PENDING'
  /** Its release command runs, or its replicas start beside the old ones. */
  | 'ROLLING_OUT'
  /** A newer release came before it took over. */
  | 'SUPERSEDED';

/** Whose role to take away. */
export type RemovePermissionInput = {
  /** The app's name or id. */
  app: string;
  /** Who: their id or e-mail address. */
  user: string;
};

/** The key to remove. */
export type RemoveSshKeyInput = {
  /** The key's id. */
  sshKey: string | number;
};

/** The app to rename. */
export type RenameAppInput = {
  /** Its name or id. */
  app: string;
  /** Only if the app is at this version. */
  expectedVersion?: number | null | undefined;
  /** The same key within a day does it once. */
  idempotencyKey?: string | null | undefined;
  /** Its new name; the rules are those of `createApp`. */
  name: string;
};

/** Where a replica is. */
export type ReplicaStatus =
  /** It ended, and is started again after a pause. */
  | 'BACKING_OFF'
  /** It ended for good. */
  | 'EXITED'
  /** It was started, and is not ready yet. */
  | 'STARTING'
  /** It gets no new requests and is about to end. */
  | 'STOPPING'
  /** It runs, and listens where it has to. */
  | 'UP';

/** What to restart: everything, a process type, or one replica. */
export type RestartInput = {
  /** The app's name or id. */
  app: string;
  /** Only this process type. */
  process?: string | null | undefined;
  /** Only this replica. */
  replica?: string | number | null | undefined;
};

/** The key to revoke. */
export type RevokeApiKeyInput = {
  /** The key's id. */
  apiKey: string | number;
};

/** The invitation to take back, or to decline. */
export type RevokeInvitationInput = {
  /** Its id. */
  invitation: string | number;
};

/** What somebody may do to an app; each may do what those before it may. */
export type Role =
  /** Rename it, manage its people and deploy keys. */
  | 'ADMIN'
  /** Push, roll back, scale, restart, read and change config. */
  | 'DEPLOYER'
  /** Give it away, delete it. An app has one owner. */
  | 'OWNER'
  /** See it and its logs, but no config values. */
  | 'VIEWER';

/** What to go back to. */
export type RollBackInput = {
  /** The app's name or id. */
  app: string;
  /** The app's `version` that you decided on; another one is a VersionConflict. */
  expectedVersion?: number | null | undefined;
  /** The same key within a day does it once, and answers the same release. */
  idempotencyKey?: string | null | undefined;
  /** Config keys that stay as they are now. */
  keepKeys?: Array<string> | null | undefined;
  /** Code, config or both. */
  scope?: RollBackScope | null | undefined;
  /** The version of the release to go back to; the one that was live before the one that runs or is being rolled out, if not said. */
  to?: number | null | undefined;
};

/** What goes back. */
export type RollBackScope =
  /** Code and config. */
  | 'BOTH'
  /** The code; the config stays as it is. */
  | 'CODE'
  /** The config; the code stays as it is. */
  | 'CONFIG';

/** The key to replace. */
export type RotateApiKeyInput = {
  /** The key's id; one of yours that is in use. */
  apiKey: string | number;
  /** The same key within a day does it once; a repeat answers SecretAlreadyShown. */
  idempotencyKey?: string | null | undefined;
  /** How long the old key goes on being good: up to 7 days, a day if not said. */
  overlapSeconds?: number | null | undefined;
};

/** The key to rotate to. */
export type RotateEncryptionKeyInput = {
  /** Its id, to be sure that the gateway sees it; the newest of the key file, if not said. */
  keyId?: string | null | undefined;
};

/** What is wanted of an app's processes. */
export type ScaleInput = {
  /** The app's name or id. */
  app: string;
  /** The app's `version` that you decided on; another one is a VersionConflict. */
  expectedVersion?: number | null | undefined;
  /** The process types that change; others stay as they are. */
  processes: Array<ProcessScaleInput>;
};

/** What to change. All of it makes one release. */
export type SetConfigInput = {
  /** The app's name or id. */
  app: string;
  /** The app's `version` that you decided on; another one is a VersionConflict. */
  expectedVersion?: number | null | undefined;
  /** The same key within a day does it once, and answers the same release. */
  idempotencyKey?: string | null | undefined;
  /** False: replicas get the change when they next start. */
  restart?: boolean | null | undefined;
  /** Keys to set. */
  set?: Array<ConfigVarInput> | null | undefined;
  /** Keys to take away. */
  unset?: Array<string> | null | undefined;
};

/** The transfer to withdraw. */
export type WithdrawTransferInput = {
  /** The transfer's id. */
  transfer: string | number;
};

export type CliViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type CliViewerQuery = { viewer: { email: string, apiKeys: { nodes: Array<{ id: string, name: string, prefix: string, scopes: Array<ApiKeyScope>, lastUsedAt: string | null, lastUsedFrom: string | null, expiresAt: string | null, revokedAt: string | null, replacedBy: { prefix: string } | null, app: { name: string } | null }> } } | null };

export type CliAppsQueryVariables = Exact<{ [key: string]: never; }>;


export type CliAppsQuery = { apps: { nodes: Array<{ name: string, url: string, currentRelease: { version: number, createdAt: string } | null }> } };

export type CliAppQueryVariables = Exact<{
  name: string;
}>;


export type CliAppQuery = { app: { id: string, name: string, url: string, gitUrl: string, createdAt: string, currentRelease: { version: number, status: ReleaseStatus, createdAt: string, description: string, slug: { size: number, stack: string, buildpacks: Array<string> } | null } | null, processes: Array<{ type: string, command: string | null, quantity: number, size: ProcessSize, replicas: Array<{ id: string, name: string, status: ReplicaStatus, restarts: number, startedAt: string, exitCode: number | null, exitReason: string | null, release: { version: number } }> }> } | null };

export type CliCreateAppMutationVariables = Exact<{
  input: CreateAppInput;
}>;


export type CliCreateAppMutation = { createApp:
    | { __typename: 'CreateAppPayload', app: { name: string, url: string, gitUrl: string } }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NameTaken', code: ErrorCode, message: string, hint: string | null }
   };

export type CliDeleteAppMutationVariables = Exact<{
  input: DeleteAppInput;
}>;


export type CliDeleteAppMutation = { deleteApp:
    | { __typename: 'ConfirmationMismatch', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'DeleteAppPayload' }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
   };

export type CliConfigQueryVariables = Exact<{
  name: string;
}>;


export type CliConfigQuery = { app: { config: { entries: Array<{ key: string, value: string | null, valueBase64: string | null, sealed: boolean, setAt: string }> } } | null };

export type CliSetConfigMutationVariables = Exact<{
  input: SetConfigInput;
}>;


export type CliSetConfigMutation = { setConfig:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'SetConfigPayload', release: { id: string, version: number, description: string } }
    | { __typename: 'VersionConflict', code: ErrorCode, message: string, hint: string | null }
   };

export type CliCopyConfigMutationVariables = Exact<{
  input: CopyConfigInput;
}>;


export type CliCopyConfigMutation = { copyConfig:
    | { __typename: 'CopyConfigPayload', release: { id: string, version: number, description: string } }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'VersionConflict', code: ErrorCode, message: string, hint: string | null }
   };

export type CliConfigHistoryQueryVariables = Exact<{
  name: string;
  key: string;
  first: number;
}>;


export type CliConfigHistoryQuery = { app: { configHistory: { nodes: Array<{ set: boolean, sealed: boolean, digest: string | null, setAt: string, setBy: { email: string } | null, release: { version: number, description: string } }> } } | null };

export type CliDiffReleasesQueryVariables = Exact<{
  app: string;
  version: number;
  from: number;
}>;


export type CliDiffReleasesQuery = { release: { version: number, diff: { codeChanged: boolean, commitBefore: string | null, commitAfter: string | null, processTypesAdded: Array<string>, processTypesChanged: Array<string>, processTypesRemoved: Array<string>, configAdded: Array<string>, configChanged: Array<string>, configRemoved: Array<string>, slugBefore: { digest: string } | null, slugAfter: { digest: string } | null } | null } | null };

export type CliPreviewRollBackQueryVariables = Exact<{
  app: string;
  to?: number | null | undefined;
  scope: RollBackScope;
}>;


export type CliPreviewRollBackQuery = { rollBackPreview: { refused: { code: ErrorCode, message: string, hint: string | null } | null, release: { description: string, to: { version: number }, diff: { codeChanged: boolean, commitBefore: string | null, commitAfter: string | null, processTypesAdded: Array<string>, processTypesChanged: Array<string>, processTypesRemoved: Array<string>, configAdded: Array<string>, configChanged: Array<string>, configRemoved: Array<string>, slugBefore: { digest: string } | null, slugAfter: { digest: string } | null } } | null } | null };

export type CliKeyRotationQueryVariables = Exact<{ [key: string]: never; }>;


export type CliKeyRotationQuery = { keyRotation: { keyId: string, startedAt: string, activatedAt: string | null, entriesLeft: number, waitsFor: Array<string>, done: boolean, oldKeysEndAt: string | null } | null };

export type CliRotateEncryptionKeyMutationVariables = Exact<{
  input: RotateEncryptionKeyInput;
}>;


export type CliRotateEncryptionKeyMutation = { rotateEncryptionKey:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RotateEncryptionKeyPayload' }
   };

export type CliReleasesQueryVariables = Exact<{
  name: string;
  first: number;
}>;


export type CliReleasesQuery = { app: { currentRelease: { version: number } | null, releases: { nodes: Array<{ version: number, reason: ReleaseReason, status: ReleaseStatus, description: string, createdAt: string, createdBy: { email: string } | null, failure: { message: string } | null }> } } | null };

export type CliBuildsQueryVariables = Exact<{
  name: string;
  first: number;
}>;


export type CliBuildsQuery = { app: { builds: { nodes: Array<{ id: string, number: number, status: BuildStatus, commit: string, message: string, queuedAt: string, startedAt: string | null, endedAt: string | null, failure: { message: string } | null }> } } | null };

export type CliRollBackMutationVariables = Exact<{
  input: RollBackInput;
}>;


export type CliRollBackMutation = { rollBack:
    | { __typename: 'CannotRollBack', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RollBackPayload', release: { id: string, version: number, description: string } }
    | { __typename: 'VersionConflict', code: ErrorCode, message: string, hint: string | null }
   };

export type CliScaleMutationVariables = Exact<{
  input: ScaleInput;
}>;


export type CliScaleMutation = { scale:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'ScalePayload', app: { processes: Array<{ type: string, quantity: number, size: ProcessSize }> } }
    | { __typename: 'VersionConflict', code: ErrorCode, message: string, hint: string | null }
   };

export type CliRestartMutationVariables = Exact<{
  input: RestartInput;
}>;


export type CliRestartMutation = { restart:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RestartPayload' }
   };

export type CliFollowLogsSubscriptionVariables = Exact<{
  app: string;
  after?: string | null | undefined;
  last?: number | null | undefined;
  filter?: LogFilter | null | undefined;
}>;


export type CliFollowLogsSubscription = { appLogs:
    | { __typename: 'LogBatch', cursor: string, lines: Array<{ at: string, source: LogSource, process: string | null, replica: string | null, release: number | null, stream: LogStream, level: LogLevel, text: string }> }
    | { __typename: 'LogCaughtUp', cursor: string }
    | { __typename: 'LogEnd', reason: LogEndReason }
    | { __typename: 'LogGap', cursor: string, missing: number | null, why: LogGapReason }
   };

export type CliFollowDeploySubscriptionVariables = Exact<{
  deploy: string | number;
}>;


export type CliFollowDeploySubscription = { deployEvents:
    | { __typename: 'AppDeleted', summary: string }
    | { __typename: 'BuildCancelRequested', summary: string }
    | { __typename: 'BuildCanceled', summary: string }
    | { __typename: 'BuildFailed', summary: string }
    | { __typename: 'BuildQueued', summary: string }
    | { __typename: 'BuildStarted', summary: string }
    | { __typename: 'BuildSucceeded', summary: string }
    | { __typename: 'BuildSuperseded', summary: string }
    | { __typename: 'ReleaseCreated', summary: string }
    | { __typename: 'ReleaseFailed', summary: string, release: { failure: { message: string, hint: string | null, lines: Array<string> } | null } }
    | { __typename: 'ReleaseLive', summary: string }
    | { __typename: 'ReleaseRollingOut', summary: string }
    | { __typename: 'ReleaseSuperseded', summary: string }
   };

export type CliCancelBuildMutationVariables = Exact<{
  input: CancelBuildInput;
}>;


export type CliCancelBuildMutation = { cancelBuild:
    | { __typename: 'BuildEnded', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'CancelBuildPayload' }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
   };

export type CliCreateApiKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type CliCreateApiKeyMutation = { createApiKey:
    | { __typename: 'CreateApiKeyPayload', secret: string }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'SecretAlreadyShown', code: ErrorCode, message: string, hint: string | null }
   };

export type CliRevokeApiKeyMutationVariables = Exact<{
  input: RevokeApiKeyInput;
}>;


export type CliRevokeApiKeyMutation = { revokeApiKey:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RevokeApiKeyPayload' }
   };

export type CliRotateApiKeyMutationVariables = Exact<{
  input: RotateApiKeyInput;
}>;


export type CliRotateApiKeyMutation = { rotateApiKey:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RotateApiKeyPayload', secret: string, replaced: { expiresAt: string | null } }
    | { __typename: 'SecretAlreadyShown', code: ErrorCode, message: string, hint: string | null }
   };

export type CliCreateDeployKeyMutationVariables = Exact<{
  input: CreateDeployKeyInput;
}>;


export type CliCreateDeployKeyMutation = { createDeployKey:
    | { __typename: 'CreateDeployKeyPayload', secret: string }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'SecretAlreadyShown', code: ErrorCode, message: string, hint: string | null }
   };

export type CliSshKeysQueryVariables = Exact<{ [key: string]: never; }>;


export type CliSshKeysQuery = { viewer: { sshKeys: { nodes: Array<{ id: string, name: string, type: string, bits: number, fingerprint: string, createdAt: string, lastUsedAt: string | null }> } } | null };

export type CliAddSshKeyMutationVariables = Exact<{
  input: AddSshKeyInput;
}>;


export type CliAddSshKeyMutation = { addSshKey:
    | { __typename: 'AddSshKeyPayload', sshKey: { name: string, fingerprint: string } }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
   };

export type CliRemoveSshKeyMutationVariables = Exact<{
  input: RemoveSshKeyInput;
}>;


export type CliRemoveSshKeyMutation = { removeSshKey:
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RemoveSshKeyPayload' }
   };

export type CliRenameAppMutationVariables = Exact<{
  input: RenameAppInput;
}>;


export type CliRenameAppMutation = { renameApp:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NameTaken', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RenameAppPayload', app: { name: string, url: string, gitUrl: string } }
    | { __typename: 'VersionConflict', code: ErrorCode, message: string, hint: string | null }
   };

export type CliPeopleQueryVariables = Exact<{
  name: string;
}>;


export type CliPeopleQuery = { app: { name: string, owner: { email: string }, permissions: { nodes: Array<{ role: Role, createdAt: string, user: { email: string } }> }, invitations: { nodes: Array<{ id: string, email: string, role: Role | null, expiresAt: string }> }, transfer: { id: string, expiresAt: string, to: { email: string } } | null } | null };

export type CliInvitePersonMutationVariables = Exact<{
  input: InvitePersonInput;
}>;


export type CliInvitePersonMutation = { invitePerson:
    | { __typename: 'AlreadyMember', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvitePersonPayload' }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
   };

export type CliRevokeInvitationMutationVariables = Exact<{
  input: RevokeInvitationInput;
}>;


export type CliRevokeInvitationMutation = { revokeInvitation:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'OfferEnded', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RevokeInvitationPayload' }
   };

export type CliChangeRoleMutationVariables = Exact<{
  input: ChangeRoleInput;
}>;


export type CliChangeRoleMutation = { changeRole:
    | { __typename: 'ChangeRolePayload' }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
   };

export type CliRemovePermissionMutationVariables = Exact<{
  input: RemovePermissionInput;
}>;


export type CliRemovePermissionMutation = { removePermission:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RemovePermissionPayload' }
   };

export type CliLeaveAppMutationVariables = Exact<{
  input: LeaveAppInput;
}>;


export type CliLeaveAppMutation = { leaveApp:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'LeaveAppPayload' }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
   };

export type CliOffersQueryVariables = Exact<{ [key: string]: never; }>;


export type CliOffersQuery = { invitations: { nodes: Array<{ id: string, appName: string | null, role: Role | null, expiresAt: string, invitedBy: { email: string } }> }, viewer: { transfers: { nodes: Array<{ id: string, expiresAt: string, app: { name: string }, from: { email: string } }> } } | null };

export type CliAcceptInvitationMutationVariables = Exact<{
  input: AcceptInvitationInput;
}>;


export type CliAcceptInvitationMutation = { acceptInvitation:
    | { __typename: 'AcceptInvitationPayload', permission: { role: Role, app: { name: string } } }
    | { __typename: 'AlreadyMember', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'OfferEnded', code: ErrorCode, message: string, hint: string | null }
   };

export type CliOfferTransferMutationVariables = Exact<{
  input: OfferTransferInput;
}>;


export type CliOfferTransferMutation = { offerTransfer:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'OfferTransferPayload', transfer: { expiresAt: string } }
   };

export type CliAcceptTransferMutationVariables = Exact<{
  input: AcceptTransferInput;
}>;


export type CliAcceptTransferMutation = { acceptTransfer:
    | { __typename: 'AcceptTransferPayload' }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'OfferEnded', code: ErrorCode, message: string, hint: string | null }
   };

export type CliDeclineTransferMutationVariables = Exact<{
  input: DeclineTransferInput;
}>;


export type CliDeclineTransferMutation = { declineTransfer:
    | { __typename: 'DeclineTransferPayload' }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'OfferEnded', code: ErrorCode, message: string, hint: string | null }
   };

export type CliWithdrawTransferMutationVariables = Exact<{
  input: WithdrawTransferInput;
}>;


export type CliWithdrawTransferMutation = { withdrawTransfer:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'OfferEnded', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'WithdrawTransferPayload' }
   };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const CliViewerDocument = new TypedDocumentString(`
    query CliViewer {
  viewer {
    email
    apiKeys(first: 100) {
      nodes {
        id
        name
        prefix
        scopes
        lastUsedAt
        lastUsedFrom
        expiresAt
        revokedAt
        replacedBy {
          prefix
        }
        app {
          name
        }
      }
    }
  }
}
    `, {"documentId":"sha256:98f2cfe64d58a8169c43826e6f4c5da9da0b88758274b6cd63d44f89b145ceb5"}) as unknown as TypedDocumentString<CliViewerQuery, CliViewerQueryVariables>;
export const CliAppsDocument = new TypedDocumentString(`
    query CliApps {
  apps(first: 100) {
    nodes {
      name
      url
      currentRelease {
        version
        createdAt
      }
    }
  }
}
    `, {"documentId":"sha256:8af3b4369e071717985a2ec66467e26f78f52d7dce143deb2af82a12aaf47ad8"}) as unknown as TypedDocumentString<CliAppsQuery, CliAppsQueryVariables>;
export const CliAppDocument = new TypedDocumentString(`
    query CliApp($name: String!) {
  app(name: $name) {
    id
    name
    url
    gitUrl
    createdAt
    currentRelease {
      version
      status
      createdAt
      description
      slug {
        size
        stack
        buildpacks
      }
    }
    processes {
      type
      command
      quantity
      size
      replicas {
        id
        name
        status
        restarts
        startedAt
        exitCode
        exitReason
        release {
          version
        }
      }
    }
  }
}
    `, {"documentId":"sha256:aa42fc8d60fe830a5ee5752d9928d4d7709295968a198fe102d5059802a8a7e3"}) as unknown as TypedDocumentString<CliAppQuery, CliAppQueryVariables>;
export const CliCreateAppDocument = new TypedDocumentString(`
    mutation CliCreateApp($input: CreateAppInput!) {
  createApp(input: $input) {
    __typename
    ... on CreateAppPayload {
      app {
        name
        url
        gitUrl
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:16e51db006035e3cf17f6d635f2e35b83f154f9aa91edf8d94672cd5536edbf6"}) as unknown as TypedDocumentString<CliCreateAppMutation, CliCreateAppMutationVariables>;
export const CliDeleteAppDocument = new TypedDocumentString(`
    mutation CliDeleteApp($input: DeleteAppInput!) {
  deleteApp(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:edbf40fb63d15a7047157e2ecb9567dd843f93c91969ab6f8ecda07122d30c23"}) as unknown as TypedDocumentString<CliDeleteAppMutation, CliDeleteAppMutationVariables>;
export const CliConfigDocument = new TypedDocumentString(`
    query CliConfig($name: String!) {
  app(name: $name) {
    config {
      entries {
        key
        value
        valueBase64
        sealed
        setAt
      }
    }
  }
}
    `, {"documentId":"sha256:07b126892a59065c2dcc33055da7a29473933049877e5311003ddf3614a433f0"}) as unknown as TypedDocumentString<CliConfigQuery, CliConfigQueryVariables>;
export const CliSetConfigDocument = new TypedDocumentString(`
    mutation CliSetConfig($input: SetConfigInput!) {
  setConfig(input: $input) {
    __typename
    ... on SetConfigPayload {
      release {
        id
        version
        description
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:cb8be6c26d575cd98d9d4bb5772985246f4359ccc96ce8548815d473429e2ebc"}) as unknown as TypedDocumentString<CliSetConfigMutation, CliSetConfigMutationVariables>;
export const CliCopyConfigDocument = new TypedDocumentString(`
    mutation CliCopyConfig($input: CopyConfigInput!) {
  copyConfig(input: $input) {
    __typename
    ... on CopyConfigPayload {
      release {
        id
        version
        description
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:b9c3f4a29db32a279be31d59b27d83c1f9cc769e732191916a0c91357a9fb176"}) as unknown as TypedDocumentString<CliCopyConfigMutation, CliCopyConfigMutationVariables>;
export const CliConfigHistoryDocument = new TypedDocumentString(`
    query CliConfigHistory($name: String!, $key: String!, $first: Int!) {
  app(name: $name) {
    configHistory(key: $key, first: $first) {
      nodes {
        set
        sealed
        digest
        setAt
        setBy {
          email
        }
        release {
          version
          description
        }
      }
    }
  }
}
    `, {"documentId":"sha256:98b464a913f65be231097decdec7c7c2db5449643fad4d21a7a090c34625c892"}) as unknown as TypedDocumentString<CliConfigHistoryQuery, CliConfigHistoryQueryVariables>;
export const CliDiffReleasesDocument = new TypedDocumentString(`
    query CliDiffReleases($app: String!, $version: Int!, $from: Int!) {
  release(app: $app, version: $version) {
    version
    diff(from: $from) {
      codeChanged
      commitBefore
      commitAfter
      slugBefore {
        digest
      }
      slugAfter {
        digest
      }
      processTypesAdded
      processTypesChanged
      processTypesRemoved
      configAdded
      configChanged
      configRemoved
    }
  }
}
    `, {"documentId":"sha256:8d0625db8a1cbbaee59c0e51016332e52564db6c548b5843c26ab590d9a8f377"}) as unknown as TypedDocumentString<CliDiffReleasesQuery, CliDiffReleasesQueryVariables>;
export const CliPreviewRollBackDocument = new TypedDocumentString(`
    query CliPreviewRollBack($app: String!, $to: Int, $scope: RollBackScope!) {
  rollBackPreview(app: $app, to: $to, scope: $scope) {
    refused {
      code
      message
      hint
    }
    release {
      description
      to {
        version
      }
      diff {
        codeChanged
        commitBefore
        commitAfter
        slugBefore {
          digest
        }
        slugAfter {
          digest
        }
        processTypesAdded
        processTypesChanged
        processTypesRemoved
        configAdded
        configChanged
        configRemoved
      }
    }
  }
}
    `, {"documentId":"sha256:701140a39cffc3d966e502ba267c5766cbec9d781ed658b9e9477bad60348090"}) as unknown as TypedDocumentString<CliPreviewRollBackQuery, CliPreviewRollBackQueryVariables>;
export const CliKeyRotationDocument = new TypedDocumentString(`
    query CliKeyRotation {
  keyRotation {
    keyId
    startedAt
    activatedAt
    entriesLeft
    waitsFor
    done
    oldKeysEndAt
  }
}
    `, {"documentId":"sha256:bbe77ddcda8e63d8f6cf24bb9fe6029aab98aec55aa83486699c34d4f81b8fdb"}) as unknown as TypedDocumentString<CliKeyRotationQuery, CliKeyRotationQueryVariables>;
export const CliRotateEncryptionKeyDocument = new TypedDocumentString(`
    mutation CliRotateEncryptionKey($input: RotateEncryptionKeyInput!) {
  rotateEncryptionKey(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:736262b5656f26c31d869a5dcfd2b7e4c42cff240deeb25513078123f0f198df"}) as unknown as TypedDocumentString<CliRotateEncryptionKeyMutation, CliRotateEncryptionKeyMutationVariables>;
export const CliReleasesDocument = new TypedDocumentString(`
    query CliReleases($name: String!, $first: Int!) {
  app(name: $name) {
    currentRelease {
      version
    }
    releases(first: $first) {
      nodes {
        version
        reason
        status
        description
        createdAt
        createdBy {
          email
        }
        failure {
          message
        }
      }
    }
  }
}
    `, {"documentId":"sha256:bc30458a4305e04ec19a60ef24176cb7c81ab9b50466c4c8f12b67b0beba848a"}) as unknown as TypedDocumentString<CliReleasesQuery, CliReleasesQueryVariables>;
export const CliBuildsDocument = new TypedDocumentString(`
    query CliBuilds($name: String!, $first: Int!) {
  app(name: $name) {
    builds(first: $first) {
      nodes {
        id
        number
        status
        commit
        message
        queuedAt
        startedAt
        endedAt
        failure {
          message
        }
      }
    }
  }
}
    `, {"documentId":"sha256:9b7a73eb103d349a6b69c26ae37bfa519188bc21ad29903bee15834795c0959f"}) as unknown as TypedDocumentString<CliBuildsQuery, CliBuildsQueryVariables>;
export const CliRollBackDocument = new TypedDocumentString(`
    mutation CliRollBack($input: RollBackInput!) {
  rollBack(input: $input) {
    __typename
    ... on RollBackPayload {
      release {
        id
        version
        description
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:d839e2ec6af11195b0d1b3cd452c6b9c0f34a3080a7d9a661e5d03b738cc7de8"}) as unknown as TypedDocumentString<CliRollBackMutation, CliRollBackMutationVariables>;
export const CliScaleDocument = new TypedDocumentString(`
    mutation CliScale($input: ScaleInput!) {
  scale(input: $input) {
    __typename
    ... on ScalePayload {
      app {
        processes {
          type
          quantity
          size
        }
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:88543357c6a0972d45f42c82a4e951fb3cf8bf57be32b2fcdfbab6e1ba0f8eee"}) as unknown as TypedDocumentString<CliScaleMutation, CliScaleMutationVariables>;
export const CliRestartDocument = new TypedDocumentString(`
    mutation CliRestart($input: RestartInput!) {
  restart(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:77d1554ee76c27a50d71d3ec00bbaccc71135af8747bc6e7167278a78ce035f0"}) as unknown as TypedDocumentString<CliRestartMutation, CliRestartMutationVariables>;
export const CliFollowLogsDocument = new TypedDocumentString(`
    subscription CliFollowLogs($app: String!, $after: Cursor, $last: Int, $filter: LogFilter) {
  appLogs(app: $app, after: $after, last: $last, filter: $filter) {
    __typename
    ... on LogBatch {
      cursor
      lines {
        at
        source
        process
        replica
        release
        stream
        level
        text
      }
    }
    ... on LogGap {
      cursor
      missing: lines
      why: reason
    }
    ... on LogCaughtUp {
      cursor
    }
    ... on LogEnd {
      reason
    }
  }
}
    `, {"documentId":"sha256:7f5b08fb445030ad877a2a18b9573761a3241751ee0e35f5af63b80f63811a94"}) as unknown as TypedDocumentString<CliFollowLogsSubscription, CliFollowLogsSubscriptionVariables>;
export const CliFollowDeployDocument = new TypedDocumentString(`
    subscription CliFollowDeploy($deploy: ID!) {
  deployEvents(deploy: $deploy) {
    __typename
    ... on EventDetails {
      summary
    }
    ... on ReleaseFailed {
      release {
        failure {
          message
          hint
          lines
        }
      }
    }
  }
}
    `, {"documentId":"sha256:ecf55d5328b96851ba917a5aadae039db3ba420c48b44f963f5839eaf62747ba"}) as unknown as TypedDocumentString<CliFollowDeploySubscription, CliFollowDeploySubscriptionVariables>;
export const CliCancelBuildDocument = new TypedDocumentString(`
    mutation CliCancelBuild($input: CancelBuildInput!) {
  cancelBuild(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:a9686b9f25fd1b6e0e16a61ae3cc78a8d553991178d134e965e8e2c5a8bfe1e2"}) as unknown as TypedDocumentString<CliCancelBuildMutation, CliCancelBuildMutationVariables>;
export const CliCreateApiKeyDocument = new TypedDocumentString(`
    mutation CliCreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    __typename
    ... on CreateApiKeyPayload {
      secret
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:d992a89758298c4f8d83ba87bbea534f5d45b3b21c2c2e134546a2a6ee0bbd42"}) as unknown as TypedDocumentString<CliCreateApiKeyMutation, CliCreateApiKeyMutationVariables>;
export const CliRevokeApiKeyDocument = new TypedDocumentString(`
    mutation CliRevokeApiKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:c6878aa5e9d93e8e006044c1c355d9004e89e7169fdf7b2100259d26dfda029d"}) as unknown as TypedDocumentString<CliRevokeApiKeyMutation, CliRevokeApiKeyMutationVariables>;
export const CliRotateApiKeyDocument = new TypedDocumentString(`
    mutation CliRotateApiKey($input: RotateApiKeyInput!) {
  rotateApiKey(input: $input) {
    __typename
    ... on RotateApiKeyPayload {
      secret
      replaced {
        expiresAt
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:8f6082fad86c801d1ba1f8cc26ab774219d580b922971d415d913cb5cc80d0ff"}) as unknown as TypedDocumentString<CliRotateApiKeyMutation, CliRotateApiKeyMutationVariables>;
export const CliCreateDeployKeyDocument = new TypedDocumentString(`
    mutation CliCreateDeployKey($input: CreateDeployKeyInput!) {
  createDeployKey(input: $input) {
    __typename
    ... on CreateDeployKeyPayload {
      secret
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:d61ad9612a94b401b5e804857aba1a4fdaac482ec54cdc3a0f5027d758b3d314"}) as unknown as TypedDocumentString<CliCreateDeployKeyMutation, CliCreateDeployKeyMutationVariables>;
export const CliSshKeysDocument = new TypedDocumentString(`
    query CliSshKeys {
  viewer {
    sshKeys(first: 100) {
      nodes {
        id
        name
        type
        bits
        fingerprint
        createdAt
        lastUsedAt
      }
    }
  }
}
    `, {"documentId":"sha256:cddd461533a90513554f8a0d2ce21a6733cf089935f84ca9388746df4f1a2dcf"}) as unknown as TypedDocumentString<CliSshKeysQuery, CliSshKeysQueryVariables>;
export const CliAddSshKeyDocument = new TypedDocumentString(`
    mutation CliAddSshKey($input: AddSshKeyInput!) {
  addSshKey(input: $input) {
    __typename
    ... on AddSshKeyPayload {
      sshKey {
        name
        fingerprint
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:e9ad9b87836cf71454f6aae70b5952c1ac8308a848a7fcc16ab2103bb1598240"}) as unknown as TypedDocumentString<CliAddSshKeyMutation, CliAddSshKeyMutationVariables>;
export const CliRemoveSshKeyDocument = new TypedDocumentString(`
    mutation CliRemoveSshKey($input: RemoveSshKeyInput!) {
  removeSshKey(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:5c294dd496f5c642caad1d229ce40c1721cd4137d2af1ec212ae2d2403d8ce9d"}) as unknown as TypedDocumentString<CliRemoveSshKeyMutation, CliRemoveSshKeyMutationVariables>;
export const CliRenameAppDocument = new TypedDocumentString(`
    mutation CliRenameApp($input: RenameAppInput!) {
  renameApp(input: $input) {
    __typename
    ... on RenameAppPayload {
      app {
        name
        url
        gitUrl
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:437439602d51188f328d3b710ae0e853f262d1ef4c528123c5b19b5eb8abd2f2"}) as unknown as TypedDocumentString<CliRenameAppMutation, CliRenameAppMutationVariables>;
export const CliPeopleDocument = new TypedDocumentString(`
    query CliPeople($name: String!) {
  app(name: $name) {
    name
    owner {
      email
    }
    permissions(first: 100) {
      nodes {
        user {
          email
        }
        role
        createdAt
      }
    }
    invitations(first: 100) {
      nodes {
        id
        email
        role
        expiresAt
      }
    }
    transfer {
      id
      to {
        email
      }
      expiresAt
    }
  }
}
    `, {"documentId":"sha256:831e18e3f6832dc5335fd9eab439e83629db2b7d73a6e77e53b62b4465e2074e"}) as unknown as TypedDocumentString<CliPeopleQuery, CliPeopleQueryVariables>;
export const CliInvitePersonDocument = new TypedDocumentString(`
    mutation CliInvitePerson($input: InvitePersonInput!) {
  invitePerson(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:d2a27a4208727f4659b6a1f61f28eabb2def7540bb39b6ef9df2d0ebf7c126a5"}) as unknown as TypedDocumentString<CliInvitePersonMutation, CliInvitePersonMutationVariables>;
export const CliRevokeInvitationDocument = new TypedDocumentString(`
    mutation CliRevokeInvitation($input: RevokeInvitationInput!) {
  revokeInvitation(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:28e8c6f42f02651e2f3d6c336b2cc51dae24faea25a3255b7e15c1ab2252c19a"}) as unknown as TypedDocumentString<CliRevokeInvitationMutation, CliRevokeInvitationMutationVariables>;
export const CliChangeRoleDocument = new TypedDocumentString(`
    mutation CliChangeRole($input: ChangeRoleInput!) {
  changeRole(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:ac4c3a51b563bd5293e04c13497ef1c33723d5d2269e8b97769b372b33728ae9"}) as unknown as TypedDocumentString<CliChangeRoleMutation, CliChangeRoleMutationVariables>;
export const CliRemovePermissionDocument = new TypedDocumentString(`
    mutation CliRemovePermission($input: RemovePermissionInput!) {
  removePermission(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:8e5c3633a7968096e53470b73c270f871c0cc1355f6114414d5a5fd81992c7d1"}) as unknown as TypedDocumentString<CliRemovePermissionMutation, CliRemovePermissionMutationVariables>;
export const CliLeaveAppDocument = new TypedDocumentString(`
    mutation CliLeaveApp($input: LeaveAppInput!) {
  leaveApp(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:de07c4454c727973ef7931cde32f43e2fcf64bc8102ea796d5801195bc4b5194"}) as unknown as TypedDocumentString<CliLeaveAppMutation, CliLeaveAppMutationVariables>;
export const CliOffersDocument = new TypedDocumentString(`
    query CliOffers {
  invitations(first: 100) {
    nodes {
      id
      appName
      role
      invitedBy {
        email
      }
      expiresAt
    }
  }
  viewer {
    transfers(first: 100) {
      nodes {
        id
        app {
          name
        }
        from {
          email
        }
        expiresAt
      }
    }
  }
}
    `, {"documentId":"sha256:b1c90545e125c70a7e337aac193a57b9562931e62618a2942c7cb47aff09517e"}) as unknown as TypedDocumentString<CliOffersQuery, CliOffersQueryVariables>;
export const CliAcceptInvitationDocument = new TypedDocumentString(`
    mutation CliAcceptInvitation($input: AcceptInvitationInput!) {
  acceptInvitation(input: $input) {
    __typename
    ... on AcceptInvitationPayload {
      permission {
        role
        app {
          name
        }
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:efe320e0fed8d61cecfdcd8a4e6f185bdf11c356475f0a3e1b5db541161f914f"}) as unknown as TypedDocumentString<CliAcceptInvitationMutation, CliAcceptInvitationMutationVariables>;
export const CliOfferTransferDocument = new TypedDocumentString(`
    mutation CliOfferTransfer($input: OfferTransferInput!) {
  offerTransfer(input: $input) {
    __typename
    ... on OfferTransferPayload {
      transfer {
        expiresAt
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:951ad3d6db0f1e67fe74256d71099d9643288a6eed8dd82ce521c9d12a61eb79"}) as unknown as TypedDocumentString<CliOfferTransferMutation, CliOfferTransferMutationVariables>;
export const CliAcceptTransferDocument = new TypedDocumentString(`
    mutation CliAcceptTransfer($input: AcceptTransferInput!) {
  acceptTransfer(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:29ea872c45714e56ccf201d00b488d8f90b0efb26b9dbcea10f6d27dd9c156e3"}) as unknown as TypedDocumentString<CliAcceptTransferMutation, CliAcceptTransferMutationVariables>;
export const CliDeclineTransferDocument = new TypedDocumentString(`
    mutation CliDeclineTransfer($input: DeclineTransferInput!) {
  declineTransfer(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:bafaf456f745ca433cf60b50f1187911a556fc48c27514a87bf2a5945f0844ed"}) as unknown as TypedDocumentString<CliDeclineTransferMutation, CliDeclineTransferMutationVariables>;
export const CliWithdrawTransferDocument = new TypedDocumentString(`
    mutation CliWithdrawTransfer($input: WithdrawTransferInput!) {
  withdrawTransfer(input: $input) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `, {"documentId":"sha256:0b17950283bb976d2058b4d1db212ef6b1082393752db31622081317aa803fe5"}) as unknown as TypedDocumentString<CliWithdrawTransferMutation, CliWithdrawTransferMutationVariables>;