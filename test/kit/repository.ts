import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmod, copyFile, link, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { inCluster } from './place.ts';
import type { Slipway } from './slipway.ts';
import { makeTemp } from './temp.ts';

const run = promisify(execFile);

export interface PushResult { code: number; output: string }

export interface RunningPush {
  child: ChildProcess;
  output(): string;
  ended: Promise<PushResult>;
  /** What Ctrl-C does: git and all that it started end at once. */
  leave(): Promise<void>;
}

/** A developer's working copy with the platform's app as its remote. */
export interface Repository {
  dir: string;
  /** Writes files (null deletes one) and commits them; answers the commit's id. */
  commit(files: Record<string, string | Uint8Array | null>, message?: string): Promise<string>;
  git(...args: string[]): Promise<string>;
  /** `git push slipway main`, with the output as the pusher sees it. */
  push(...args: string[]): Promise<PushResult>;
  /** A push that goes on: its process, its output so far, its end. */
  startPush(...args: string[]): RunningPush;
}

const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', '-c', 'commit.gpgsign=false', '-c', 'init.defaultBranch=main'];
const cleanEnv = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LANG: 'C.UTF-8' });

/** A new repository whose remote `slipway` is the app's, with the key in the URL as a test may. */
export async function makeRepository(t: TestContext | { after(fn: () => Promise<void>): void }, slipway: Pick<Slipway, 'apiKey' | 'remote'>, app: string, apiKey = slipway.apiKey): Promise<Repository> {
  const dir = await makeTemp(t, 'repository-');
  const { remote } = slipway;
  const git = async (...args: string[]): Promise<string> => (await run('git', [...identity, ...remote.config, ...args], { cwd: dir, env: cleanEnv() })).stdout.trim();
  await git('init', '-q');
  await git('remote', 'add', 'slipway', remote.url(app, apiKey));

  const startPush: Repository['startPush'] = (...args) => {
    const child = spawn('git', [...identity, ...remote.config, 'push', 'slipway', ...(args.length ? args : ['main'])], { cwd: dir, env: cleanEnv(), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let printed = '';
    const take = (chunk: Buffer): void => { printed += chunk.toString(); };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const ended = new Promise<PushResult>((resolve) => { child.once('close', (code) => { resolve({ code: code ?? -1, output: printed }); }); });
    const leave = async (): Promise<void> => {
      try { if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL'); } catch { /* it has ended */ }
      await ended;
    };
    return { child, output: () => printed, ended, leave };
  };
  return {
    dir, git, startPush,
    commit: async (files, message = 'Change it') => {
      for (const [name, content] of Object.entries(files)) {
        const path = join(dir, name);
        if (content === null) { await rm(path); continue; }
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, content);
        if (name.includes('bin/') || name.endsWith('.sh')) await chmod(path, 0o755);
      }
      await git('add', '-A');
      await git('commit', '-q', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
    push: (...args) => startPush(...args).ended,
  };
}

/** A copy of this Node that any user of this machine may execute. */
export async function copyNode(to: string): Promise<void> {
  await copyFile(process.execPath, to);
  await chmod(to, 0o755);
}

/** A Node that apps and builds can execute: a copy that any user of this machine may, as apps run as users of their own; in a cluster the one of the stack image. */
export async function nodeForApps(t: TestContext | { after(fn: () => Promise<void>): void }): Promise<string> {
  if (inCluster) return 'node';
  const dir = await makeTemp(t, 'node-');
  await chmod(dir, 0o755);
  const node = join(dir, 'node');
  const shared = process.env.SLIPWAY_TEST_NODE;
  // It is large: a run of tests has one copy, under many names.
  if (shared !== undefined) await link(shared, node);
  else await copyNode(node);
  return node;
}
