import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { credentialsFile } from './credentials.ts';
import type { Home } from './home.ts';
import type { Printer } from './printer.ts';
import type { Settings } from './settings.ts';

/** Tells the one line that scripts wait for; at the first start also who the first user is, and what to do next. */
export function welcome(settings: Settings, firstUser: { email: string; secret: string } | null, home: Home, printer: Printer): void {
  printer.say(`Slipway is ready: ${settings.url}`);
  if (home.uidBase === undefined) printer.say(`Apps and builds run as your own user: there is no wall between them and your files.${process.platform === 'linux' ? ' Start as root for a user of its own for each app.' : ''}`);
  if (!firstUser) return;
  printer.person([
    '',
    `  URL      ${settings.url}`,
    `  E-mail   ${firstUser.email}`,
    `  API key  ${firstUser.secret}   (kept in ${fromHome(credentialsFile(home))})`,
    '',
    '  Next, in the repository of your app:',
    '',
    `    ${slipwayCommand()} create my-app`,
    '    git push slipway main',
    `    ${slipwayCommand()} logs --tail`,
    '',
  ], `The first user is ${firstUser.email}; their API key is in ${credentialsFile(home)}.`);
}

const fromHome = (path: string): string => (path.startsWith(`${homedir()}/`) ? `~${path.slice(homedir().length)}` : path);

/** How to call our command from anywhere: the checkout's own, unless one is installed. */
export function slipwayCommand(own = join(import.meta.dirname, '../bin/slipway'), path = process.env.PATH ?? ''): string {
  if (path.split(delimiter).some((dir) => existsSync(join(dir, 'slipway')))) return 'slipway';
  return /^[\w./@%+=:,-]+$/.test(own) ? own : `'${own.replaceAll("'", "'\\''")}'`;
}
