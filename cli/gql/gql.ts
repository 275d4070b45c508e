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
    "query CliViewer { viewer { email apiKeys(first: 100) { nodes { id name prefix scopes lastUsedAt lastUsedFrom expiresAt revokedAt replacedBy { prefix } app { name } } } } }": typeof types.CliViewerDocument,
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
    "\n  mutation CliRotateApiKey($input: RotateApiKeyInput!) {\n    rotateApiKey(input: $input) { __typename ... on RotateApiKeyPayload { secret replaced { expiresAt } } ... on UserError { code message hint } }\n  }\n": typeof types.CliRotateApiKeyDocument,
    "\n  mutation CliCreateDeployKey($input: CreateDeployKeyInput!) { createDeployKey(input: $input) { __typename ... on CreateDeployKeyPayload { secret } ... on UserError { code message hint } } }\n": typeof types.CliCreateDeployKeyDocument,
    "query CliSshKeys { viewer { sshKeys(first: 100) { nodes { id name type bits fingerprint createdAt lastUsedAt } } } }": typeof types.CliSshKeysDocument,
    "\n  mutation CliAddSshKey($input: AddSshKeyInput!) { addSshKey(input: $input) { __typename ... on AddSshKeyPayload { sshKey { name fingerprint } } ... on UserError { code message hint } } }\n": typeof types.CliAddSshKeyDocument,
    "\n  mutation CliRemoveSshKey($input: RemoveSshKeyInput!) { removeSshKey(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliRemoveSshKeyDocument,
    "\n  mutation CliRenameApp($input: RenameAppInput!) { renameApp(input: $input) { __typename ... on RenameAppPayload { app { name url gitUrl } } ... on UserError { code message hint } } }\n": typeof types.CliRenameAppDocument,
    "\n  query CliPeople($name: String!) {\n    app(name: $name) {\n      name owner { email }\n      permissions(first: 100) { nodes { user { email } role createdAt } }\n      invitations(first: 100) { nodes { id email role expiresAt } }\n      transfer { id to { email } expiresAt }\n    }\n  }\n": typeof types.CliPeopleDocument,
    "\n  mutation CliInvitePerson($input: InvitePersonInput!) { invitePerson(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliInvitePersonDocument,
    "\n  mutation CliRevokeInvitation($input: RevokeInvitationInput!) { revokeInvitation(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliRevokeInvitationDocument,
    "\n  mutation CliChangeRole($input: ChangeRoleInput!) { changeRole(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliChangeRoleDocument,
    "\n  mutation CliRemovePermission($input: RemovePermissionInput!) { removePermission(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliRemovePermissionDocument,
    "\n  mutation CliLeaveApp($input: LeaveAppInput!) { leaveApp(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliLeaveAppDocument,
    "\n  query CliOffers {\n    invitations(first: 100) { nodes { id appName role invitedBy { email } expiresAt } }\n    viewer { transfers(first: 100) { nodes { id app { name } from { email } expiresAt } } }\n  }\n": typeof types.CliOffersDocument,
    "\n  mutation CliAcceptInvitation($input: AcceptInvitationInput!) {\n    acceptInvitation(input: $input) { __typename ... on AcceptInvitationPayload { permission { role app { name } } } ... on UserError { code message hint } }\n  }\n": typeof types.CliAcceptInvitationDocument,
    "\n  mutation CliOfferTransfer($input: OfferTransferInput!) { offerTransfer(input: $input) { __typename ... on OfferTransferPayload { transfer { expiresAt } } ... on UserError { code message hint } } }\n": typeof types.CliOfferTransferDocument,
    "\n  mutation CliAcceptTransfer($input: AcceptTransferInput!) { acceptTransfer(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliAcceptTransferDocument,
    "\n  mutation CliDeclineTransfer($input: DeclineTransferInput!) { declineTransfer(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliDeclineTransferDocument,
    "\n  mutation CliWithdrawTransfer($input: WithdrawTransferInput!) { withdrawTransfer(input: $input) { __typename ... on UserError { code message hint } } }\n": typeof types.CliWithdrawTransferDocument,
};
const documents: Documents = {
    "query CliViewer { viewer { email apiKeys(first: 100) { nodes { id name prefix scopes lastUsedAt lastUsedFrom expiresAt revokedAt replacedBy { prefix } app { name } } } } }": types.CliViewerDocument,
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
    "\n  mutation CliRotateApiKey($input: RotateApiKeyInput!) {\n    rotateApiKey(input: $input) { __typename ... on RotateApiKeyPayload { secret replaced { expiresAt } } ... on UserError { code message hint } }\n  }\n": types.CliRotateApiKeyDocument,
    "\n  mutation CliCreateDeployKey($input: CreateDeployKeyInput!) { createDeployKey(input: $input) { __typename ... on CreateDeployKeyPayload { secret } ... on UserError { code message hint } } }\n": types.CliCreateDeployKeyDocument,
    "query CliSshKeys { viewer { sshKeys(first: 100) { nodes { id name type bits fingerprint createdAt lastUsedAt } } } }": types.CliSshKeysDocument,
    "\n  mutation CliAddSshKey($input: AddSshKeyInput!) { addSshKey(input: $input) { __typename ... on AddSshKeyPayload { sshKey { name fingerprint } } ... on UserError { code message hint } } }\n": types.CliAddSshKeyDocument,
    "\n  mutation CliRemoveSshKey($input: RemoveSshKeyInput!) { removeSshKey(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliRemoveSshKeyDocument,
    "\n  mutation CliRenameApp($input: RenameAppInput!) { renameApp(input: $input) { __typename ... on RenameAppPayload { app { name url gitUrl } } ... on UserError { code message hint } } }\n": types.CliRenameAppDocument,
    "\n  query CliPeople($name: String!) {\n    app(name: $name) {\n      name owner { email }\n      permissions(first: 100) { nodes { user { email } role createdAt } }\n      invitations(first: 100) { nodes { id email role expiresAt } }\n      transfer { id to { email } expiresAt }\n    }\n  }\n": types.CliPeopleDocument,
    "\n  mutation CliInvitePerson($input: InvitePersonInput!) { invitePerson(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliInvitePersonDocument,
    "\n  mutation CliRevokeInvitation($input: RevokeInvitationInput!) { revokeInvitation(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliRevokeInvitationDocument,
    "\n  mutation CliChangeRole($input: ChangeRoleInput!) { changeRole(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliChangeRoleDocument,
    "\n  mutation CliRemovePermission($input: RemovePermissionInput!) { removePermission(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliRemovePermissionDocument,
    "\n  mutation CliLeaveApp($input: LeaveAppInput!) { leaveApp(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliLeaveAppDocument,
    "\n  query CliOffers {\n    invitations(first: 100) { nodes { id appName role invitedBy { email } expiresAt } }\n    viewer { transfers(first: 100) { nodes { id app { name } from { email } expiresAt } } }\n  }\n": types.CliOffersDocument,
    "\n  mutation CliAcceptInvitation($input: AcceptInvitationInput!) {\n    acceptInvitation(input: $input) { __typename ... on AcceptInvitationPayload { permission { role app { name } } } ... on UserError { code message hint } }\n  }\n": types.CliAcceptInvitationDocument,
    "\n  mutation CliOfferTransfer($input: OfferTransferInput!) { offerTransfer(input: $input) { __typename ... on OfferTransferPayload { transfer { expiresAt } } ... on UserError { code message hint } } }\n": types.CliOfferTransferDocument,
    "\n  mutation CliAcceptTransfer($input: AcceptTransferInput!) { acceptTransfer(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliAcceptTransferDocument,
    "\n  mutation CliDeclineTransfer($input: DeclineTransferInput!) { declineTransfer(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliDeclineTransferDocument,
    "\n  mutation CliWithdrawTransfer($input: WithdrawTransferInput!) { withdrawTransfer(input: $input) { __typename ... on UserError { code message hint } } }\n": types.CliWithdrawTransferDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CliViewer { viewer { email apiKeys(first: 100) { nodes { id name prefix scopes lastUsedAt lastUsedFrom expiresAt revokedAt replacedBy { prefix } app { name } } } } }"): typeof import('./graphql.ts').CliViewerDocument;
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
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliRotateApiKey($input: RotateApiKeyInput!) {\n    rotateApiKey(input: $input) { __typename ... on RotateApiKeyPayload { secret replaced { expiresAt } } ... on UserError { code message hint } }\n  }\n"): typeof import('./graphql.ts').CliRotateApiKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliCreateDeployKey($input: CreateDeployKeyInput!) { createDeployKey(input: $input) { __typename ... on CreateDeployKeyPayload { secret } ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliCreateDeployKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CliSshKeys { viewer { sshKeys(first: 100) { nodes { id name type bits fingerprint createdAt lastUsedAt } } } }"): typeof import('./graphql.ts').CliSshKeysDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliAddSshKey($input: AddSshKeyInput!) { addSshKey(input: $input) { __typename ... on AddSshKeyPayload { sshKey { name fingerprint } } ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliAddSshKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliRemoveSshKey($input: RemoveSshKeyInput!) { removeSshKey(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliRemoveSshKeyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliRenameApp($input: RenameAppInput!) { renameApp(input: $input) { __typename ... on RenameAppPayload { app { name url gitUrl } } ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliRenameAppDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CliPeople($name: String!) {\n    app(name: $name) {\n      name owner { email }\n      permissions(first: 100) { nodes { user { email } role createdAt } }\n      invitations(first: 100) { nodes { id email role expiresAt } }\n      transfer { id to { email } expiresAt }\n    }\n  }\n"): typeof import('./graphql.ts').CliPeopleDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliInvitePerson($input: InvitePersonInput!) { invitePerson(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliInvitePersonDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliRevokeInvitation($input: RevokeInvitationInput!) { revokeInvitation(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliRevokeInvitationDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliChangeRole($input: ChangeRoleInput!) { changeRole(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliChangeRoleDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliRemovePermission($input: RemovePermissionInput!) { removePermission(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliRemovePermissionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliLeaveApp($input: LeaveAppInput!) { leaveApp(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliLeaveAppDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CliOffers {\n    invitations(first: 100) { nodes { id appName role invitedBy { email } expiresAt } }\n    viewer { transfers(first: 100) { nodes { id app { name } from { email } expiresAt } } }\n  }\n"): typeof import('./graphql.ts').CliOffersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliAcceptInvitation($input: AcceptInvitationInput!) {\n    acceptInvitation(input: $input) { __typename ... on AcceptInvitationPayload { permission { role app { name } } } ... on UserError { code message hint } }\n  }\n"): typeof import('./graphql.ts').CliAcceptInvitationDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliOfferTransfer($input: OfferTransferInput!) { offerTransfer(input: $input) { __typename ... on OfferTransferPayload { transfer { expiresAt } } ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliOfferTransferDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliAcceptTransfer($input: AcceptTransferInput!) { acceptTransfer(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliAcceptTransferDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliDeclineTransfer($input: DeclineTransferInput!) { declineTransfer(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliDeclineTransferDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CliWithdrawTransfer($input: WithdrawTransferInput!) { withdrawTransfer(input: $input) { __typename ... on UserError { code message hint } } }\n"): typeof import('./graphql.ts').CliWithdrawTransferDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
