import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { buildEnvironment } from '../buildpacks/build-environment.ts';
import { installToolbox } from '../buildpacks/toolbox.ts';
import { answer, notify } from '../bus/ask.ts';
import { busOptions, connectBus } from '../bus/connect.ts';
import { nodeApply, nodeChanged, nodeForgetApp, nodeJobForget, nodeJobStart, nodeJobState, nodeJobStop, nodeReplicas } from '../bus/node.ts';
import { busEnv, readEnv } from '../service/env.ts';
import { run } from '../service/run.ts';
import { findCgroups, removeEmptyCgroups } from './cgroup.ts';
import type { Node, Tools } from './node.ts';
import { canLayer } from './layers.ts';
import { createSlugs } from './slugs.ts';
import { openState } from './state.ts';
import { createUids, createUsers } from './uids.ts';
import { createWork } from './work.ts';
import type { Work } from './work.ts';

const env = readEnv({
  ...busEnv, SLIPWAY_NODE_DIR: z.string(), SLIPWAY_LOG_DIR: z.string(), SLIPWAY_TOOLBOX_DIR: z.string().optional(), SLIPWAY_UID_BASE: z.coerce.number().int().optional(),
  SLIPWAY_DRAIN_SECONDS: z.coerce.number().positive().default(30), SLIPWAY_SLUG_LAYERS: z.enum(['auto', 'off']).default('auto'), SLIPWAY_LOG_ROTATE_BYTES: z.coerce.number().int().positive().default(10 * 1024 * 1024),
});

run('local-node', async ({ log, onStop }) => {
  const dir = env.SLIPWAY_NODE_DIR;
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  chmodSync(dir, 0o711);
  const bus = await connectBus(busOptions('local-node', env));
  onStop(() => bus.close());
  // The same name in each life, and another for each platform of a machine.
  const group = `slipway-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`;
  const cgroups = process.getuid?.() === 0 ? findCgroups(group) : null;
  onStop(() => { removeEmptyCgroups(group); });

  let work: Work | undefined;
  const stateFile = openState(dir, () => ({ uids: uids.numbers, ...(work?.state() ?? { replicas: stateFile.loaded.replicas, jobs: stateFile.loaded.jobs }) }));
  const uids = createUids(env.SLIPWAY_UID_BASE, stateFile.loaded.uids, () => { stateFile.saveNow(); });
  const users = createUsers();
  const layered = env.SLIPWAY_SLUG_LAYERS === 'auto' && uids.unpacker !== undefined && await canLayer(dir, uids.unpacker);
  const node: Node = {
    bus, log, dir, logDir: env.SLIPWAY_LOG_DIR, rotateBytes: env.SLIPWAY_LOG_ROTATE_BYTES, drainSeconds: env.SLIPWAY_DRAIN_SECONDS, tools: findTools(env.SLIPWAY_TOOLBOX_DIR ?? join(dir, 'toolbox')), cgroups,
    slugs: createSlugs({ dir, unpacker: uids.unpacker, layered, isUsed: (appId, digest) => work?.usesSlug(appId, digest) ?? true }), uids, users, save: () => { if (work) stateFile.save(); }, saveNow: () => { if (work) stateFile.saveNow(); },
  };
  const running = createWork(node, stateFile.loaded);
  work = running;
  onStop(() => running.stop());
  const onError = (error: unknown, subject: string): void => { log.error({ error, subject }, 'a message could not be handled'); };
  answer(bus, nodeApply, async ({ appId, keep, start }) => ({ replicas: running.apply(appId, keep, start) }), onError);
  answer(bus, nodeReplicas, async ({ appId }) => ({ replicas: running.replicas(appId) }), onError);
  answer(bus, nodeJobStart, (spec) => running.startJob(spec), onError);
  answer(bus, nodeJobState, async ({ id }) => running.jobState(id), onError);
  answer(bus, nodeJobStop, async ({ id }) => { running.stopJob(id); return {}; }, onError);
  answer(bus, nodeJobForget, async ({ id }) => { await running.forgetJob(id); return {}; }, onError);
  answer(bus, nodeForgetApp, async ({ appId }) => { await running.forgetApp(appId); return {}; }, onError);
  // A start of the machine is a good time for it; a failure shows when it is needed.
  node.tools().catch(() => undefined);
  await bus.nc.flush();
  notify(bus, nodeChanged, { appId: null });
}, env.SLIPWAY_DRAIN_SECONDS + 10);

/** Once, unless it failed. */
function findTools(dir: string): () => Promise<Tools> {
  let found: Promise<Tools> | null = null;
  const find = async (): Promise<Tools> => {
    mkdirSync(dir, { recursive: true, mode: 0o755 });
    const [toolbox, buildEnv] = await Promise.all([installToolbox(dir), buildEnvironment()]);
    return { toolbox, buildEnv };
  };
  return () => {
    found ??= find().catch((error: unknown) => { found = null; throw error; });
    return found;
  };
}
