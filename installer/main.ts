import { setTimeout as pause } from 'node:timers/promises';
import { connectKube } from '../cluster/kubernetes/api.ts';
import type { KubeApi } from '../cluster/kubernetes/api.ts';
import { createFirstUser } from '../platform/account/first-user.ts';
import { createPrisma } from '../prisma/client.ts';
import { migrate } from '../prisma/migrate.ts';
import type { Logger } from '../service/log.ts';
import { run } from '../service/run.ts';
import { keepSecrets, secretObject } from './keep-secrets.ts';
import { readSettings } from './settings.ts';
import type { InstallerSettings } from './settings.ts';

const AGAIN_MS = 2_000;

/** Everything that has to be there before the others can work, made once; every start looks, and adds what a new version needs. */
run('installer', async ({ log, signal }) => {
  const settings = readSettings();
  const api = connectKube({ kubeconfig: settings.KUBECONFIG ?? null });
  await keepSecrets(api, settings, log);
  await untilDone('bring the database up to date', log, signal, async () => {
    const applied = await migrate(settings.DATABASE_URL);
    if (applied.length > 0) log.info({ applied }, 'brought the database up to date');
  });
  await untilDone('make the first user', log, signal, () => keepFirstUser(api, settings, log));
  log.info('installed');
});

async function keepFirstUser(api: KubeApi, { DATABASE_URL, SLIPWAY_EMAIL, SLIPWAY_URL, SLIPWAY_NAMESPACE }: InstallerSettings, log: Logger): Promise<void> {
  const db = createPrisma(DATABASE_URL, 1);
  try {
    // Kept before it is valid: a kill in between must not lose what is told only once.
    const made = await createFirstUser(db, SLIPWAY_EMAIL, async ({ email, secret }) => {
      await api.apply(secretObject(SLIPWAY_NAMESPACE, 'first-user', { url: SLIPWAY_URL, email, apiKey: secret }));
    });
    if (made) log.info({ email: made.email }, 'made the first user; the Secret first-user has the API key');
  } finally {
    await db.$disconnect();
  }
}

/** Tries until it is done: the database may start beside us. A mistake in it stays a mistake, and is told each time. */
async function untilDone(what: string, log: Logger, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      log.warn({ error }, `could not ${what}; trying again`);
    }
    await pause(AGAIN_MS, undefined, { signal });
  }
}
