import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';
import type { Settings } from './settings.ts';

interface Credentials { url: string; email: string; apiKey: string }

/** Writes who the first user is, for people and for the command, which finds the platform by it. */
export function keepCredentials(home: Home, settings: Settings, user: { email: string; secret: string }): void {
  write(home, { url: settings.url, email: user.email, apiKey: user.secret });
}

/** Another port or domain than at the last start: says so in the file, where there is one. */
export function refreshUrl(home: Home, settings: Settings): void {
  if (!existsSync(credentialsFile(home))) return;
  const kept = JSON.parse(readFileSync(credentialsFile(home), 'utf8')) as Credentials;
  if (kept.url !== settings.url) write(home, { ...kept, url: settings.url });
}

export const credentialsFile = (home: Home): string => join(home.dir, 'credentials.json');

function write(home: Home, credentials: Credentials): void {
  const file = credentialsFile(home);
  writeFileSync(`${file}.new`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
