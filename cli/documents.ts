import { graphql } from './gql/gql.ts';

/** Every operation of the command; typed by codegen from schema.graphql alone. */
export const Viewer = graphql(`query CliViewer { viewer { email apiKeys(first: 100) { nodes { id name prefix scopes lastUsedAt lastUsedFrom expiresAt revokedAt replacedBy { prefix } app { name } } } } }`);

export const Apps = graphql(`query CliApps { apps(first: 100) { nodes { name url currentRelease { version createdAt } } } }`);

export const AppInfo = graphql(`
  query CliApp($name: String!) {
    app(name: $name) {
      id name url gitUrl createdAt
      currentRelease { version status createdAt description slug { size stack buildpacks } }
      processes { type command quantity size replicas { id name status restarts startedAt exitCode exitReason release { version } } }
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

export const Config = graphql(`query CliConfig($name: String!) { app(name: $name) { config { entries { key value valueBase64 sealed setAt } } } }`);

export const SetConfig = graphql(`
  mutation CliSetConfig($input: SetConfigInput!) {
    setConfig(input: $input) { __typename ... on SetConfigPayload { release { id version description } } ... on UserError { code message hint } }
  }
`);

export const CopyConfig = graphql(`
  mutation CliCopyConfig($input: CopyConfigInput!) {
    copyConfig(input: $input) { __typename ... on CopyConfigPayload { release { id version description } } ... on UserError { code message hint } }
  }
`);

export const ConfigHistory = graphql(`
  query CliConfigHistory($name: String!, $key: String!, $first: Int!) {
    app(name: $name) { configHistory(key: $key, first: $first) { nodes { set sealed digest setAt setBy { email } release { version description } } } }
  }
`);

export const DiffReleases = graphql(`
  query CliDiffReleases($app: String!, $version: Int!, $from: Int!) {
    release(app: $app, version: $version) {
      version
      diff(from: $from) { codeChanged commitBefore commitAfter slugBefore { digest } slugAfter { digest } processTypesAdded processTypesChanged processTypesRemoved configAdded configChanged configRemoved }
    }
  }
`);

export const PreviewRollBack = graphql(`
  query CliPreviewRollBack($app: String!, $to: Int, $scope: RollBackScope!) {
    rollBackPreview(app: $app, to: $to, scope: $scope) {
      refused { code message hint }
      release {
        description to { version }
        diff { codeChanged commitBefore commitAfter slugBefore { digest } slugAfter { digest } processTypesAdded processTypesChanged processTypesRemoved configAdded configChanged configRemoved }
      }
    }
  }
`);

export const KeyRotation = graphql(`query CliKeyRotation { keyRotation { keyId startedAt activatedAt entriesLeft waitsFor done oldKeysEndAt } }`);

export const RotateEncryptionKey = graphql(`
  mutation CliRotateEncryptionKey($input: RotateEncryptionKeyInput!) { rotateEncryptionKey(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const Releases = graphql(`
  query CliReleases($name: String!, $first: Int!) {
    app(name: $name) { currentRelease { version } releases(first: $first) { nodes { version reason status description createdAt createdBy { email } failure { message } } } }
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
  mutation CliScale($input: ScaleInput!) { scale(input: $input) { __typename ... on ScalePayload { app { processes { type quantity size } } } ... on UserError { code message hint } } }
`);

export const Restart = graphql(`
  mutation CliRestart($input: RestartInput!) { restart(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const FollowLogs = graphql(`
  subscription CliFollowLogs($app: String!, $after: Cursor, $last: Int, $filter: LogFilter) {
    appLogs(app: $app, after: $after, last: $last, filter: $filter) {
      __typename
      ... on LogBatch { cursor lines { at source process replica release stream level text } }
      ... on LogGap { cursor missing: lines why: reason }
      ... on LogCaughtUp { cursor }
      ... on LogEnd { reason }
    }
  }
`);

export const FollowDeploy = graphql(`
  subscription CliFollowDeploy($deploy: ID!) {
    deployEvents(deploy: $deploy) { __typename ... on EventDetails { summary } ... on ReleaseFailed { release { failure { message hint lines } } } }
  }
`);

export const CancelBuild = graphql(`
  mutation CliCancelBuild($input: CancelBuildInput!) { cancelBuild(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const CreateApiKey = graphql(`
  mutation CliCreateApiKey($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename ... on CreateApiKeyPayload { secret } ... on UserError { code message hint } } }
`);

export const RevokeApiKey = graphql(`
  mutation CliRevokeApiKey($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const RotateApiKey = graphql(`
  mutation CliRotateApiKey($input: RotateApiKeyInput!) {
    rotateApiKey(input: $input) { __typename ... on RotateApiKeyPayload { secret replaced { expiresAt } } ... on UserError { code message hint } }
  }
`);

export const CreateDeployKey = graphql(`
  mutation CliCreateDeployKey($input: CreateDeployKeyInput!) { createDeployKey(input: $input) { __typename ... on CreateDeployKeyPayload { secret } ... on UserError { code message hint } } }
`);

export const SshKeys = graphql(`query CliSshKeys { viewer { sshKeys(first: 100) { nodes { id name type bits fingerprint createdAt lastUsedAt } } } }`);

export const AddSshKey = graphql(`
  mutation CliAddSshKey($input: AddSshKeyInput!) { addSshKey(input: $input) { __typename ... on AddSshKeyPayload { sshKey { name fingerprint } } ... on UserError { code message hint } } }
`);

export const RemoveSshKey = graphql(`
  mutation CliRemoveSshKey($input: RemoveSshKeyInput!) { removeSshKey(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const RenameApp = graphql(`
  mutation CliRenameApp($input: RenameAppInput!) { renameApp(input: $input) { __typename ... on RenameAppPayload { app { name url gitUrl } } ... on UserError { code message hint } } }
`);

export const People = graphql(`
  query CliPeople($name: String!) {
    app(name: $name) {
      name owner { email }
      permissions(first: 100) { nodes { user { email } role createdAt } }
      invitations(first: 100) { nodes { id email role expiresAt } }
      transfer { id to { email } expiresAt }
    }
  }
`);

export const InvitePerson = graphql(`
  mutation CliInvitePerson($input: InvitePersonInput!) { invitePerson(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const RevokeInvitation = graphql(`
  mutation CliRevokeInvitation($input: RevokeInvitationInput!) { revokeInvitation(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const ChangeRole = graphql(`
  mutation CliChangeRole($input: ChangeRoleInput!) { changeRole(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const RemovePermission = graphql(`
  mutation CliRemovePermission($input: RemovePermissionInput!) { removePermission(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const LeaveApp = graphql(`
  mutation CliLeaveApp($input: LeaveAppInput!) { leaveApp(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const Offers = graphql(`
  query CliOffers {
    invitations(first: 100) { nodes { id appName role invitedBy { email } expiresAt } }
    viewer { transfers(first: 100) { nodes { id app { name } from { email } expiresAt } } }
  }
`);

export const AcceptInvitation = graphql(`
  mutation CliAcceptInvitation($input: AcceptInvitationInput!) {
    acceptInvitation(input: $input) { __typename ... on AcceptInvitationPayload { permission { role app { name } } } ... on UserError { code message hint } }
  }
`);

export const OfferTransfer = graphql(`
  mutation CliOfferTransfer($input: OfferTransferInput!) { offerTransfer(input: $input) { __typename ... on OfferTransferPayload { transfer { expiresAt } } ... on UserError { code message hint } } }
`);

export const AcceptTransfer = graphql(`
  mutation CliAcceptTransfer($input: AcceptTransferInput!) { acceptTransfer(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const DeclineTransfer = graphql(`
  mutation CliDeclineTransfer($input: DeclineTransferInput!) { declineTransfer(input: $input) { __typename ... on UserError { code message hint } } }
`);

export const WithdrawTransfer = graphql(`
  mutation CliWithdrawTransfer($input: WithdrawTransferInput!) { withdrawTransfer(input: $input) { __typename ... on UserError { code message hint } } }
`);
