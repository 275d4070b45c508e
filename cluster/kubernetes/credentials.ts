import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';
import { readKubeconfig, readPodAccess } from './kubeconfig.ts';
import type { KubeAccess, Source } from './kubeconfig.ts';

export interface KubeTls extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'> { servername?: string; rejectUnauthorized?: boolean }

export interface KubeCredentials {
  server: URL;
  /** The files are read anew: a certificate may have been renewed. */
  tls(): Promise<KubeTls>;
  /** The Authorization header; none with a client certificate. A service account's token is read again every minute at the latest. */
  authorization(): Promise<string | undefined>;
  /** The server did not know the token: the next call reads it again. */
  refused(): void;
}

const KEEP_TOKEN_MS = 30_000;

interface Identity { tls(): Promise<KubeTls>; authorization(): Promise<string | undefined> }

/** The kubeconfig where one is set (a file's path), else what a pod is given. */
export function readCredentials(kubeconfig: string | null): KubeCredentials {
  const read = (): { server: URL; identity: Identity } => {
    const access = kubeconfig === null ? readPodAccess(process.env) : readKubeconfig(kubeconfig);
    return { server: access.server, identity: kubeconfig === null || access.isPlain ? plainIdentity(access) : libraryIdentity(kubeconfig) };
  };
  const { server, identity: first } = read();
  let identity = first;
  let token: { value: string | undefined; until: number } | null = null;
  return {
    server,
    tls: () => identity.tls(),
    authorization: async () => {
      if (token && performance.now() < token.until) return token.value;
      token = { value: await identity.authorization(), until: performance.now() + KEEP_TOKEN_MS };
      return token.value;
    },
    // Anew from the file: who logged in for us may keep a token of its own.
    refused: () => { token = null; identity = read().identity; },
  };
}

const contentOf = async (source: Source | null): Promise<string | undefined> => (source === null ? undefined : 'text' in source ? source.text : readFile(source.file, 'utf8'));

function plainIdentity({ ca, cert, key, token, serverName, skipVerify }: KubeAccess): Identity {
  return {
    tls: async () => ({
      ...(skipVerify ? { rejectUnauthorized: false } : {}), ...(serverName === undefined ? {} : { servername: serverName }),
      ca: await contentOf(ca), cert: await contentOf(cert), key: await contentOf(key),
    }),
    authorization: async () => {
      const value = await contentOf(token);
      return value === undefined ? undefined : `Bearer ${value.trim()}`;
    },
  };
}

/** Programs and logins are the library's. It takes 70 MB of memory to load, which a process in a pod can do without. */
function libraryIdentity(kubeconfig: string): Identity {
  const load = async (): Promise<KubeConfig> => {
    const library = await import('@kubernetes/client-node');
    const config = new library.KubeConfig();
    config.loadFromFile(kubeconfig);
    return config;
  };
  // Loaded once: it keeps what a program answered for as long as that is valid.
  let loading: Promise<KubeConfig> | null = null;
  const options = async (): Promise<RequestOptions> => {
    loading ??= load();
    const into: RequestOptions = {};
    await (await loading).applyToHTTPSOptions(into);
    return into;
  };
  return {
    tls: async () => {
      const { ca, cert, key, passphrase, servername, rejectUnauthorized } = await options();
      return { ca, cert, key, passphrase, servername, rejectUnauthorized };
    },
    authorization: async () => ((await options()).headers as Record<string, string> | undefined)?.Authorization,
  };
}
