/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Why a build failed. */
export type BuildFailureReason =
  /** The builder was lost again and again. */
  | 'BUILDER_LOST'
  /** A buildpack named in .buildpacks could not be fetched. */
  | 'BUILDPACK_FETCH_FAILED'
  /** A command of the build failed. */
  | 'BUILD_COMMAND_FAILED'
  /** The build took too long. */
  | 'BUILD_TIMEOUT'
  /** The build used more disk than it may, or than there is. */
  | 'DISK_FULL'
  /** A Dockerfile is built on Kubernetes only. */
  | 'DOCKERFILE_NEEDS_KUBERNETES'
  /** The image could not be built: mostly, a step of the Dockerfile failed. */
  | 'IMAGE_BUILD_FAILED'
  /** The platform failed. */
  | 'INTERNAL'
  /** The Procfile has a line that is none. */
  | 'INVALID_PROCFILE'
  /** No buildpack knows what to do with these files. */
  | 'NO_BUILDPACK'
  /** Neither the Procfile nor a buildpack says what to run. */
  | 'NO_PROCESS_TYPES'
  /** The build printed more than it may. */
  | 'OUTPUT_LIMIT'
  /** The build used more memory than it may. */
  | 'OUT_OF_MEMORY'
  /** The image registry refused the platform's password, or the image. */
  | 'REGISTRY_DENIED'
  /** The image registry has no room. */
  | 'REGISTRY_FULL'
  /** The image registry did not answer, again and again. */
  | 'REGISTRY_UNAVAILABLE'
  /** The slug is larger than it may be. */
  | 'SLUG_TOO_LARGE'
  /** The pushed files cannot be unpacked safely. */
  | 'SOURCE_INVALID';

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

/** What a step does. */
export type BuildStepKind =
  /** Keeps the cache for the next build. */
  | 'CACHE'
  /** Runs one buildpack. */
  | 'COMPILE'
  /** Finds the buildpacks that apply. */
  | 'DETECT'
  /** Gets sources, buildpacks and cache. */
  | 'FETCH'
  /** Builds the container image and pushes it to the registry; only on Kubernetes. */
  | 'IMAGE'
  /** Asks the buildpacks for process types. */
  | 'RELEASE'
  /** Packs and stores the slug. */
  | 'SLUG';

/** Where a step is. */
export type BuildStepStatus =
  /** It ended the build. */
  | 'FAILED'
  /** It goes on. */
  | 'RUNNING'
  /** It is done. */
  | 'SUCCEEDED';

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

/** Why a rollout failed. */
export type ReleaseFailureReason =
  /** A replica ended again and again. */
  | 'CRASH_LOOP'
  /** A web replica listened on $PORT and then took no connections any more. */
  | 'HEALTH_CHECK_FAILED'
  /** The image could not be fetched from the registry; only on Kubernetes. */
  | 'IMAGE_PULL_FAILED'
  /** The platform failed. */
  | 'INTERNAL'
  /** A replica used more memory than its size has. */
  | 'OUT_OF_MEMORY'
  /** A web replica did not listen on $PORT in time. */
  | 'PORT_NOT_BOUND'
  /** The app may use no more of the cluster; only on Kubernetes. */
  | 'QUOTA_EXCEEDED'
  /** The Procfile's release command failed. */
  | 'RELEASE_COMMAND_FAILED'
  /** The slug could not be fetched or unpacked. */
  | 'SLUG_UNAVAILABLE'
  /** The rollout took too long. */
  | 'TIMEOUT'
  /** No node of the cluster has room for a replica; only on Kubernetes. */
  | 'UNSCHEDULABLE';

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

/** What goes back. */
export type RollBackScope =
  /** Code and config. */
  | 'BOTH'
  /** The code; the config stays as it is. */
  | 'CODE'
  /** The config; the code stays as it is. */
  | 'CONFIG';

export type TestCreateAppMutationVariables = Exact<{
  name: string;
}>;


export type TestCreateAppMutation = { createApp:
    | { __typename: 'CreateAppPayload', app: { id: string, name: string, url: string, gitUrl: string, version: number } }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NameTaken', code: ErrorCode, message: string, hint: string | null }
   };

export type TestAppStateQueryVariables = Exact<{
  name: string;
}>;


