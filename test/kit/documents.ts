import { graphql } from '../gql/gql.ts';

/** The operations that the flow tests share; typed by codegen. */
export const CreateApp = graphql(`
  mutation TestCreateApp($name: String!) {
    createApp(input: { name: $name }) {
      __typename
      ... on CreateAppPayload { app { id name url gitUrl version } }
      ... on UserError { code message hint }
    }
  }
`);

export const AppState = graphql(`
  query TestAppState($name: String!) {
    app(name: $name) {
      id
      version
      currentRelease { version status }
      releases(first: 50) { nodes { id version reason status failure { reason message hint exitCode lines } } }
      builds(first: 50) { nodes { id number status commit failure { reason message hint lines } steps { kind name status cacheHit durationMs } slug { digest size } } }
      processes { type quantity replicas { id index status restarts exitCode exitReason release { version } } }
    }
  }
`);

export const SetConfig = graphql(`
  mutation TestSetConfig($app: String!, $set: [ConfigVarInput!], $unset: [String!], $restart: Boolean) {
    setConfig(input: { app: $app, set: $set, unset: $unset, restart: $restart }) {
      __typename
      ... on SetConfigPayload { release { id version status } }
      ... on UserError { code message hint }
    }
  }
`);

export const RollBack = graphql(`
  mutation TestRollBack($app: String!, $to: Int, $scope: RollBackScope) {
    rollBack(input: { app: $app, to: $to, scope: $scope }) {
      __typename
      ... on RollBackPayload { release { id version } }
      ... on UserError { code message hint }
    }
  }
`);

export const Scale = graphql(`
  mutation TestScale($app: String!, $processes: [ProcessScaleInput!]!) {
    scale(input: { app: $app, processes: $processes }) {
      __typename
      ... on ScalePayload { app { version } }
      ... on UserError { code message hint }
    }
  }
`);

export const Restart = graphql(`
  mutation TestRestart($app: String!, $process: String, $replica: ID) {
    restart(input: { app: $app, process: $process, replica: $replica }) {
      __typename
      ... on UserError { code message hint }
    }
  }
`);

export const CancelBuild = graphql(`
  mutation TestCancelBuild($build: ID!) {
    cancelBuild(input: { build: $build }) {
      __typename
      ... on CancelBuildPayload { build { status } }
      ... on UserError { code message hint }
    }
  }
`);

export const DeleteApp = graphql(`
  mutation TestDeleteApp($app: String!, $confirm: String!) {
    deleteApp(input: { app: $app, confirm: $confirm }) {
      __typename
      ... on UserError { code message hint }
    }
  }
`);

export const AppLogs = graphql(`
  subscription TestAppLogs($app: String!, $after: Cursor, $last: Int) {
    appLogs(app: $app, after: $after, last: $last) {
      __typename
      ... on LogBatch { cursor lines { cursor source process replica release text } }
      ... on LogGap { cursor missing: lines why: reason }
      ... on LogCaughtUp { cursor }
      ... on LogEnd { reason }
    }
  }
`);

export const BuildLogs = graphql(`
  subscription TestBuildLogs($build: ID!, $after: Cursor) {
    buildLogs(build: $build, after: $after) {
      __typename
      ... on LogBatch { cursor lines { cursor text } }
      ... on LogGap { missing: lines why: reason }
      ... on LogEnd { reason }
    }
  }
`);

export const DeployEvents = graphql(`
  subscription TestDeployEvents($deploy: ID!) {
    deployEvents(deploy: $deploy) { __typename }
  }
`);

export const AppEvents = graphql(`
  query TestAppEvents($name: String!, $after: String) {
    app(name: $name) {
      events(after: $after, first: 100) {
        nodes { type: __typename ... on EventDetails { summary } }
        pageInfo { endCursor hasNextPage }
      }
    }
  }
`);

export const RenameApp = graphql(`
  mutation TestRenameApp($app: String!, $name: String!) {
    renameApp(input: { app: $app, name: $name }) {
      __typename
      ... on RenameAppPayload { app { id name url gitUrl formerNames } }
      ... on UserError { code message hint }
    }
  }
`);

export const CreateDeployKey = graphql(`
  mutation TestCreateDeployKey($app: String!) {
    createDeployKey(input: { app: $app, name: "test" }) {
      __typename
      ... on CreateDeployKeyPayload { secret apiKey { id } }
      ... on UserError { code message hint }
    }
  }
`);

export const RevokeApiKey = graphql(`
  mutation TestRevokeApiKey($apiKey: ID!) {
    revokeApiKey(input: { apiKey: $apiKey }) { __typename ... on UserError { code message hint } }
  }
`);

export const KeyUse = graphql(`query TestKeyUse($id: ID!) { node(id: $id) { ... on ApiKey { lastUsedAt lastUsedFrom } } }`);

export const RotateEncryptionKey = graphql(`
  mutation TestRotateEncryptionKey($keyId: String) {
    rotateEncryptionKey(input: { keyId: $keyId }) { __typename ... on UserError { code message hint } }
  }
`);

export const KeyRotation = graphql(`
  query TestKeyRotation {
    keyRotation { keyId entriesLeft waitsFor done }
  }
`);
