import { graphql } from './gql/gql.ts';

/** Every operation of the command; typed by codegen from schema.graphql alone. */
export const Viewer = graphql(`query CliViewer { viewer { email apiKeys(first: 100) { nodes { name prefix scopes lastUsedAt revokedAt app { name } } } } }`);

export const Apps = graphql(`query CliApps { apps(first: 100) { nodes { name url currentRelease { version createdAt } } } }`);

export const AppInfo = graphql(`
  query CliApp($name: String!) {
    app(name: $name) {
      id name url gitUrl createdAt
      currentRelease { version status createdAt description slug { size stack buildpacks } }
      processes { type command quantity size replicas { index status restarts startedAt exitCode exitReason release { version } } }
    }
  }
`);

export const CreateApp = graphql(`
  mutation CliCreateApp($input: CreateAppInput!) {
    createApp(input: $input) { __typename ... on CreateAppPayload { app { name url gitUrl } } ... on UserError { code message hint } }
  }
`);

export const DeleteApp = graphql(`
  mutation CliDeleteApp($input: DeleteAppInput!) { deleteApp(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const Config = graphql(`query CliConfig($name: String!) { app(name: $name) { config { entries { key value sealed setAt } } } }`);

export const SetConfig = graphql(`
  mutation CliSetConfig($input: SetConfigInput!) {
    setConfig(input: $input) { __typename ... on SetConfigPayload { release { id version } } ... on UserError { code message hint } }
  }
`);

export const Releases = graphql(`
  query CliReleases($name: String!, $first: Int!) {
    app(name: $name) { releases(first: $first) { nodes { version reason status description createdAt createdBy { email } failure { message } } } }
  }
`);

export const Builds = graphql(`
  query CliBuilds($name: String!, $first: Int!) {
    app(name: $name) { builds(first: $first) { nodes { id number status commit message queuedAt startedAt endedAt failure { message } } } }
  }
`);

export const RollBack = graphql(`
  mutation CliRollBack($input: RollBackInput!) {
    rollBack(input: $input) { __typename ... on RollBackPayload { release { id version description } } ... on UserError { code message hint } }
  }
`);

export const Scale = graphql(`
  mutation CliScale($input: ScaleInput!) { scale(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const Restart = graphql(`
  mutation CliRestart($input: RestartInput!) { restart(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const Logs = graphql(`
  query CliLogs($name: String!, $last: Int!, $filter: LogFilter) {
    app(name: $name) { logs(last: $last, filter: $filter) { nodes { at source process replica level text } } }
  }
`);

export const FollowLogs = graphql(`
  subscription CliFollowLogs($app: String!, $after: Cursor, $last: Int, $filter: LogFilter) {
    appLogs(app: $app, after: $after, last: $last, filter: $filter) {
      __typename
      ... on LogBatch { cursor lines { at source process replica level text } }
      ... on LogGap { cursor missing: lines why: reason }
      ... on LogCaughtUp { cursor }
      ... on LogEnd { reason }
    }
  }
`);

export const FollowDeploy = graphql(`
  subscription CliFollowDeploy($deploy: ID!) {
    deployEvents(deploy: $deploy) { __typename ... on ReleaseFailed { release { failure { message hint lines } } } }
  }
`);
