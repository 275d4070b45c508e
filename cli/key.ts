import { Option } from 'commander';
import type { Command } from 'commander';
import pc from 'picocolors';
import { count } from './app-option.ts';
import { payloadOf, query } from './client.ts';
import { CommandError } from './command-error.ts';
import { readCredentials } from './credentials.ts';
import { CreateApiKey, RevokeApiKey, Viewer } from './documents.ts';
import type { ApiKeyScope, CliViewerQuery } from './gql/graphql.ts';
import { ago, printJson, printTable, say } from './print.ts';

type User = NonNullable<CliViewerQuery['viewer']>;

async function readViewer(): Promise<User> {
  const { viewer } = await query(readCredentials(), Viewer, {});
  if (!viewer) throw new CommandError('The platform does not know this API key.');
  return viewer;
}

async function create(name: string, { scope, app, days }: { scope: string; app?: string; days?: number }): Promise<void> {
  const expiresAt = days === undefined ? {} : { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() };
  const { secret } = payloadOf((await query(readCredentials(), CreateApiKey, { input: { name, scopes: [scope.toUpperCase() as ApiKeyScope], app, ...expiresAt } })).createApiKey);
  process.stderr.write('This is the only time that the key is shown:\n');
  say(secret);
}

async function revoke(which: string): Promise<void> {
  const found = (await readViewer()).apiKeys.nodes.filter(({ name, prefix, revokedAt }) => revokedAt === null && (name === which || (which.length >= prefix.length && which.startsWith(prefix)) || which === prefix));
  const [key] = found;
  if (!key) throw new CommandError(`You have no key "${which}".`, 'slipway keys lists them.');
  if (found.length > 1) throw new CommandError(`You have ${found.length} keys named "${which}".`, 'Say which by the beginning that slipway keys shows.');
  payloadOf((await query(readCredentials(), RevokeApiKey, { input: { apiKey: key.id } })).revokeApiKey);
  say(`The key ${key.name} (${key.prefix}…) is revoked.`);
}

export function addKeyCommands(program: Command): void {
  program.command('whoami').description('whose API key this is').action(async () => { say((await readViewer()).email); });
  program.command('keys').description('list your API keys').option('--json', 'as JSON').action(async ({ json }: { json?: boolean }) => {
    const { nodes } = (await readViewer()).apiKeys;
    if (json) { printJson(nodes); return; }
    printTable(['NAME', 'KEY', 'MAY', 'APP', 'LAST USED', 'ENDS'], nodes.map(({ name, prefix, scopes, app, lastUsedAt, revokedAt, expiresAt }) => [
      name, `${prefix}…`, scopes.join(' ').toLowerCase(), app?.name ?? 'all', lastUsedAt ? ago(lastUsedAt) : 'never', revokedAt ? pc.red('revoked') : expiresAt?.slice(0, 10) ?? 'never',
    ]));
  });
  program.command('keys:create').argument('<name>').description('make an API key, for a CI or another person').option('-a, --app <name>', 'only for this app')
    .addOption(new Option('--scope <scope>', 'what it may do').choices(['read', 'deploy', 'config', 'admin']).default('deploy')).option('--days <n>', 'how many days it lives; else for ever', count(36_500)).action(create);
  program.command('keys:revoke').argument('<key>', 'its name, or the beginning that slipway keys shows').description('end an API key at once').action(revoke);
}
