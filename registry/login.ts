import { z } from 'zod';

export interface RegistryLogin { username: string; password: string }

const dockerConfig = z.object({ auths: z.record(z.string(), z.object({ auth: z.string().optional(), username: z.string().optional(), password: z.string().optional() })) });

/** The login for a registry out of a `.dockerconfigjson`; null: it has none for it. Docker's own entries may carry a scheme and a path. */
export function readCredentials(text: string, registry: string): RegistryLogin | null {
  const { auths } = dockerConfig.parse(JSON.parse(text));
  const hostOf = (name: string): string => name.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  const found = Object.entries(auths).find(([name]) => hostOf(name) === registry)?.[1];
  if (!found) return null;
  if (found.username !== undefined && found.password !== undefined) return { username: found.username, password: found.password };
  const decoded = Buffer.from(found.auth ?? '', 'base64').toString();
  const at = decoded.indexOf(':');
  return at < 0 ? null : { username: decoded.slice(0, at), password: decoded.slice(at + 1) };
}

type PlainChallenge = { scheme: 'none' } | { scheme: 'basic' };
/** `scope`: what it wants a token for, where it says so. */
interface BearerChallenge { scheme: 'bearer'; realm: string; service: string | null; scope: string | null }
export type Challenge = PlainChallenge | BearerChallenge;

/** How a registry asks for a login: read from its answer. */
export function readChallenge(status: number, header: string | null): Challenge {
  if (status !== 401 || header === null) return { scheme: 'none' };
  if (!/^bearer /i.test(header)) return { scheme: 'basic' };
  const value = (name: string): string | null => new RegExp(`${name}="([^"]*)"`, 'i').exec(header)?.[1] ?? null;
  const realm = value('realm');
  return realm === null ? { scheme: 'none' } : { scheme: 'bearer', realm, service: value('service'), scope: value('scope') };
}

const tokenAnswer = z.object({ token: z.string().optional(), access_token: z.string().optional(), expires_in: z.number().optional() });

const TOKEN_MS = 10_000;

/** A short-lived token for some repositories. Throws with the status of a refusal. */
export async function fetchToken({ realm, service }: Pick<BearerChallenge, 'realm' | 'service'>, login: RegistryLogin | null, scopes: string[]): Promise<{ token: string; until: number }> {
  const url = new URL(realm);
  if (service !== null) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const response = await fetch(url, { signal: AbortSignal.timeout(TOKEN_MS), ...(login ? { headers: { authorization: basic(login) } } : {}) });
  if (!response.ok) throw new TokenRefused(response.status);
  const { token, access_token: accessToken, expires_in: seconds = 60 } = tokenAnswer.parse(await response.json());
  return { token: token ?? accessToken ?? '', until: Date.now() + (seconds - 10) * 1000 };
}

export class TokenRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`The registry's token service answered HTTP ${status}.`);
    this.status = status;
  }
}

export const basic = ({ username, password }: RegistryLogin): string => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
