/** A page of the reference, named after its noun. */
export interface Group {
  /** The page's file name, without `.md`. */
  page: string;
  title: string;
  about: string;
  /** A type belongs to the longest of these that its name begins with (`BuildStepKind`: Build); a mutation to the longest that its name ends with. */
  nouns: string[];
  /** Queries, mutations and subscriptions that belong here, where their names or types do not say so. */
  fields?: string[];
}

/** Every page. What belongs to none fails `npm run generate`: give it a noun here. */
export const groups: Group[] = [
  { page: 'app', title: 'Apps', about: 'What you push to, and what answers at its URL.', nouns: ['App'] },
  { page: 'build', title: 'Builds', about: 'A push makes a build, and a build makes a slug and a release of it.', nouns: ['Build'] },
  { page: 'slug', title: 'Slugs', about: 'What a build made: an immutable tarball, named by its content.', nouns: ['Slug'] },
  { page: 'release', title: 'Releases', about: 'A slug with a config, numbered within the app, never edited: the ledger, and the ways back in it.', nouns: ['Release', 'RollBack', 'PlannedRollBack'], fields: ['rollBack'] },
  { page: 'config', title: 'Config of an app', about: 'The environment variables of an app. Each change makes a release.', nouns: ['Config'] },
  { page: 'process', title: 'Processes and replicas', about: 'A process type is a command with a quantity; a replica is one running copy of it.', nouns: ['Process', 'ScaledProcess', 'Replica'], fields: ['scale', 'restart'] },
  { page: 'log', title: 'Logs', about: 'Lines of builds, processes, requests and the platform, in one order, live and as history.', nouns: ['Log'] },
  { page: 'event', title: 'Events', about: 'Who did what, and when: every change is one, in an order that can be followed by cursor.', nouns: ['Event', 'DeployEvent'] },
  {
    page: 'user', title: 'Users', about: 'People, and programs that act as one: their addresses, passwords and second factors.',
    nouns: ['User', 'Account', 'Email', 'Password', 'TwoFactor', 'RecoveryCodes', 'DeletionConsequences', 'AppsToDelete', 'KeysToEnd'], fields: ['signUp', 'confirmEmailChange', 'requestEmailChange', 'requestPasswordReset'],
  },
  { page: 'session', title: 'Sessions', about: 'Browsers that are logged in.', nouns: ['Session'], fields: ['logIn', 'logOut'] },
  { page: 'permission', title: 'People of an app', about: 'Who may do what to an app: roles, invitations to them, and the way to another owner.', nouns: ['Permission', 'Role', 'Invitation', 'OwnInvitation', 'Transfer'], fields: ['invitePerson', 'inviteUser', 'leaveApp'] },
  { page: 'api-key', title: 'API keys', about: 'What programs show to prove who they are, with scopes. A deploy key may push to one app, and nothing else.', nouns: ['ApiKey', 'DeployKey'] },
  { page: 'ssh-key', title: 'SSH keys', about: 'Public keys of people.', nouns: ['SshKey'] },
  { page: 'encryption-key', title: 'The encryption key', about: 'What config values are encrypted with, and how it is changed while all goes on.', nouns: ['KeyRotation', 'EncryptionKey'] },
  { page: 'value', title: 'Ids, pages and values', about: 'What all the others have in common: ids, pages of lists, times, sizes, places to go on from.', nouns: ['Node', 'PageInfo', 'ByteCount', 'Cursor', 'DateTime'] },
  { page: 'error', title: 'Errors', about: 'Mistakes that a caller can make are answers: ask for them with `... on UserError`, or by their own types where they tell more.', nouns: ['Error', 'UserError', 'Refusal'] },
];
