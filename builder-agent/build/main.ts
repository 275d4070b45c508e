import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { askUntilAnswered, onNotice } from '../../bus/ask.ts';
import { buildCanceled, buildHeld, buildQueued } from '../../bus/build.ts';
import { connectBus } from '../../bus/connect.ts';
import { takeWork } from '../../bus/work.ts';
import type { WorkVerdict } from '../../bus/work.ts';
import { createLocalBuildCluster } from '../../cluster/local/build.ts';
import { busEnv, readEnv } from '../../service/env.ts';
import { run } from '../../service/run.ts';
import type { Service } from '../../service/run.ts';
import { runBuild } from './run-build.ts';
import type { Builder } from './run-build.ts';

const HEARTBEAT_MS = 10_000;

run('build', async (service) => {
  const env = readEnv({ ...busEnv, SLIPWAY_BUILDERS: z.coerce.number().int().min(1).max(64).default(1), SLIPWAY_HEARTBEAT_MS: z.coerce.number().int().min(10).default(HEARTBEAT_MS) });
  const { log, signal } = service;
  const onError = (error: unknown, subject: string): void => { log.error({ error, subject }, 'a message failed'); };
  const bus = await connectBus({ url: env.NATS_URL, process: 'build', seedFile: env.SLIPWAY_NATS_SEED_FILE });
  service.onStop(() => bus.close());

  const cancels = new Map<string, () => void>();
  onNotice(bus, buildCanceled, ({ buildId }) => { cancels.get(buildId)?.(); }, onError);
  const builder: Builder = {
    bus, cluster: createLocalBuildCluster(bus, signal, onError), log, signal, heartbeatMs: env.SLIPWAY_HEARTBEAT_MS,
    builderId: `build@${hostname()}`,
    onCancel: (buildId, cancel) => { cancels.set(buildId, cancel); return { forget: () => { cancels.delete(buildId); } }; },
  };
  takeBuilds(service, builder, env.SLIPWAY_BUILDERS);
});

/** Takes builds until the process stops; what NATS does in between (restarts, a queue that is not there yet) is waited out. */
function takeBuilds(service: Service, builder: Builder, concurrency: number): void {
  const { log, signal } = service;
  /** A message may come again while its build still runs here. */
  const running = new Map<string, Promise<WorkVerdict>>();
  const handle = ({ buildId }: { buildId: string }): Promise<WorkVerdict> => {
    const known = running.get(buildId);
    if (known) return known;
    const building = runBuild(builder, buildId).finally(() => { running.delete(buildId); });
    running.set(buildId, building);
    return building;
  };
  const onError = (error: unknown, subject: string): void => { log.error({ error, subject }, 'a build failed to be run; it is tried again'); };
  // Their messages come again only when NATS believes us dead, half a minute later.
  const takeUpHeld = async (): Promise<void> => {
    const { buildIds } = await askUntilAnswered(builder.bus, buildHeld, { builderId: builder.builderId }, signal);
    await Promise.all(buildIds.map((buildId) => handle({ buildId })));
  };
  takeUpHeld().catch((error: unknown) => { if (!signal.aborted) onError(error, buildHeld.subject); });
  void (async () => {
    while (!signal.aborted) {
      await takeWork(builder.bus, buildQueued, concurrency, handle, onError, signal).catch(async (error: unknown) => {
        log.debug({ error }, 'the queue of builds is not there, looking again');
        await pause(1_000, undefined, { signal }).catch(() => undefined);
      });
    }
  })();
  service.onStop(() => Promise.allSettled(running.values()));
}
