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
    "\n  mutation TestCreateApp($name: String!) {\n    createApp(input: { name: $name }) {\n      __typename\n      ... on CreateAppPayload { app { id name url gitUrl version } }\n      ... on UserError { code message hint }\n    }\n  }\n": typeof types.TestCreateAppDocument,
    "\n  query TestAppState($name: String!) {\n    app(name: $name) {\n      id\n      version\n      currentRelease { version status }\n      releases(first: 50) { nodes { id version reason status failure { reason message hint exitCode lines } } }\n      builds(first: 50) { nodes { id number status commit failure { reason message hint lines } steps { kind name status cacheHit durationMs } slug { digest size } } }\n      processes { type quantity replicas { id index status restarts exitCode exitReason release { version } } }\n    }\n  }\n": typeof types.TestAppStateDocument,
    "\n  mutation TestSetConfig($app: String!, $set: [ConfigVarInput!], $unset: [String!], $restart: Boolean) {\n    setConfig(input: { app: $app, set: $set, unset: $unset, restart: $restart }) {\n      __typename\n      ... on SetConfigPayload { release { id version status } }\n      ... on UserError { code message hint }\n    }\n  }\n": typeof types.TestSetConfigDocument,
    "\n  mutation TestRollBack($app: String!, $to: Int, $scope: RollBackScope) {\n    rollBack(input: { app: $app, to: $to, scope: $scope }) {\n      __typename\n      ... on RollBackPayload { release { id version } }\n      ... on UserError { code message hint }\n    }\n  }\n": typeof types.TestRollBackDocument,
    "\n  mutation TestScale($app: String!, $processes: [ProcessScaleInput!]!) {\n    scale(input: { app: $app, processes: $processes }) {\n      __typename\n      ... on ScalePayload { app { version } }\n      ... on UserError { code message hint }\n    }\n  }\n": typeof types.TestScaleDocument,
    "\n  mutation TestRestart($app: String!, $process: String, $replica: ID) {\n    restart(input: { app: $app, process: $process, replica: $replica }) {\n      __typename\n      ... on UserError { code message hint }\n    }\n  }\n": typeof types.TestRestartDocument,
    "\n  mutation TestCancelBuild($build: ID!) {\n    cancelBuild(input: { build: $build }) {\n      __typename\n      ... on CancelBuildPayload { build { status } }\n      ... on UserError { code message hint }\n    }\n  }\n": typeof types.TestCancelBuildDocument,
    "\n  mutation TestDeleteApp($app: String!, $confirm: String!) {\n    deleteApp(input: { app: $app, confirm: $confirm }) {\n      __typename\n      ... on UserError { code message hint }\n    }\n  }\n": typeof types.TestDeleteAppDocument,
    "\n  subscription TestAppLogs($app: String!, $after: Cursor, $last: Int) {\n    appLogs(app: $app, after: $after, last: $last) {\n      __typename\n      ... on LogBatch { cursor lines { cursor source process replica release text } }\n      ... on LogGap { cursor missing: lines why: reason }\n      ... on LogCaughtUp { cursor }\n      ... on LogEnd { reason }\n    }\n  }\n": typeof types.TestAppLogsDocument,
    "\n  subscription TestBuildLogs($build: ID!, $after: Cursor) {\n    buildLogs(build: $build, after: $after) {\n      __typename\n      ... on LogBatch { cursor lines { cursor text } }\n      ... on LogGap { missing: lines why: reason }\n      ... on LogEnd { reason }\n    }\n  }\n": typeof types.TestBuildLogsDocument,
    "\n  subscription TestDeployEvents($deploy: ID!) {\n    deployEvents(deploy: $deploy) { __typename }\n  }\n": typeof types.TestDeployEventsDocument,
    "\n  query TestAppEvents($name: String!, $after: String) {\n    app(name: $name) {\n      events(after: $after, first: 100) {\n        nodes { type: __typename ... on EventDetails { summary } }\n        pageInfo { endCursor hasNextPage }\n      }\n    }\n  }\n": typeof types.TestAppEventsDocument,
    "\n  mutation TestRenameApp($app: String!, $name: String!) {\n    renameApp(input: { app: $app, name: $name }) {\n      __typename\n      ... on RenameAppPayload { app { id name url gitUrl formerNames } }\n      ... on UserError { code message hint }\n    }\n  }\n": typeof types.TestRenameAppDocument,
    "\n  mutation TestCreateDeployKey($app: String!) {\n    createDeployKey(input: { app: $app, name: \"test\" }) {\n      __typename\n      ... on CreateDeployKeyPayload { secret apiKey { id } }\n      ... on UserError { code message hint }\n    }\n  }\n": typeof types.TestCreateDeployKeyDocument,
    "\n  mutation TestRevokeApiKey($apiKey: ID!) {\n    revokeApiKey(input: { apiKey: $apiKey }) { __typename ... on UserError { code message hint } }\n  }\n": typeof types.TestRevokeApiKeyDocument,
    "query TestKeyUse($id: ID!) { node(id: $id) { ... on ApiKey { lastUsedAt lastUsedFrom } } }": typeof types.TestKeyUseDocument,
    "\n  mutation TestRotateEncryptionKey($keyId: String) {\n    rotateEncryptionKey(input: { keyId: $keyId }) { __typename ... on UserError { code message hint } }\n  }\n": typeof types.TestRotateEncryptionKeyDocument,
    "\n  query TestKeyRotation {\n    keyRotation { keyId entriesLeft waitsFor done }\n  }\n": typeof types.TestKeyRotationDocument,
};
const documents: Documents = {
    "\n  mutation TestCreateApp($name: String!) {\n    createApp(input: { name: $name }) {\n      __typename\n      ... on CreateAppPayload { app { id name url gitUrl version } }\n      ... on UserError { code message hint }\n    }\n  }\n": types.TestCreateAppDocument,
    "\n  query TestAppState($name: String!) {\n    app(name: $name) {\n      id\n      version\n      currentRelease { version status }\n      releases(first: 50) { nodes { id version reason status failure { reason message hint exitCode lines } } }\n      builds(first: 50) { nodes { id number status commit failure { reason message hint lines } steps { kind name status cacheHit durationMs } slug { digest size } } }\n      processes { type quantity replicas { id index status restarts exitCode exitReason release { version } } }\n    }\n  }\n": types.TestAppStateDocument,
    "\n  mutation TestSetConfig($app: String!, $set: [ConfigVarInput!], $unset: [String!], $restart: Boolean) {\n    setConfig(input: { app: $app, set: $set, unset: $unset, restart: $restart }) {\n      __typename\n      ... on SetConfigPayload { release { id version status } }\n      ... on UserError { code message hint }\n    }\n  }\n": types.TestSetConfigDocument,
    "\n  mutation TestRollBack($app: String!, $to: Int, $scope: RollBackScope) {\n    rollBack(input: { app: $app, to: $to, scope: $scope }) {\n      __typename\n      ... on RollBackPayload { release { id version } }\n      ... on UserError { code message hint }\n    }\n  }\n": types.TestRollBackDocument,
    "\n  mutation TestScale($app: String!, $processes: [ProcessScaleInput!]!) {\n    scale(input: { app: $app, processes: $processes }) {\n      __typename\n      ... on ScalePayload { app { version } }\n      ... on UserError { code message hint }\n    }\n  }\n": types.TestScaleDocument,
    "\n  mutation TestRestart($app: String!, $process: String, $replica: ID) {\n    restart(input: { app: $app, process: $process, replica: $replica }) {\n      __typename\n      ... on UserError { code message hint }\n    }\n  }\n": types.TestRestartDocument,
    "\n  mutation TestCancelBuild($build: ID!) {\n    cancelBuild(input: { build: $build }) {\n      __typename\n      ... on CancelBuildPayload { build { status } }\n      ... on UserError { code message hint }\n    }\n  }\n": types.TestCancelBuildDocument,
    "\n  mutation TestDeleteApp($app: String!, $confirm: String!) {\n    deleteApp(input: { app: $app, confirm: $confirm }) {\n      __typename\n      ... on UserError { code message hint }\n    }\n  }\n": types.TestDeleteAppDocument,
    "\n  subscription TestAppLogs($app: String!, $after: Cursor, $last: Int) {\n    appLogs(app: $app, after: $after, last: $last) {\n      __typename\n      ... on LogBatch { cursor lines { cursor source process replica release text } }\n      ... on LogGap { cursor missing: lines why: reason }\n      ... on LogCaughtUp { cursor }\n      ... on LogEnd { reason }\n    }\n  }\n": types.TestAppLogsDocument,
    "\n  subscription TestBuildLogs($build: ID!, $after: Cursor) {\n    buildLogs(build: $build, after: $after) {\n      __typename\n      ... on LogBatch { cursor lines { cursor text } }\n      ... on LogGap { missing: lines why: reason }\n      ... on LogEnd { reason }\n    }\n  }\n": types.TestBuildLogsDocument,
    "\n  subscription TestDeployEvents($deploy: ID!) {\n    deployEvents(deploy: $deploy) { __typename }\n  }\n": types.TestDeployEventsDocument,
    "\n  query TestAppEvents($name: String!, $after: String) {\n    app(name: $name) {\n      events(after: $after, first: 100) {\n        nodes { type: __typename ... on EventDetails { summary } }\n        pageInfo { endCursor hasNextPage }\n      }\n    }\n  }\n": types.TestAppEventsDocument,
    "\n  mutation TestRenameApp($app: String!, $name: String!) {\n    renameApp(input: { app: $app, name: $name }) {\n      __typename\n      ... on RenameAppPayload { app { id name url gitUrl formerNames } }\n      ... on UserError { code message hint }\n    }\n  }\n": types.TestRenameAppDocument,
    "\n  mutation TestCreateDeployKey($app: String!) {\n    createDeployKey(input: { app: $app, name: \"test\" }) {\n      __typename\n      ... on CreateDeployKeyPayload { secret apiKey { id } }\n      ... on UserError { code message hint }\n    }\n  }\n": types.TestCreateDeployKeyDocument,
    "\n  mutation TestRevokeApiKey($apiKey: ID!) {\n    revokeApiKey(input: { apiKey: $apiKey }) { __typename ... on UserError { code message hint } }\n  }\n": types.TestRevokeApiKeyDocument,
    "query TestKeyUse($id: ID!) { node(id: $id) { ... on ApiKey { lastUsedAt lastUsedFrom } } }": types.TestKeyUseDocument,
    "\n  mutation TestRotateEncryptionKey($keyId: String) {\n    rotateEncryptionKey(input: { keyId: $keyId }) { __typename ... on UserError { code message hint } }\n  }\n": types.TestRotateEncryptionKeyDocument,
    "\n  query TestKeyRotation {\n    keyRotation { keyId entriesLeft waitsFor done }\n  }\n": types.TestKeyRotationDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestCreateApp($name: String!) {\n    createApp(input: { name: $name }) {\n      __typename\n      ... on CreateAppPayload { app { id name url gitUrl version } }\n      ... on UserError { code message hint }\n    }\n  }\n"): typeof import('./graphql.ts').TestCreateAppDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TestAppState($name: String!) {\n    app(name: $name) {\n      id\n      version\n      currentRelease { version status }\n      releases(first: 50) { nodes { id version reason status failure { reason message hint exitCode lines } } }\n      builds(first: 50) { nodes { id number status commit failure { reason message hint lines } steps { kind name status cacheHit durationMs } slug { digest size } } }\n      processes { type quantity replicas { id index status restarts exitCode exitReason release { version } } }\n    }\n  }\n"): typeof import('./graphql.ts').TestAppStateDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestSetConfig($app: String!, $set: [ConfigVarInput!], $unset: [String!], $restart: Boolean) {\n    setConfig(input: { app: $app, set: $set, unset: $unset, restart: $restart }) {\n      __typename\n      ... on SetConfigPayload { release { id version status } }\n      ... on UserError { code message hint }\n    }\n  }\n"): typeof import('./graphql.ts').TestSetConfigDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestRollBack($app: String!, $to: Int, $scope: RollBackScope) {\n    rollBack(input: { app: $app, to: $to, scope: $scope }) {\n      __typename\n      ... on RollBackPayload { release { id version } }\n      ... on UserError { code message hint }\n    }\n  }\n"): typeof import('./graphql.ts').TestRollBackDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestScale($app: String!, $processes: [ProcessScaleInput!]!) {\n    scale(input: { app: $app, processes: $processes }) {\n      __typename\n      ... on ScalePayload { app { version } }\n      ... on UserError { code message hint }\n    }\n  }\n"): typeof import('./graphql.ts').TestScaleDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestRestart($app: String!, $process: String, $replica: ID) {\n    restart(input: { app: $app, process: $process, replica: $replica }) {\n      __typename\n      ... on UserError { code message hint }\n    }\n  }\n"): typeof import('./graphql.ts').TestRestartDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestCancelBuild($build: ID!) {\n    cancelBuild(input: { build: $build }) {\n      __typename\n      ... on CancelBuildPayload { build { status } }\n      ... on UserError { code message hint }\n    }\n  }\n"): typeof import('./graphql.ts').TestCancelBuildDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestDeleteApp($app: String!, $confirm: String!) {\n    deleteApp(input: { app: $app, confirm: $confirm }) {\n      __typename\n      ... on UserError { code message hint }\n    }\n  }\n"): typeof import('./graphql.ts').TestDeleteAppDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TestAppLogs($app: String!, $after: Cursor, $last: Int) {\n    appLogs(app: $app, after: $after, last: $last) {\n      __typename\n      ... on LogBatch { cursor lines { cursor source process replica release text } }\n      ... on LogGap { cursor missing: lines why: reason }\n      ... on LogCaughtUp { cursor }\n      ... on LogEnd { reason }\n    }\n  }\n"): typeof import('./graphql.ts').TestAppLogsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TestBuildLogs($build: ID!, $after: Cursor) {\n    buildLogs(build: $build, after: $after) {\n      __typename\n      ... on LogBatch { cursor lines { cursor text } }\n      ... on LogGap { missing: lines why: reason }\n      ... on LogEnd { reason }\n    }\n  }\n"): typeof import('./graphql.ts').TestBuildLogsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TestDeployEvents($deploy: ID!) {\n    deployEvents(deploy: $deploy) { __typename }\n  }\n"): typeof import('./graphql.ts').TestDeployEventsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TestAppEvents($name: String!, $after: String) {\n    app(name: $name) {\n      events(after: $after, first: 100) {\n        nodes { type: __typename ... on EventDetails { summary } }\n        pageInfo { endCursor hasNextPage }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').TestAppEventsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestRenameApp($app: String!, $name: String!) {\n    renameApp(input: { app: $app, name: $name }) {\n      __typename\n      ... on RenameAppPayload { app { id name url gitUrl formerNames } }\n      ... on UserError { code message hint }\n    }\n  }\n"): typeof import('./graphql.ts').TestRenameAppDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestCreateDeployKey($app: String!) {\n    createDeployKey(input: { app: $app, name: \"test\" }) {\n      __typename\n      ... on CreateDeployKeyPayload { secret apiKey { id } }\n      ... on UserError { code message hint }\n    }\n  }\n"): typeof import('./graphql.ts').TestCreateDeployKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestRevokeApiKey($apiKey: ID!) {\n    revokeApiKey(input: { apiKey: $apiKey }) { __typename ... on UserError { code message hint } }\n  }\n"): typeof import('./graphql.ts').TestRevokeApiKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query TestKeyUse($id: ID!) { node(id: $id) { ... on ApiKey { lastUsedAt lastUsedFrom } } }"): typeof import('./graphql.ts').TestKeyUseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TestRotateEncryptionKey($keyId: String) {\n    rotateEncryptionKey(input: { keyId: $keyId }) { __typename ... on UserError { code message hint } }\n  }\n"): typeof import('./graphql.ts').TestRotateEncryptionKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TestKeyRotation {\n    keyRotation { keyId entriesLeft waitsFor done }\n  }\n"): typeof import('./graphql.ts').TestKeyRotationDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
