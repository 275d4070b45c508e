import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CommandError } from './command-error.ts';

export interface Credentials {
  /** The platform's origin, without a slash at its end. */
  url: string;
  apiKey: string;
}

const DEFAULT_URL = 'http://localhost:4000';

/** The data directory of the platform on this machine. */
export const homeDir = (env = process.env): string => resolve(env.SLIPWAY_HOME || join(homedir(), '.slipway'));

/** SLIPWAY_URL and SLIPWAY_API_KEY, else the file that the platform on this machine wrote for its first user. */
export function readCredentials(env = process.env): Credentials {
  const url = env.SLIPWAY_URL?.replace(/\/+$/, '');
  if (url !== undefined && !URL.canParse(url)) throw new CommandError(`SLIPWAY_URL is no address: ${url}`, `For example: ${DEFAULT_URL}`);
  const file = join(homeDir(env), 'credentials.json');
  const found = readFile(file);
  if (env.SLIPWAY_API_KEY) return { url: url || (found?.url ?? DEFAULT_URL), apiKey: env.SLIPWAY_API_KEY };
  if (!found) throw new CommandError(`There is no API key: ${file} cannot be read.`, 'Start the platform on this machine (npm start), or set SLIPWAY_URL and SLIPWAY_API_KEY.');
  // The key of one platform is never sent to another.
  if (url && new URL(url).origin !== new URL(found.url).origin) throw new CommandError(`There is no API key for ${url}: ${file} has one for ${found.url}.`, 'Set SLIPWAY_API_KEY too.');
  return found;
}

function readFile(file: string): Credentials | null {
  try {
    const { url, apiKey } = JSON.parse(readFileSync(file, 'utf8')) as Credentials;
    return { url: url.replace(/\/+$/, ''), apiKey };
  } catch {
    return null;
  }
}