export type TestAppStateQuery = { app: { id: string, version: number, currentRelease: { version: number, status: ReleaseStatus } | null, releases: { nodes: Array<{ id: string, version: number, reason: ReleaseReason, status: ReleaseStatus, failure: { reason: ReleaseFailureReason, message: string, hint: string | null, exitCode: number | null, lines: Array<string> } | null }> }, builds: { nodes: Array<{ id: string, number: number, status: BuildStatus, commit: string, failure: { reason: BuildFailureReason, message: string, hint: string | null, lines: Array<string> } | null, steps: Array<{ kind: BuildStepKind, name: string, status: BuildStepStatus, cacheHit: boolean | null, durationMs: number | null }>, slug: { digest: string, size: number } | null }> }, processes: Array<{ type: string, quantity: number, replicas: Array<{ id: string, index: number, status: ReplicaStatus, restarts: number, exitCode: number | null, exitReason: string | null, release: { version: number } }> }> } | null };

export type TestSetConfigMutationVariables = Exact<{
  app: string;
  set?: Array<ConfigVarInput> | ConfigVarInput | null | undefined;
  unset?: Array<string> | string | null | undefined;
  restart?: boolean | null | undefined;
}>;


export type TestSetConfigMutation = { setConfig:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'SetConfigPayload', release: { id: string, version: number, status: ReleaseStatus } }
    | { __typename: 'VersionConflict', code: ErrorCode, message: string, hint: string | null }
   };

export type TestRollBackMutationVariables = Exact<{
  app: string;
  to?: number | null | undefined;
  scope?: RollBackScope | null | undefined;
}>;


export type TestRollBackMutation = { rollBack:
    | { __typename: 'CannotRollBack', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RollBackPayload', release: { id: string, version: number } }
    | { __typename: 'VersionConflict', code: ErrorCode, message: string, hint: string | null }
   };

export type TestScaleMutationVariables = Exact<{
  app: string;
  processes: Array<ProcessScaleInput> | ProcessScaleInput;
}>;


export type TestScaleMutation = { scale:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'ScalePayload', app: { version: number } }
    | { __typename: 'VersionConflict', code: ErrorCode, message: string, hint: string | null }
   };

export type TestRestartMutationVariables = Exact<{
  app: string;
  process?: string | null | undefined;
  replica?: string | number | null | undefined;
}>;


export type TestRestartMutation = { restart:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RestartPayload' }
   };

export type TestCancelBuildMutationVariables = Exact<{
  build: string | number;
}>;


export type TestCancelBuildMutation = { cancelBuild:
    | { __typename: 'BuildEnded', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'CancelBuildPayload', build: { status: BuildStatus } }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
   };

export type TestDeleteAppMutationVariables = Exact<{
  app: string;
  confirm: string;
}>;


export type TestDeleteAppMutation = { deleteApp:
    | { __typename: 'ConfirmationMismatch', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'DeleteAppPayload' }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
   };

export type TestAppLogsSubscriptionVariables = Exact<{
  app: string;
  after?: string | null | undefined;
  last?: number | null | undefined;
}>;


export type TestAppLogsSubscription = { appLogs:
    | { __typename: 'LogBatch', cursor: string, lines: Array<{ cursor: string, source: LogSource, process: string | null, replica: string | null, release: number | null, text: string }> }
    | { __typename: 'LogCaughtUp', cursor: string }
    | { __typename: 'LogEnd', reason: LogEndReason }
    | { __typename: 'LogGap', cursor: string, missing: number | null, why: LogGapReason }
   };

export type TestBuildLogsSubscriptionVariables = Exact<{
  build: string | number;
  after?: string | null | undefined;
}>;


export type TestBuildLogsSubscription = { buildLogs:
    | { __typename: 'LogBatch', cursor: string, lines: Array<{ cursor: string, text: string }> }
    | { __typename: 'LogCaughtUp' }
    | { __typename: 'LogEnd', reason: LogEndReason }
    | { __typename: 'LogGap', missing: number | null, why: LogGapReason }
   };

export type TestDeployEventsSubscriptionVariables = Exact<{
  deploy: string | number;
}>;


