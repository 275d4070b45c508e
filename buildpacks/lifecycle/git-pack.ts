import { createHash } from 'node:crypto';
import { access, cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { publicAddressOf } from './address.ts';
import { readCommand } from './command.ts';
import type { CommandEnd } from './command.ts';
import { BuildFailure } from './failure.ts';
import { startGitProxy } from './git-proxy.ts';

export interface GitPackOptions {
  /** Where checked-out buildpacks stay between builds. */
  cacheDir: string;
  /** Where the buildpack goes. */
  dir: string;
  env: NodeJS.ProcessEnv;
  /** The address to connect to for a host, or a refusal. */
  addressOf?: (host: string) => Promise<string>;
}

/** Checks out a buildpack at `ref` (branch, tag, full commit; none: the default branch). A commit that is there is not fetched again. */
export async function fetchGitPack(url: string, ref: string | null, { cacheDir, dir, env, addressOf = publicAddressOf }: GitPackOptions): Promise<{ cacheHit: boolean }> {
  const repository = join(cacheDir, createHash('sha256').update(url).digest('hex').slice(0, 32));
  const gitEnv = { ...env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: 'true', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_ALLOW_PROTOCOL: 'https' };
  const git = (...args: string[]): ReturnType<typeof readCommand> => readCommand('git', args, { cwd: cacheDir, env: gitEnv });
  await mkdir(cacheDir, { recursive: true });
  const known = await access(join(repository, 'HEAD')).then(() => true, () => false);
  if (!known) await expectGit(git('init', '-q', '--bare', repository), url);
  const isCommit = ref !== null && /^[0-9a-f]{40}$/.test(ref);
  const cacheHit = isCommit && known && (await git('-C', repository, 'cat-file', '-e', `${ref}^{commit}`)).code === 0;
  if (!cacheHit) await fetchRef(url, ref ?? 'HEAD', repository, env, gitEnv, addressOf);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await expectGit(git('-C', repository, '--work-tree', dir, 'checkout', '-q', '-f', cacheHit && ref ? ref : 'FETCH_HEAD', '--', '.'), url);
  return { cacheHit };
}

async function fetchRef(url: string, ref: string, repository: string, env: NodeJS.ProcessEnv, gitEnv: NodeJS.ProcessEnv, addressOf: (host: string) => Promise<string>): Promise<void> {
  // Behind the operator's proxy, that proxy decides what is reached; our own look at the name still refuses private ones.
  const behindProxy = env.HTTPS_PROXY ?? env.https_proxy;
  await addressOf(new URL(url).hostname).catch((error: unknown) => { if (!behindProxy || !(error instanceof BuildFailure && error.cause)) throw error; });
  const proxy = behindProxy ? null : await startGitProxy(addressOf);
  try {
    const settings = ['-c', 'http.lowSpeedLimit=1000', '-c', 'http.lowSpeedTime=30', ...(proxy ? ['-c', `http.proxy=${proxy.url}`] : [])];
    const fetched = await readCommand('git', [...settings, '-C', repository, 'fetch', '-q', '--depth', '1', '--no-tags', '--', url, ref], { cwd: repository, env: { ...gitEnv, NO_PROXY: '', no_proxy: '' } });
    if (proxy?.refusal()) throw proxy.refusal() ?? new Error('unreachable');
    await expectGit(Promise.resolve(fetched), url);
  } finally {
    proxy?.close();
  }
}

async function expectGit(running: Promise<CommandEnd & { stderr: string }>, url: string): Promise<void> {
  const { code, stderr } = await running;
  if (code === 0) return;
  const why = stderr.trim().split('\n').filter((line) => /^(fatal|error):/.test(line)).at(-1) ?? `git exited with code ${code}`;
  if (/No space left/.test(stderr)) throw new Error(stderr);
  throw new BuildFailure('BUILDPACK_FETCH_FAILED', `The buildpack ${url} could not be fetched: ${why}`, 'Check the URL and the #ref in .buildpacks, and that this machine reaches that host.');
}

/** Copies a buildpack out of the repository, so that what it writes beside itself stays out of the slug. */
export async function copyPack(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
}
