import type { RequestOptions } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';

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

/** The kubeconfig where one is set (a file's path), else what a pod is given. */
export function readCredentials(kubeconfig: string | null): KubeCredentials {
  let config = loadConfig(kubeconfig);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error(`The kubeconfig ${kubeconfig ?? ''} names no current cluster; choose one with kubectl config use-context.`);
  let token: { value: string | undefined; until: number } | null = null;

  const options = async (): Promise<RequestOptions> => {
    const into: RequestOptions = {};
    await config.applyToHTTPSOptions(into);
    return into;
  };
  return {
    server: new URL(cluster.server),
    tls: async () => {
      const { ca, cert, key, passphrase, servername, rejectUnauthorized } = await options();
      return { ca, cert, key, passphrase, servername, rejectUnauthorized };
    },
    authorization: async () => {
      if (token && performance.now() < token.until) return token.value;
      const headers = (await options()).headers as Record<string, string> | undefined;
      token = { value: headers?.Authorization, until: performance.now() + KEEP_TOKEN_MS };
      return token.value;
    },
    // A fresh KubeConfig: its authenticators keep tokens of their own.
    refused: () => { token = null; config = loadConfig(kubeconfig); },
  };
}

function loadConfig(kubeconfig: string | null): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig !== null) config.loadFromFile(kubeconfig);
  else if (process.env.KUBERNETES_SERVICE_HOST) config.loadFromCluster();
  else throw new Error('There is no Kubernetes here: set KUBECONFIG to a kubeconfig file, or run in a pod with a service account.');
  return config;
}