export type TestDeployEventsSubscription = { deployEvents:
    | { __typename: 'AppDeleted' }
    | { __typename: 'BuildCancelRequested' }
    | { __typename: 'BuildCanceled' }
    | { __typename: 'BuildFailed' }
    | { __typename: 'BuildQueued' }
    | { __typename: 'BuildStarted' }
    | { __typename: 'BuildSucceeded' }
    | { __typename: 'BuildSuperseded' }
    | { __typename: 'ReleaseCreated' }
    | { __typename: 'ReleaseFailed' }
    | { __typename: 'ReleaseLive' }
    | { __typename: 'ReleaseRollingOut' }
    | { __typename: 'ReleaseSuperseded' }
   };

export type TestAppEventsQueryVariables = Exact<{
  name: string;
  after?: string | null | undefined;
}>;


export type TestAppEventsQuery = { app: { events: { nodes: Array<
        | { summary: string, type: 'AccountDeleted' }
        | { summary: string, type: 'ApiKeyCreated' }
        | { summary: string, type: 'ApiKeyRevoked' }
        | { summary: string, type: 'ApiKeyRotated' }
        | { summary: string, type: 'AppCreated' }
        | { summary: string, type: 'AppDeleted' }
        | { summary: string, type: 'AppRenamed' }
        | { summary: string, type: 'AppTransferred' }
        | { summary: string, type: 'BuildCancelRequested' }
        | { summary: string, type: 'BuildCanceled' }
        | { summary: string, type: 'BuildFailed' }
        | { summary: string, type: 'BuildQueued' }
        | { summary: string, type: 'BuildStarted' }
        | { summary: string, type: 'BuildSucceeded' }
        | { summary: string, type: 'BuildSuperseded' }
        | { summary: string, type: 'ConfigChanged' }
        | { summary: string, type: 'DeployKeyCreated' }
        | { summary: string, type: 'DeployKeyRevoked' }
        | { summary: string, type: 'DeployKeyRotated' }
        | { summary: string, type: 'EmailChangeRequested' }
        | { summary: string, type: 'EmailChanged' }
        | { summary: string, type: 'EmailConfirmed' }
        | { summary: string, type: 'InvitationRevoked' }
        | { summary: string, type: 'KeyRotated' }
        | { summary: string, type: 'KeyRotationStarted' }
        | { summary: string, type: 'LoggedIn' }
        | { summary: string, type: 'PasswordChanged' }
        | { summary: string, type: 'PasswordResetRequested' }
        | { summary: string, type: 'PersonInvited' }
        | { summary: string, type: 'PersonJoined' }
        | { summary: string, type: 'PersonLeft' }
        | { summary: string, type: 'PersonRemoved' }
        | { summary: string, type: 'PersonRoleChanged' }
        | { summary: string, type: 'ProcessesScaled' }
        | { summary: string, type: 'RecoveryCodesReplaced' }
        | { summary: string, type: 'ReleaseCreated' }
        | { summary: string, type: 'ReleaseFailed' }
        | { summary: string, type: 'ReleaseLive' }
        | { summary: string, type: 'ReleaseRollingOut' }
        | { summary: string, type: 'ReleaseSuperseded' }
        | { summary: string, type: 'ReplicaCrashed' }
        | { summary: string, type: 'ReplicasRestarted' }
        | { summary: string, type: 'SessionEnded' }
        | { summary: string, type: 'SignedUp' }
        | { summary: string, type: 'SshKeyAdded' }
        | { summary: string, type: 'SshKeyRemoved' }
        | { summary: string, type: 'TransferDeclined' }
        | { summary: string, type: 'TransferOffered' }
        | { summary: string, type: 'TransferWithdrawn' }
        | { summary: string, type: 'TwoFactorDisabled' }
        | { summary: string, type: 'TwoFactorEnabled' }
        | { summary: string, type: 'TwoFactorStarted' }
        | { summary: string, type: 'UserInvitationRevoked' }
        | { summary: string, type: 'UserInvited' }
      >, pageInfo: { endCursor: string | null, hasNextPage: boolean } } } | null };

export type TestRenameAppMutationVariables = Exact<{
  app: string;
  name: string;
}>;


