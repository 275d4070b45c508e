import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shareCompiled } from '../buildpacks/compiled-code.ts';
import type { JobSpec } from '../bus/node.ts';
import type { Cgroup } from './cgroup.ts';
import type { OnOutput } from './fifo.ts';
import { baseEnv, openCgroup, programDir } from './node.ts';
import type { Node, Tools } from './node.ts';
import { makePlace, openPlace } from './place.ts';
import { startProgram } from './program.ts';
import type { Program, ProgramSpec } from './program.ts';
import { provideSlug, toVariables } from './provide-slug.ts';
import type { JobRecord } from './state.ts';

export const workDir = (node: Node, id: string): string => join(node.dir, 'jobs', id);
export const cacheDir = (node: Node, appId: string): string => join(node.dir, 'cache', appId);

export const userOf = (node: Node, { appId, kind }: Pick<JobRecord, 'appId' | 'kind'>): number | undefined => node.uids.of(appId, kind === 'build' ? 'build' : 'run');

/** Starts a job's program; `record.program` is written down before its first instruction. Throws SlugError, and the signal's reason. */
export async function launchJob(node: Node, spec: JobSpec, record: JobRecord, signal: AbortSignal, onOutput: OnOutput): Promise<{ program: Program; cgroup: Cgroup | null }> {
  const uid = userOf(node, record);
  const tools = await node.tools();
  const program = spec.kind === 'build' ? await buildProgram(node, tools, spec, uid) : await commandProgram(node, tools, spec, uid, signal);
  signal.throwIfAborted();
  const cgroup = openCgroup(node, record.id, record.memoryBytes);
  const started = await startProgram({ ...program, dir: programDir(node, record.id), uid }, { users: node.users, cgroup, onOutput }, (found) => {
    record.program = found;
    node.saveNow();
  });
  return { program: started, cgroup };
}

type ProgramOfJob = Pick<ProgramSpec, 'cwd' | 'layers' | 'env' | 'input' | 'args'>;

/** The lifecycle, with its context (it holds config) on stdin and nowhere else. */
async function buildProgram(node: Node, { toolbox, buildEnv }: Tools, spec: Extract<JobSpec, { kind: 'build' }>, uid: number | undefined): Promise<ProgramOfJob> {
  const dir = workDir(node, spec.id);
  const cache = cacheDir(node, spec.context.appId);
  const place = await makePlace(dir, uid);
  await openPlace(dir, uid);
  await mkdir(cache, { recursive: true, mode: 0o700 });
  if (uid !== undefined) await Promise.all([chown(cache, uid, uid), shareCompiled(toolbox.compiled, uid)]);
  return {
    cwd: place.app, layers: null, env: { ...baseEnv(place), ...buildEnv, NODE_COMPILE_CACHE: toolbox.compiled }, args: [toolbox.node, toolbox.lifecycle, '--cache', cache],
    input: { mode: 'input', bytes: Buffer.from(JSON.stringify(spec.context)) },
  };
}

async function commandProgram(node: Node, { toolbox }: Tools, spec: Extract<JobSpec, { kind: 'command' }>, uid: number | undefined, signal: AbortSignal): Promise<ProgramOfJob> {
  const { place, layers, config } = await provideSlug(node, { ...spec, dir: workDir(node, spec.id), uid }, signal);
  const own = { SLIPWAY_APP: spec.appName, SLIPWAY_PROCESS: spec.process, SLIPWAY_RELEASE: String(spec.releaseVersion) };
  return { cwd: place.app, layers, env: baseEnv(place), args: ['/bin/bash', toolbox.entrypoint, place.app, spec.command], input: { mode: 'env', variables: [...config, ...toVariables(own)] } };
}
