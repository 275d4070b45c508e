/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
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

export type CliViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type CliViewerQuery = { viewer: { email: string, apiKeys: { nodes: Array<{ id: string, name: string, prefix: string, scopes: Array<ApiKeyScope>, lastUsedAt: string | null, expiresAt: string | null, revokedAt: string | null, app: { name: string } | null }> } } | null };

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
        expiresAt
        revokedAt
        app {
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CliViewerQuery, CliViewerQueryVariables>;
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
    `) as unknown as TypedDocumentString<CliAppsQuery, CliAppsQueryVariables>;
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
    `) as unknown as TypedDocumentString<CliAppQuery, CliAppQueryVariables>;
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
    `) as unknown as TypedDocumentString<CliCreateAppMutation, CliCreateAppMutationVariables>;
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
    `) as unknown as TypedDocumentString<CliDeleteAppMutation, CliDeleteAppMutationVariables>;
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
    `) as unknown as TypedDocumentString<CliConfigQuery, CliConfigQueryVariables>;
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
    `) as unknown as TypedDocumentString<CliSetConfigMutation, CliSetConfigMutationVariables>;
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
    `) as unknown as TypedDocumentString<CliCopyConfigMutation, CliCopyConfigMutationVariables>;
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
    `) as unknown as TypedDocumentString<CliConfigHistoryQuery, CliConfigHistoryQueryVariables>;
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
    `) as unknown as TypedDocumentString<CliDiffReleasesQuery, CliDiffReleasesQueryVariables>;
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
    `) as unknown as TypedDocumentString<CliPreviewRollBackQuery, CliPreviewRollBackQueryVariables>;
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
    `) as unknown as TypedDocumentString<CliKeyRotationQuery, CliKeyRotationQueryVariables>;
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
    `) as unknown as TypedDocumentString<CliRotateEncryptionKeyMutation, CliRotateEncryptionKeyMutationVariables>;
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
    `) as unknown as TypedDocumentString<CliReleasesQuery, CliReleasesQueryVariables>;
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
    `) as unknown as TypedDocumentString<CliBuildsQuery, CliBuildsQueryVariables>;
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
    `) as unknown as TypedDocumentString<CliRollBackMutation, CliRollBackMutationVariables>;
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
    `) as unknown as TypedDocumentString<CliScaleMutation, CliScaleMutationVariables>;
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
    `) as unknown as TypedDocumentString<CliRestartMutation, CliRestartMutationVariables>;
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
    `) as unknown as TypedDocumentString<CliFollowLogsSubscription, CliFollowLogsSubscriptionVariables>;
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
    `) as unknown as TypedDocumentString<CliFollowDeploySubscription, CliFollowDeploySubscriptionVariables>;
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
    `) as unknown as TypedDocumentString<CliCancelBuildMutation, CliCancelBuildMutationVariables>;
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
    `) as unknown as TypedDocumentString<CliCreateApiKeyMutation, CliCreateApiKeyMutationVariables>;
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
    `) as unknown as TypedDocumentString<CliRevokeApiKeyMutation, CliRevokeApiKeyMutationVariables>;