export type TestRenameAppMutation = { renameApp:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NameTaken', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RenameAppPayload', app: { id: string, name: string, url: string, gitUrl: string, formerNames: Array<string> } }
    | { __typename: 'VersionConflict', code: ErrorCode, message: string, hint: string | null }
   };

export type TestCreateDeployKeyMutationVariables = Exact<{
  app: string;
}>;


export type TestCreateDeployKeyMutation = { createDeployKey:
    | { __typename: 'CreateDeployKeyPayload', secret: string, apiKey: { id: string } }
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'IdempotencyConflict', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'SecretAlreadyShown', code: ErrorCode, message: string, hint: string | null }
   };

export type TestRevokeApiKeyMutationVariables = Exact<{
  apiKey: string | number;
}>;


export type TestRevokeApiKeyMutation = { revokeApiKey:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'NotFound', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RevokeApiKeyPayload' }
   };

export type TestKeyUseQueryVariables = Exact<{
  id: string | number;
}>;


export type TestKeyUseQuery = { node:
    | { lastUsedAt: string | null, lastUsedFrom: string | null }
    | Record<PropertyKey, never>
   | null };

export type TestRotateEncryptionKeyMutationVariables = Exact<{
  keyId?: string | null | undefined;
}>;


export type TestRotateEncryptionKeyMutation = { rotateEncryptionKey:
    | { __typename: 'Forbidden', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'InvalidInput', code: ErrorCode, message: string, hint: string | null }
    | { __typename: 'RotateEncryptionKeyPayload' }
   };

export type TestKeyRotationQueryVariables = Exact<{ [key: string]: never; }>;


export type TestKeyRotationQuery = { keyRotation: { keyId: string, entriesLeft: number, waitsFor: Array<string>, done: boolean } | null };

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

