import { z } from 'zod';
import { openStore } from '../blobs/open-store.ts';
import { onNotice } from '../bus/ask.ts';
import { appChanged, eventsWritten } from '../bus/app.ts';
import { busOptions, connectBus } from '../bus/connect.ts';
import { openDeployCluster } from '../cluster/open-deploy.ts';
import { keepKeyHolder } from '../platform/encryption/key-holder.ts';
import type { Platform } from '../platform/platform.ts';
import { blobKeys, readSecretBox } from '../platform/encryption/secret-box.ts';
import { platformEnv, platformSettings } from '../platform/settings.ts';
import { createPrisma } from '../prisma/client.ts';
import { untilMigrated } from '../prisma/until-migrated.ts';
import { busEnv, readEnv } from '../service/env.ts';
import { run } from '../service/run.ts';
import { lead } from './lead.ts';
import { createLeadClock } from './lead-clock.ts';
import { createReconciler } from './reconcile.ts';

/** Sweeps look at everything this often: what a lost message left undone is done then. */
const SWEEP_MS = 15_000;

run('controller', async ({ log, signal, onStop }) => {
  const env = readEnv({ ...busEnv, ...platformEnv, SLIPWAY_BOOT_SECONDS: z.coerce.number().positive().default(60) });
  const settings = platformSettings(env);
  const db = createPrisma(env.DATABASE_URL, 5);
  onStop(() => db.$disconnect());
  await untilMigrated(env.DATABASE_URL, log, signal);
  const bus = await connectBus(busOptions('controller', env));
  onStop(() => bus.close());
  const box = readSecretBox(env.SLIPWAY_KEY_FILE);
  onStop(await keepKeyHolder({ db, box, log }, 'controller'));
  const blobs = openStore(env, blobKeys(box));
  const platform: Platform = { db, bus, box, blobs, log, settings };
  const onError = (error: unknown, subject: string): void => { log.error({ error, subject }, 'a message could not be handled'); };
  const clock = createLeadClock();
  const cluster = await openDeployCluster({ bus, bootSeconds: env.SLIPWAY_BOOT_SECONDS, beforeWrite: () => { clock.assertHeld(); }, onError, log });
  onStop(() => { cluster.close(); });

  const reconciler = createReconciler({ platform, cluster, clock });
  onStop(() => reconciler.idle());
  cluster.watch((appId) => { if (appId === null) reconciler.all(); else reconciler.enqueue(appId); });
  onNotice(bus, appChanged, ({ appId }) => { reconciler.enqueue(appId); }, onError);
  onNotice(bus, eventsWritten, ({ appId }) => { reconciler.tell(appId); }, onError);
  onStop(lead({ platform, sweepMs: SWEEP_MS, reconciler, clock, signal }));
});
