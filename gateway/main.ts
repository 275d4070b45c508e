import { z } from 'zod';
import { openStore, sweepStore } from '../blobs/open-store.ts';
import { accessChanged, appChanged, eventsWritten } from '../bus/app.ts';
import { answer, onNotice } from '../bus/ask.ts';
import { buildQueued } from '../bus/build.ts';
import { busOptions, connectBus } from '../bus/connect.ts';
import { logEnsure } from '../bus/log.ts';
import { mailQueued } from '../bus/mail.ts';
import { keepWork } from '../bus/work.ts';
import { openCourier } from '../courier/open-courier.ts';
import { courierEnv } from '../courier/settings.ts';
import { sweepAccounts } from '../platform/account/sweep-accounts.ts';
import { keepKeyHolder } from '../platform/encryption/key-holder.ts';
import { blobKeys, readSecretBox } from '../platform/encryption/secret-box.ts';
import { answerLogEnsure } from '../platform/log/stream.ts';
import { sweepLogStreams } from '../platform/log/sweep.ts';
import type { Platform } from '../platform/platform.ts';
import { platformEnv, platformSettings } from '../platform/settings.ts';
import { createPrisma } from '../prisma/client.ts';
import { untilMigrated } from '../prisma/until-migrated.ts';
import { createWakeUps } from '../schema/wake-ups.ts';
import { proxiesBefore, proxyEnv } from '../service/client-address.ts';
import { busEnv, readEnv } from '../service/env.ts';
import { listen, listenEnv } from '../service/listen.ts';
import { run } from '../service/run.ts';
import { createActors } from './actors.ts';
import { answerBuild } from './answer-build.ts';
import { answerPush } from './answer-push.ts';
import { answerReplica } from './answer-replica.ts';
import { createEngine } from './engine.ts';
import { createHttp } from './http.ts';
import { createMetrics } from './metrics.ts';
import { refusing } from './refusing.ts';
import { apiEnv, apiSettings } from './settings.ts';

const envShape = {
  ...busEnv, ...platformEnv,
  ...listenEnv, ...proxyEnv, ...apiEnv, ...courierEnv,
  /** Where apps' requests come here when no replica takes them; on one machine they never do. */
  SLIPWAY_APPS_DOMAIN: z.string().optional(),
};

/** How often credentials that something lives by are looked at, for those that expire and for notices that got lost. */
const RECHECK_MS = 5_000;
/** How often what became of accounts is tidied up. */
const SWEEP_ACCOUNTS_MS = 60_000;
/** How often the log streams of deleted apps are looked for. */
const SWEEP_LOGS_MS = 60_000;

run('gateway', async (service) => {
  const { log } = service;
  const env = readEnv(envShape);
  const box = readSecretBox(env.SLIPWAY_KEY_FILE);
  const blobKey = blobKeys(box);
  const blobs = openStore(env, blobKey);
  await sweepStore(env);
  const db = createPrisma(env.DATABASE_URL);
  service.onStop(() => db.$disconnect());
  await untilMigrated(env.DATABASE_URL, log, service.signal);
  service.onStop(await keepKeyHolder({ db, box, log }, 'gateway'));
  const bus = await connectBus(busOptions('gateway', env));
  service.onStop(() => bus.close());
  const platform: Platform = { db, bus, box, blobs, log, settings: platformSettings(env) };

  const onError = (error: unknown, subject: string): void => { log.error({ error, subject }, 'a message could not be handled'); };
  service.onStop(await keepWork(bus, buildQueued, onError));
  answerPush(platform, bus, onError);
  answerBuild(platform, bus, onError);
  answerReplica(platform, bus, onError);
  answer(bus, logEnsure, refusing((payload) => answerLogEnsure(platform, payload)), onError);

  const actors = createActors(platform);
  const wakeUps = createWakeUps();
  onNotice(bus, accessChanged, (change) => { actors.end(change); }, onError);
  for (const notice of [eventsWritten, appChanged] as const) onNotice(bus, notice, ({ appId }: { appId: string }) => { wakeUps.ring(appId); }, onError);
  const every = (ms: number, act: () => Promise<unknown>, failed: string): void => {
    const timer = setInterval(() => { act().catch((error: unknown) => { log.warn({ error }, failed); }); }, ms);
    service.onStop(() => { clearInterval(timer); });
  };
  every(RECHECK_MS, () => actors.recheck(), 'credentials could not be looked at');
  every(SWEEP_LOGS_MS, () => sweepLogStreams(platform), 'log streams could not be swept');
  every(SWEEP_ACCOUNTS_MS, () => sweepAccounts(platform), 'accounts could not be swept');
  const outbox = openCourier(platform, env);
  service.onStop(() => outbox.stop());
  onNotice(bus, mailQueued, () => { outbox.wake(); }, onError);

  const metrics = createMetrics();
  const engine = createEngine({ log, metrics, settings: apiSettings(env) });
  const http = createHttp({ platform, ...engine, actors, wakeUps, metrics, blobKey, appsDomain: env.SLIPWAY_APPS_DOMAIN ?? null, proxies: proxiesBefore(env, 0) });
  await listen(http.server, env);
  service.onStop(() => http.close());
});