export const TestCreateAppDocument = new TypedDocumentString(`
    mutation TestCreateApp($name: String!) {
  createApp(input: {name: $name}) {
    __typename
    ... on CreateAppPayload {
      app {
        id
        name
        url
        gitUrl
        version
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TestCreateAppMutation, TestCreateAppMutationVariables>;
export const TestAppStateDocument = new TypedDocumentString(`
    query TestAppState($name: String!) {
  app(name: $name) {
    id
    version
    currentRelease {
      version
      status
    }
    releases(first: 50) {
      nodes {
        id
        version
        reason
        status
        failure {
          reason
          message
          hint
          exitCode
          lines
        }
      }
    }
    builds(first: 50) {
      nodes {
        id
        number
        status
        commit
        failure {
          reason
          message
          hint
          lines
        }
        steps {
          kind
          name
          status
          cacheHit
          durationMs
        }
        slug {
          digest
          size
        }
      }
    }
    processes {
      type
      quantity
      replicas {
        id
        index
        status
        restarts
        exitCode
        exitReason
        release {
          version
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TestAppStateQuery, TestAppStateQueryVariables>;
export const TestSetConfigDocument = new TypedDocumentString(`
    mutation TestSetConfig($app: String!, $set: [ConfigVarInput!], $unset: [String!], $restart: Boolean) {
  setConfig(input: {app: $app, set: $set, unset: $unset, restart: $restart}) {
    __typename
    ... on SetConfigPayload {
      release {
        id
        version
        status
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TestSetConfigMutation, TestSetConfigMutationVariables>;
export const TestRollBackDocument = new TypedDocumentString(`
    mutation TestRollBack($app: String!, $to: Int, $scope: RollBackScope) {
  rollBack(input: {app: $app, to: $to, scope: $scope}) {
    __typename
    ... on RollBackPayload {
      release {
        id
        version
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TestRollBackMutation, TestRollBackMutationVariables>;
export const TestScaleDocument = new TypedDocumentString(`
    mutation TestScale($app: String!, $processes: [ProcessScaleInput!]!) {
  scale(input: {app: $app, processes: $processes}) {
    __typename
    ... on ScalePayload {
      app {
        version
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TestScaleMutation, TestScaleMutationVariables>;
export const TestRestartDocument = new TypedDocumentString(`
    mutation TestRestart($app: String!, $process: String, $replica: ID) {
  restart(input: {app: $app, process: $process, replica: $replica}) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TestRestartMutation, TestRestartMutationVariables>;
export const TestCancelBuildDocument = new TypedDocumentString(`
    mutation TestCancelBuild($build: ID!) {
  cancelBuild(input: {build: $build}) {
    __typename
    ... on CancelBuildPayload {
      build {
        status
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TestCancelBuildMutation, TestCancelBuildMutationVariables>;
export const TestDeleteAppDocument = new TypedDocumentString(`
    mutation TestDeleteApp($app: String!, $confirm: String!) {
  deleteApp(input: {app: $app, confirm: $confirm}) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TestDeleteAppMutation, TestDeleteAppMutationVariables>;
export const TestAppLogsDocument = new TypedDocumentString(`
    subscription TestAppLogs($app: String!, $after: Cursor, $last: Int) {
  appLogs(app: $app, after: $after, last: $last) {
    __typename
    ... on LogBatch {
      cursor
      lines {
        cursor
        source
        process
        replica
        release
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
    `) as unknown as TypedDocumentString<TestAppLogsSubscription, TestAppLogsSubscriptionVariables>;
export const TestBuildLogsDocument = new TypedDocumentString(`
    subscription TestBuildLogs($build: ID!, $after: Cursor) {
  buildLogs(build: $build, after: $after) {
    __typename
    ... on LogBatch {
      cursor
      lines {
        cursor
        text
      }
    }
    ... on LogGap {
      missing: lines
      why: reason
    }
    ... on LogEnd {
      reason
    }
  }
}
    `) as unknown as TypedDocumentString<TestBuildLogsSubscription, TestBuildLogsSubscriptionVariables>;
export const TestDeployEventsDocument = new TypedDocumentString(`
    subscription TestDeployEvents($deploy: ID!) {
  deployEvents(deploy: $deploy) {
    __typename
  }
}
    `) as unknown as TypedDocumentString<TestDeployEventsSubscription, TestDeployEventsSubscriptionVariables>;
export const TestAppEventsDocument = new TypedDocumentString(`
    query TestAppEvents($name: String!, $after: String) {
  app(name: $name) {
    events(after: $after, first: 100) {
      nodes {
        type: __typename
        ... on EventDetails {
          summary
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TestAppEventsQuery, TestAppEventsQueryVariables>;
export const TestRenameAppDocument = new TypedDocumentString(`
    mutation TestRenameApp($app: String!, $name: String!) {
  renameApp(input: {app: $app, name: $name}) {
    __typename
    ... on RenameAppPayload {
      app {
        id
        name
        url
        gitUrl
        formerNames
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TestRenameAppMutation, TestRenameAppMutationVariables>;
export const TestCreateDeployKeyDocument = new TypedDocumentString(`
    mutation TestCreateDeployKey($app: String!) {
  createDeployKey(input: {app: $app, name: "test"}) {
    __typename
    ... on CreateDeployKeyPayload {
      secret
      apiKey {
        id
      }
    }
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TestCreateDeployKeyMutation, TestCreateDeployKeyMutationVariables>;
export const TestRevokeApiKeyDocument = new TypedDocumentString(`
    mutation TestRevokeApiKey($apiKey: ID!) {
  revokeApiKey(input: {apiKey: $apiKey}) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TestRevokeApiKeyMutation, TestRevokeApiKeyMutationVariables>;
export const TestKeyUseDocument = new TypedDocumentString(`
    query TestKeyUse($id: ID!) {
  node(id: $id) {
    ... on ApiKey {
      lastUsedAt
      lastUsedFrom
    }
  }
}
    `) as unknown as TypedDocumentString<TestKeyUseQuery, TestKeyUseQueryVariables>;
export const TestRotateEncryptionKeyDocument = new TypedDocumentString(`
    mutation TestRotateEncryptionKey($keyId: String) {
  rotateEncryptionKey(input: {keyId: $keyId}) {
    __typename
    ... on UserError {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TestRotateEncryptionKeyMutation, TestRotateEncryptionKeyMutationVariables>;
export const TestKeyRotationDocument = new TypedDocumentString(`
    query TestKeyRotation {
  keyRotation {
    keyId
    entriesLeft
    waitsFor
    done
  }
}
    `) as unknown as TypedDocumentString<TestKeyRotationQuery, TestKeyRotationQueryVariables>;