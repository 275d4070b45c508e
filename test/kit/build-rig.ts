import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { x } from 'tar';
import { pack } from 'tar-stream';
import type { Header } from 'tar-stream';
import type { BuildContext, BuildOutcome, BuildStep } from '../../bus/build.ts';
import { buildEnvironment } from '../../buildpacks/build-environment.ts';
import { childEnv } from './child-env.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';

export interface RigBuild { code: number | null; output: string; steps: BuildStep[]; outcome: BuildOutcome | null }

/** Content, or the header of an entry of another kind (without a type: an empty file). */
export type SourceFiles = Record<string, string | Buffer | Partial<Header>>;

/** Runs the build lifecycle as the node would: a process of its own, source and slug storage by HTTP on loopback. */
export interface BuildRig {
  dir: string;
  /** The next so many requests to the storage are answered by 503. */
  failNext(requests: number): void;
  build(files: SourceFiles, options?: BuildOptions): Promise<RigBuild>;
  /** Unpacks the slug that was stored last. */
  unpackSlug(): Promise<string>;
  slugSize(): number;
}

export interface BuildOptions {
  clean?: boolean; config?: Record<string, string | Buffer>; limits?: Partial<BuildContext['limits']>;
  env?: NodeJS.ProcessEnv; tarball?: Buffer; digest?: string; main?: string; node?: string; uid?: number;
}

const defaultMain = join(import.meta.dirname, '../../buildpacks/lifecycle/main.ts');
const defaults = { seconds: 300, memoryBytes: 2 ** 31, diskBytes: 2 ** 32, outputBytes: 2 ** 24, slugBytes: 2 ** 30 };

/** The tarball of these files; what is in a bin/ is executable. */
export async function makeTarball(files: SourceFiles): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === 'string' || Buffer.isBuffer(content)) tar.entry({ name, mode: name.includes('bin/') ? 0o755 : 0o644 }, content);
    else if (content.type) tar.entry({ name, ...content });
    else tar.entry({ name, ...content }, '');
  }
  tar.finalize();
  return buffer(tar);
}

export async function startBuildRig(scope: Scope): Promise<BuildRig> {
  const dir = await makeTemp(scope, 'slip-build-');
  const environment = await buildEnvironment();
  let source = Buffer.alloc(0);
  let slug = Buffer.alloc(0);
  let failures = 0;
  const server = createServer((request, response) => {
    if (failures > 0) { failures--; request.resume(); response.writeHead(503).end(); return; }
    if (request.method === 'GET') { response.end(source); return; }
    buffer(request).then((body) => {
      slug = body;
      response.end(JSON.stringify({ digest: createHash('sha256').update(body).digest('hex'), size: body.length }));
    }, () => response.destroy());
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  scope.after(() => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const build: BuildRig['build'] = async (files, { clean = false, config = {}, limits = {}, env = {}, tarball, digest, main = defaultMain, node = process.execPath, uid } = {}) => {
    source = Buffer.from(tarball ?? await makeTarball(files));
    const work = await mkdtemp(join(dir, 'work-'));
    const cache = join(dir, 'cache');
    await mkdir(cache, { recursive: true });
    const context: BuildContext = {
      buildId: randomUUID(), appId: randomUUID(), appName: 'blog', number: 1, commit: 'c0ffee'.repeat(6) + 'c0ff', clean,
      sourceUrl: `${url}/source?signature=s`, sourceDigest: digest ?? createHash('sha256').update(source).digest('hex'), slugPutUrl: `${url}/slug?signature=s`, cacheUrl: null, cachePutUrl: `${url}/cache?signature=s`,
      config: Object.entries(config).map(([key, value]) => ({ key, value: Buffer.from(value).toString('base64') })), limits: { ...defaults, ...limits },
    };
    if (uid !== undefined) {
      await chmod(dir, 0o755);
      for (const owned of [work, cache]) await chown(owned, uid, uid);
    }
    return runLifecycle([node, main, '--cache', cache], work, { ...environment, ...env }, context, uid);
  };
  return {
    dir, build, failNext: (requests) => { failures = requests; }, slugSize: () => slug.length,
    unpackSlug: async () => {
      const to = await mkdtemp(join(dir, 'slug-'));
      await new Promise<void>((resolve, reject) => { const unpack = x({ cwd: to, maxDecompressionRatio: Infinity }); unpack.on('error', reject).on('close', () => { resolve(); }); unpack.end(slug); });
      return to;
    },
  };
}

async function runLifecycle([node = '', ...args]: string[], work: string, environment: NodeJS.ProcessEnv, context: BuildContext, uid: number | undefined): Promise<RigBuild> {
  const child = spawn(node, args, {
    cwd: work, ...(uid === undefined ? {} : { uid, gid: uid }), detached: true, stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...childEnv(), PATH: '/usr/local/bin:/usr/bin:/bin', HOME: work, TMPDIR: work, LANG: 'C.UTF-8', ...environment },
  });
  child.stdin.on('error', () => undefined).end(JSON.stringify(context));
  let output = '';
  let events = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text; });
  child.stdio[3]?.on('data', (bytes: Buffer) => { events += bytes.toString(); });
  const code = await new Promise<number | null>((resolve) => {
    child.once('exit', () => { try { process.kill(-(child.pid ?? 0), 'SIGKILL'); } catch { /* all gone */ } });
    child.once('close', resolve);
  });
  const steps = new Map<number, BuildStep>();
  let outcome: BuildOutcome | null = null;
  for (const line of events.split('\n').filter(Boolean)) {
    const event = JSON.parse(line) as { type: 'step'; step: BuildStep } | { type: 'outcome'; outcome: BuildOutcome };
    if (event.type === 'step') steps.set(event.step.index, event.step); else outcome = event.outcome;
  }
  return { code, output, steps: [...steps.values()], outcome };
}
