import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** Read when it is needed: who renews a file restarts nothing. */
export type Source = { file: string } | { text: string };

/** Where the API server is, and who we are to it. */
export interface KubeAccess {
  server: URL;
  ca: Source | null;
  cert: Source | null;
  key: Source | null;
  token: Source | null;
  serverName?: string;
  skipVerify: boolean;
  /** It takes no program or login of its own, no proxy, and nobody else's name. */
  isPlain: boolean;
}

const cluster = z.looseObject({ server: z.url(), 'certificate-authority': z.string().optional(), 'certificate-authority-data': z.string().optional(), 'insecure-skip-tls-verify': z.boolean().optional(), 'tls-server-name': z.string().optional() });
const user = z.looseObject({ token: z.string().optional(), tokenFile: z.string().optional(), 'client-certificate': z.string().optional(), 'client-certificate-data': z.string().optional(), 'client-key': z.string().optional(), 'client-key-data': z.string().optional() });
const kubeconfig = z.looseObject({
  'current-context': z.string().optional(),
  contexts: z.array(z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string() }) })).nullish(),
  clusters: z.array(z.looseObject({ name: z.string(), cluster })).nullish(),
  users: z.array(z.looseObject({ name: z.string(), user: user.nullish() })).nullish(),
});

/** What its current context says. */
export function readKubeconfig(path: string): KubeAccess {
  const parsed = kubeconfig.safeParse(parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new Error(`The kubeconfig ${path} cannot be used:\n${z.prettifyError(parsed.error)}`);
  const { data } = parsed;
  const context = data.contexts?.find(({ name }) => name === data['current-context'])?.context;
  const where = data.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  if (!context || !where) throw new Error(`The kubeconfig ${path} names no current cluster; choose one with kubectl config use-context.`);
  const who = data.users?.find(({ name }) => name === context.user)?.user ?? {};
  const source = (encoded: string | undefined, file: string | undefined): Source | null => {
    if (encoded !== undefined) return { text: Buffer.from(encoded, 'base64').toString() };
    return file === undefined ? null : { file: resolve(dirname(path), file) };
  };
  return {
    server: new URL(where.server), ca: source(where['certificate-authority-data'], where['certificate-authority']),
    cert: source(who['client-certificate-data'], who['client-certificate']), key: source(who['client-key-data'], who['client-key']),
    token: who.token === undefined ? source(undefined, who.tokenFile) : { text: who.token },
    serverName: where['tls-server-name'], skipVerify: where['insecure-skip-tls-verify'] ?? false,
    isPlain: !['exec', 'auth-provider', 'username', 'as', 'as-uid', 'as-groups', 'as-user-extra'].some((field) => field in who) && !('proxy-url' in where),
  };
}

/** Where Kubernetes puts what a pod is given. */
const ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

export function readPodAccess({ KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' }: NodeJS.ProcessEnv, dir = ACCOUNT_DIR): KubeAccess {
  if (!host) throw new Error('There is no Kubernetes here: set KUBECONFIG to a kubeconfig file, or run in a pod with a service account.');
  return { server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`), ca: { file: join(dir, 'ca.crt') }, cert: null, key: null, token: { file: join(dir, 'token') }, skipVerify: false, isPlain: true };
}
