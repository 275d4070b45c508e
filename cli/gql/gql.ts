/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query CliViewer { viewer { email apiKeys(first: 100) { nodes { id name prefix scopes lastUsedAt expiresAt revokedAt app { name } } } } }": typeof types.CliViewerDocument,
    "query CliApps { apps(first: 100) { nodes { name url currentRelease { version createdAt } } } }": typeof types.CliAppsDocument,
    "\n  query CliApp($name: String!) {\n    app(name: $name) {\n      id name url gitUrl createdAt\n      currentRelease { version status createdAt description slug { size stack buildpacks } }\n      processes { type command quantity size replicas { id name status restarts startedAt exitCode exitReason release { version } } }\n    }\n  }\n": typeof types.CliAppDocument,
    "\n  mutation CliCreateApp($input: CreateAppInput!) {\n    createApp(input: $input) { __typename ... on CreateAppPayload { app { name url gitUrl } } ... on UserError { code message hint } }\n  }\n": typeof types.CliCreateAppDocument,
    "\n  mutation CliDeleteApp($input: DeleteAppInput!) { deleteApp(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliDeleteAppDocument,
    "query CliConfig($name: String!) { app(name: $name) { config { entries { key value valueBase64 sealed setAt } } } }": typeof types.CliConfigDocument,
    "\n  mutation CliSetConfig($input: SetConfigInput!) {\n    setConfig(input: $input) { __typename ... on SetConfigPayload { release { id version description } } ... on UserError { code message hint } }\n  }\n": typeof types.CliSetConfigDocument,
    "\n  mutation CliCopyConfig($input: CopyConfigInput!) {\n    copyConfig(input: $input) { __typename ... on CopyConfigPayload { release { id version description } } ... on UserError { code message hint } }\n  }\n": typeof types.CliCopyConfigDocument,
    "\n  query CliConfigHistory($name: String!, $key: String!, $first: Int!) {\n    app(name: $name) { configHistory(key: $key, first: $first) { nodes { set sealed digest setAt setBy { email } release { version description } } } }\n  }\n": typeof types.CliConfigHistoryDocument,
    "\n  query CliDiffReleases($app: String!, $version: Int!, $from: Int!) {\n    release(app: $app, version: $version) {\n      version\n      diff(from: $from) { codeChanged commitBefore commitAfter slugBefore { digest } slugAfter { digest } processTypesAdded processTypesChanged processTypesRemoved configAdded configChanged configRemoved }\n    }\n  }\n": typeof types.CliDiffReleasesDocument,
    "\n  query CliPreviewRollBack($app: String!, $to: Int, $scope: RollBackScope!) {\n    rollBackPreview(app: $app, to: $to, scope: $scope) {\n      refused { code message hint }\n      release {\n        description to { version }\n        diff { codeChanged commitBefore commitAfter slugBefore { digest } slugAfter { digest } processTypesAdded processTypesChanged processTypesRemoved configAdded configChanged configRemoved }\n      }\n    }\n  }\n": typeof types.CliPreviewRollBackDocument,
    "query CliKeyRotation { keyRotation { keyId startedAt activatedAt entriesLeft waitsFor done oldKeysEndAt } }": typeof types.CliKeyRotationDocument,
    "\n  mutation CliRotateEncryptionKey($input: RotateEncryptionKeyInput!) { rotateEncryptionKey(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliRotateEncryptionKeyDocument,
    "\n  query CliReleases($name: String!, $first: Int!) {\n    app(name: $name) { currentRelease { version } releases(first: $first) { nodes { version reason status description createdAt createdBy { email } failure { message } } } }\n  }\n": typeof types.CliReleasesDocument,
    "\n  query CliBuilds($name: String!, $first: Int!) {\n    app(name: $name) { builds(first: $first) { nodes { id number status commit message queuedAt startedAt endedAt failure { message } } } }\n  }\n": typeof types.CliBuildsDocument,
    "\n  mutation CliRollBack($input: RollBackInput!) {\n    rollBack(input: $input) { __typename ... on RollBackPayload { release { id version description } } ... on UserError { code message hint } }\n  }\n": typeof types.CliRollBackDocument,
    "\n  mutation CliScale($input: ScaleInput!) { scale(input: $input) { __typename ... on ScalePayload { app { processes { type quantity size } } } ... on UserError { code message hint } } }\n": typeof types.CliScaleDocument,
    "\n  mutation CliRestart($input: RestartInput!) { restart(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliRestartDocument,
    "\n  subscription CliFollowLogs($app: String!, $after: Cursor, $last: Int, $filter: LogFilter) {\n    appLogs(app: $app, after: $after, last: $last, filter: $filter) {\n      __typename\n      ... on LogBatch { cursor lines { at source process replica release stream level text } }\n      ... on LogGap { cursor missing: lines why: reason }\n      ... on LogCaughtUp { cursor }\n      ... on LogEnd { reason }\n    }\n  }\n": typeof types.CliFollowLogsDocument,
    "\n  subscription CliFollowDeploy($deploy: ID!) {\n    deployEvents(deploy: $deploy) { __typename ... on EventDetails { summary } ... on ReleaseFailed { release { failure { message hint lines } } } }\n  }\n": typeof types.CliFollowDeployDocument,
    "\n  mutation CliCancelBuild($input: CancelBuildInput!) { cancelBuild(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliCancelBuildDocument,
    "\n  mutation CliCreateApiKey($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename ... on CreateApiKeyPayload { secret } ... on UserError { code message hint } } }\n": typeof types.CliCreateApiKeyDocument,
    "\n  mutation CliRevokeApiKey($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliRevokeApiKeyDocument,
};
const documents: Documents = {
    "query CliViewer { viewer { email apiKeys(first: 100) { nodes { id name prefix scopes lastUsedAt expiresAt revokedAt app { name } } } } }": types.CliViewerDocument,
    "query CliApps { apps(first: 100) { nodes { name url currentRelease { version createdAt } } } }": types.CliAppsDocument,
    "\n  query CliApp($name: String!) {\n    app(name: $name) {\n      id name url gitUrl createdAt\n      currentRelease { version status createdAt description slug { size stack buildpacks } }\n      processes { type command quantity size replicas { id name status restarts startedAt exitCode exitReason release { version } } }\n    }\n  }\n": types.CliAppDocument,
    "\n  mutation CliCreateApp($input: CreateAppInput!) {\n    createApp(input: $input) { __typename ... on CreateAppPayload { app { name url gitUrl } } ... on UserError { code message hint } }\n  }\n": types.CliCreateAppDocument,
    "\n  mutation CliDeleteApp($input: DeleteAppInput!) { deleteApp(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliDeleteAppDocument,
    "query CliConfig($name: String!) { app(name: $name) { config { entries { key value valueBase64 sealed setAt } } } }": types.CliConfigDocument,
    "\n  mutation CliSetConfig($input: SetConfigInput!) {\n    setConfig(input: $input) { __typename ... on SetConfigPayload { release { id version description } } ... on UserError { code message hint } }\n  }\n": types.CliSetConfigDocument,
    "\n  mutation CliCopyConfig($input: CopyConfigInput!) {\n    copyConfig(input: $input) { __typename ... on CopyConfigPayload { release { id version description } } ... on UserError { code message hint } }\n  }\n": types.CliCopyConfigDocument,
    "\n  query CliConfigHistory($name: String!, $key: String!, $first: Int!) {\n    app(name: $name) { configHistory(key: $key, first: $first) { nodes { set sealed digest setAt setBy { email } release { version description } } } }\n  }\n": types.CliConfigHistoryDocument,
    "\n  query CliDiffReleases($app: String!, $version: Int!, $from: Int!) {\n    release(app: $app, version: $version) {\n      version\n      diff(from: $from) { codeChanged commitBefore commitAfter slugBefore { digest } slugAfter { digest } processTypesAdded processTypesChanged processTypesRemoved configAdded configChanged configRemoved }\n    }\n  }\n": types.CliDiffReleasesDocument,
    "\n  query CliPreviewRollBack($app: String!, $to: Int, $scope: RollBackScope!) {\n    rollBackPreview(app: $app, to: $to, scope: $scope) {\n      refused { code message hint }\n      release {\n        description to { version }\n        diff { codeChanged commitBefore commitAfter slugBefore { digest } slugAfter { digest } processTypesAdded processTypesChanged processTypesRemoved configAdded configChanged configRemoved }\n      }\n    }\n  }\n": types.CliPreviewRollBackDocument,
    "query CliKeyRotation { keyRotation { keyId startedAt activatedAt entriesLeft waitsFor done oldKeysEndAt } }": types.CliKeyRotationDocument,
    "\n  mutation CliRotateEncryptionKey($input: RotateEncryptionKeyInput!) { rotateEncryptionKey(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliRotateEncryptionKeyDocument,
    "\n  query CliReleases($name: String!, $first: Int!) {\n    app(name: $name) { currentRelease { version } releases(first: $first) { nodes { version reason status description createdAt createdBy { email } failure { message } } } }\n  }\n": types.CliReleasesDocument,
    "\n  query CliBuilds($name: String!, $first: Int!) {\n    app(name: $name) { builds(first: $first) { nodes { id number status commit message queuedAt startedAt endedAt failure { message } } } }\n  }\n": types.CliBuildsDocument,
    "\n  mutation CliRollBack($input: RollBackInput!) {\n    rollBack(input: $input) { __typename ... on RollBackPayload { release { id version description } } ... on UserError { code message hint } }\n  }\n": types.CliRollBackDocument,
    "\n  mutation CliScale($input: ScaleInput!) { scale(input: $input) { __typename ... on ScalePayload { app { processes { type quantity size } } } ... on UserError { code message hint } } }\n": types.CliScaleDocument,
    "\n  mutation CliRestart($input: RestartInput!) { restart(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliRestartDocument,
    "\n  subscription CliFollowLogs($app: String!, $after: Cursor, $last: Int, $filter: LogFilter) {\n    appLogs(app: $app, after: $after, last: $last, filter: $filter) {\n      __typename\n      ... on LogBatch { cursor lines { at source process replica release stream level text } }\n      ... on LogGap { cursor missing: lines why: reason }\n      ... on LogCaughtUp { cursor }\n      ... on LogEnd { reason }\n    }\n  }\n": types.CliFollowLogsDocument,
    "\n  subscription CliFollowDeploy($deploy: ID!) {\n    deployEvents(deploy: $deploy) { __typename ... on EventDetails { summary } ... on ReleaseFailed { release { failure { message hint lines } } } }\n  }\n": types.CliFollowDeployDocument,
    "\n  mutation CliCancelBuild($input: CancelBuildInput!) { cancelBuild(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliCancelBuildDocument,
    "\n  mutation CliCreateApiKey($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename ... on CreateApiKeyPayload { secret } ... on UserError { code message hint } } }\n": types.CliCreateApiKeyDocument,
    "\n  mutation CliRevokeApiKey($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliRevokeApiKeyDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CliViewer { viewer { email apiKeys(first: 100) { nodes { id name prefix scopes lastUsedAt expiresAt revokedAt app { name } } } } }"): typeof import('./graphql.ts').CliViewerDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CliApps { apps(first: 100) { nodes { name url currentRelease { version createdAt } } } }"): typeof import('./graphql.ts').CliAppsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CliApp($name: String!) {\n    app(name: $name) {\n      id name url gitUrl createdAt\n      currentRelease { version status createdAt description slug { size stack buildpacks } }\n      processes { type command quantity size replicas { id name status restarts startedAt exitCode exitReason release { version } } }\n    }\n  }\n"): typeof import('./graphql.ts').CliAppDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliCreateApp($input: CreateAppInput!) {\n    createApp(input: $input) { __typename ... on CreateAppPayload { app { name url gitUrl } } ... on UserError { code message hint } }\n  }\n"): typeof import('./graphql.ts').CliCreateAppDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliDeleteApp($input: DeleteAppInput!) { deleteApp(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliDeleteAppDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CliConfig($name: String!) { app(name: $name) { config { entries { key value valueBase64 sealed setAt } } } }"): typeof import('./graphql.ts').CliConfigDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliSetConfig($input: SetConfigInput!) {\n    setConfig(input: $input) { __typename ... on SetConfigPayload { release { id version description } } ... on UserError { code message hint } }\n  }\n"): typeof import('./graphql.ts').CliSetConfigDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliCopyConfig($input: CopyConfigInput!) {\n    copyConfig(input: $input) { __typename ... on CopyConfigPayload { release { id version description } } ... on UserError { code message hint } }\n  }\n"): typeof import('./graphql.ts').CliCopyConfigDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CliConfigHistory($name: String!, $key: String!, $first: Int!) {\n    app(name: $name) { configHistory(key: $key, first: $first) { nodes { set sealed digest setAt setBy { email } release { version description } } } }\n  }\n"): typeof import('./graphql.ts').CliConfigHistoryDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CliDiffReleases($app: String!, $version: Int!, $from: Int!) {\n    release(app: $app, version: $version) {\n      version\n      diff(from: $from) { codeChanged commitBefore commitAfter slugBefore { digest } slugAfter { digest } processTypesAdded processTypesChanged processTypesRemoved configAdded configChanged configRemoved }\n    }\n  }\n"): typeof import('./graphql.ts').CliDiffReleasesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CliPreviewRollBack($app: String!, $to: Int, $scope: RollBackScope!) {\n    rollBackPreview(app: $app, to: $to, scope: $scope) {\n      refused { code message hint }\n      release {\n        description to { version }\n        diff { codeChanged commitBefore commitAfter slugBefore { digest } slugAfter { digest } processTypesAdded processTypesChanged processTypesRemoved configAdded configChanged configRemoved }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').CliPreviewRollBackDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CliKeyRotation { keyRotation { keyId startedAt activatedAt entriesLeft waitsFor done oldKeysEndAt } }"): typeof import('./graphql.ts').CliKeyRotationDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliRotateEncryptionKey($input: RotateEncryptionKeyInput!) { rotateEncryptionKey(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliRotateEncryptionKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CliReleases($name: String!, $first: Int!) {\n    app(name: $name) { currentRelease { version } releases(first: $first) { nodes { version reason status description createdAt createdBy { email } failure { message } } } }\n  }\n"): typeof import('./graphql.ts').CliReleasesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CliBuilds($name: String!, $first: Int!) {\n    app(name: $name) { builds(first: $first) { nodes { id number status commit message queuedAt startedAt endedAt failure { message } } } }\n  }\n"): typeof import('./graphql.ts').CliBuildsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliRollBack($input: RollBackInput!) {\n    rollBack(input: $input) { __typename ... on RollBackPayload { release { id version description } } ... on UserError { code message hint } }\n  }\n"): typeof import('./graphql.ts').CliRollBackDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliScale($input: ScaleInput!) { scale(input: $input) { __typename ... on ScalePayload { app { processes { type quantity size } } } ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliScaleDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliRestart($input: RestartInput!) { restart(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliRestartDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription CliFollowLogs($app: String!, $after: Cursor, $last: Int, $filter: LogFilter) {\n    appLogs(app: $app, after: $after, last: $last, filter: $filter) {\n      __typename\n      ... on LogBatch { cursor lines { at source process replica release stream level text } }\n      ... on LogGap { cursor missing: lines why: reason }\n      ... on LogCaughtUp { cursor }\n      ... on LogEnd { reason }\n    }\n  }\n"): typeof import('./graphql.ts').CliFollowLogsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription CliFollowDeploy($deploy: ID!) {\n    deployEvents(deploy: $deploy) { __typename ... on EventDetails { summary } ... on ReleaseFailed { release { failure { message hint lines } } } }\n  }\n"): typeof import('./graphql.ts').CliFollowDeployDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliCancelBuild($input: CancelBuildInput!) { cancelBuild(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliCancelBuildDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliCreateApiKey($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename ... on CreateApiKeyPayload { secret } ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliCreateApiKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliRevokeApiKey($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliRevokeApiKeyDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
