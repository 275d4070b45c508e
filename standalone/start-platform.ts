import { join } from 'node:path';
import { busProcesses } from '../bus/permissions.ts';
import type { BusProcess } from '../bus/permissions.ts';
import { createFirstUser } from '../platform/account/first-user.ts';
import { checkDatabase } from '../prisma/check-database.ts';
import { createPrisma } from '../prisma/client.ts';
import { migrate } from '../prisma/migrate.ts';
import { createChildren } from './children.ts';
import type { Children } from './children.ts';
import { keepCredentials, refreshUrl } from './credentials.ts';
import { findNatsServer } from './find-nats.ts';
import type { Home } from './home.ts';
import { launchNode } from './launch.ts';
import { recordProcesses } from './leftovers.ts';
import { natsSeedFile, startNats } from './nats.ts';
import { checkOwnNats, seedFileIn } from './own-nats.ts';
import { startPostgres } from './postgres.ts';
import type { Printer } from './printer.ts';
import { mains, processEnv, STOP_ORDER } from './processes.ts';
import type { Urls } from './processes.ts';
import type { Settings } from './settings.ts';
import { StartError } from './start-error.ts';
import { untilAnswers } from './until-answers.ts';

export interface StartedPlatform {
  /** Set when this start made the first user. */
  firstUser: { email: string; secret: string } | null;
  stop(): Promise<void>;
}

export interface StartOptions {
  settings: Settings; home: Home; printer: Printer; signal: AbortSignal;
  /** Gets what is to be stopped as soon as anything is started. */
  adopt(platform: StartedPlatform): void;
}

/** The first users of the block are the platform's own; those of apps and builds come after them. */
const POSTGRES_UID = 0;
const NATS_UID = 1;
// 2 unpacks slugs: local-node/uids.ts.

/** Starts database, messages and all processes under supervision; resolves when the public port answers for all of them. */
export async function startPlatform({ settings, home, printer, signal, adopt }: StartOptions): Promise<StartedPlatform> {
  const children = createChildren({
    record: (running) => {
      if (!recordProcesses(join(home.dir, 'run/processes.json'), running)) printer.problem(`${home.dir}/run/processes.json could not be written: is the disk full?`);
    },
    tell: (problem) => { printer.problem(problem); },
  });
  const platform: StartedPlatform = { firstUser: null, stop: () => stopAll(children) };
  adopt(platform);
  printer.progress(beginning(settings));
  const [database, nats] = await Promise.all([keepDatabase(children, settings, home, printer), keepNats(children, settings, home, printer)]);
  signal.throwIfAborted();
  printer.progress('Bringing the database up to date');
  await migrate(database);
  platform.firstUser = await firstUser(database, settings, home);
  if (!platform.firstUser) refreshUrl(home, settings);
  signal.throwIfAborted();
  const urls: Urls = { database, nats, seedFile: (name) => (settings.natsSeedDir ? seedFileIn(settings.natsSeedDir, name) : natsSeedFile(join(home.keys, 'nats'), name)) };
  const keep = (name: BusProcess): Promise<void> => children.keep({
    name, stopSignal: 'SIGTERM', stopSeconds: name === 'local-node' ? 45 : 25,
    launch: (spawned) => launchNode({ name, main: mains[name], env: processEnv(name, home, settings, urls), onLine: (line) => { printer.childLine(name, line); } }, spawned),
  });
  printer.progress('Starting the platform');
  // The gateway makes the streams that the others use.
  await keep('gateway');
  signal.throwIfAborted();
  await Promise.all(busProcesses.filter((name) => name !== 'gateway').map(keep));
  await untilAnswers(settings, signal);
  return platform;
}

/** What is ours is started, what is somebody else's is asked whether it will do. */
function beginning({ databaseUrl, natsUrl }: Settings): string {
  const ours = [databaseUrl ? null : 'PostgreSQL', natsUrl ? null : 'NATS'].filter((name) => name !== null);
  return ours.length === 0 ? 'Looking at your PostgreSQL and NATS' : `Starting ${ours.join(' and ')}`;
}

async function firstUser(database: string, settings: Settings, home: Home): Promise<StartedPlatform['firstUser']> {
  const db = createPrisma(database, 1);
  try {
    // Kept before they are valid: a kill in between must not lose what is told only once.
    return await createFirstUser(db, settings.email, (user) => { keepCredentials(home, settings, user); });
  } finally {
    await db.$disconnect();
  }
}

const uidOf = (home: Home, number: number): number | undefined => (home.uidBase === undefined ? undefined : home.uidBase + number);

async function keepDatabase(children: Children, settings: Settings, home: Home, printer: Printer): Promise<string> {
  if (settings.databaseUrl) {
    const problem = await checkDatabase(settings.databaseUrl);
    if (problem !== null) throw new StartError(`${problem}: correct DATABASE_URL or the database, and start again.`);
    return settings.databaseUrl;
  }
  let url = '';
  await children.keep({
    name: 'postgres', stopSignal: 'SIGINT', stopSeconds: 30,
    launch: async (spawned) => {
      const started = await startPostgres({
        dataDir: join(home.open, 'postgres'), socketDir: home.postgresSocketDir, passwordFile: join(home.keys, 'postgres.password'), uid: uidOf(home, POSTGRES_UID), spawned,
      }, (line) => { printer.childLine('postgres', line); });
      url = started.url;
    },
  });
  return url;
}

async function keepNats(children: Children, settings: Settings, home: Home, printer: Printer): Promise<string> {
  if (settings.natsUrl) {
    await checkOwnNats(settings.natsUrl, settings.natsSeedDir ?? '');
    return settings.natsUrl;
  }
  const dir = join(home.open, 'nats');
  const server = await findNatsServer(join(dir, 'bin'), (text) => { printer.progress(text); });
  let port: number | undefined;
  await children.keep({
    name: 'nats', stopSignal: 'SIGTERM', stopSeconds: 20,
    launch: async (spawned) => {
      ({ port } = await startNats({ server, dir, keyDir: join(home.keys, 'nats'), uid: uidOf(home, NATS_UID), port, spawned }, (line) => { printer.childLine('nats', line); }));
    },
  });
  return `nats://127.0.0.1:${port}`;
}

async function stopAll(children: Children): Promise<void> {
  for (const name of STOP_ORDER) await children.stop(name);
  await children.stop('nats');
  await children.stop('postgres');
}
