import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import pc from 'picocolors';
import { appName, count } from './app-option.ts';
import { payloadOf, query } from './client.ts';
import { CommandError, UsageError } from './command-error.ts';
import { readCredentials } from './credentials.ts';
import { CreateApiKey, CreateDeployKey, RevokeApiKey, RotateApiKey, Viewer } from './documents.ts';
import type { ApiKeyScope, CliViewerQuery } from './gql/graphql.ts';
import { ago, printJson, printTable, say } from './print.ts';

type User = NonNullable<CliViewerQuery['viewer']>;

async function readViewer(): Promise<User> {
  const { viewer } = await query(readCredentials(), Viewer, {});
  if (!viewer) throw new CommandError('The platform does not know this API key.');
  return viewer;
}

const DAY_MS = 86_400_000;

function showSecret(secret: string): void {
  process.stderr.write('This is the only time that the key is shown:\n');
  say(secret);
}

async function create(name: string, { scope, app, days, deploy }: { scope?: string; app?: string; days?: number; deploy?: boolean }): Promise<void> {
  const expiresAt = days === undefined ? {} : { expiresAt: new Date(Date.now() + days * DAY_MS).toISOString() };
  if (deploy) {
    if (scope !== undefined) throw new UsageError('A deploy key can push, and has no other scope.', 'Leave --scope out, or --deploy.');
    showSecret(payloadOf((await query(readCredentials(), CreateDeployKey, { input: { name, app: appName(app === undefined ? {} : { app }), ...expiresAt } })).createDeployKey).secret);
    return;
  }
  showSecret(payloadOf((await query(readCredentials(), CreateApiKey, { input: { name, scopes: [(scope ?? 'deploy').toUpperCase() as ApiKeyScope], app, ...expiresAt } })).createApiKey).secret);
}

/** The one key in use that is called so, or begins so; of those with one name the newest that was not rotated. */
async function findKey(which: string): Promise<User['apiKeys']['nodes'][number]> {
  const inUse = (await readViewer()).apiKeys.nodes.filter(({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > Date.now()));
  const found = inUse.filter(({ name, prefix }) => name === which || (which.length >= prefix.length && which.startsWith(prefix)) || which === prefix);
  const current = found.length > 1 ? found.filter(({ replacedBy }) => replacedBy === null) : found;
  const [key] = current;
  if (!key) throw new CommandError(`You have no key "${which}" that is in use.`, 'slipway keys lists them.');
  if (current.length > 1) throw new CommandError(`You have ${current.length} keys named "${which}".`, 'Say which by the beginning that slipway keys shows.');
  return key;
}

async function revoke(which: string): Promise<void> {
  const key = await findKey(which);
  payloadOf((await query(readCredentials(), RevokeApiKey, { input: { apiKey: key.id } })).revokeApiKey);
  say(`The key ${key.name} (${key.prefix}…) is revoked.`);
}

async function rotate(which: string, { overlap }: { overlap?: number }): Promise<void> {
  const key = await findKey(which);
  const { secret, replaced } = payloadOf((await query(readCredentials(), RotateApiKey, { input: { apiKey: key.id, ...(overlap === undefined ? {} : { overlapSeconds: overlap }) } })).rotateApiKey);
  process.stderr.write(`The old key (${key.prefix}…) is good until ${replaced.expiresAt ?? 'it is revoked'}.\n`);
  showSecret(secret);
}

/** Seconds, from hours. */
const hours = (value: string): number => {
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0 || number > 168) throw new InvalidArgumentError('It must be a number of hours from 0 to 168.');
  return Math.round(number * 3600);
};

export function addKeyCommands(program: Command): void {
  program.command('whoami').description('whose API key this is').action(async () => { say((await readViewer()).email); });
  program.command('keys').description('list your API keys').option('--json', 'as JSON').action(async ({ json }: { json?: boolean }) => {
    const { nodes } = (await readViewer()).apiKeys;
    if (json) { printJson(nodes); return; }
    printTable(['NAME', 'KEY', 'MAY', 'APP', 'LAST USED', 'FROM', 'ENDS'], nodes.map(({ name, prefix, scopes, app, lastUsedAt, lastUsedFrom, revokedAt, expiresAt }) => [
      name, `${prefix}…`, scopes.join(' ').toLowerCase(), app?.name ?? 'all', lastUsedAt ? ago(lastUsedAt) : 'never', lastUsedFrom ?? '-', revokedAt ? pc.red('revoked') : expiresAt?.slice(0, 10) ?? 'never',
    ]));
  });
  program.command('keys:create').argument('<name>').description('make an API key, for a CI or another person').option('-a, --app <name>', 'only for this app')
    .addOption(new Option('--scope <scope>', 'what it may do; else deploy').choices(['read', 'deploy', 'config', 'admin'])).option('--deploy', 'a deploy key: it may push to the app, and nothing else')
    .option('--days <n>', 'how many days it lives; else for ever', count(36_500)).action(create);
  program.command('keys:rotate').argument('<key>', 'its name, or the beginning that slipway keys shows').description('replace an API key by a new one that may the same; the old one ends later')
    .option('--overlap <hours>', 'how long the old key stays good; else a day', hours).action(rotate);
  program.command('keys:revoke').argument('<key>', 'its name, or the beginning that slipway keys shows').description('end an API key at once').action(revoke);
}
