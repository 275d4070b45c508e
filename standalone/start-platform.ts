import { join } from 'node:path';
import { busProcesses } from '../bus/permissions.ts';
import type { BusProcess } from '../bus/permissions.ts';
import { createFirstUser } from '../platform/first-user.ts';
import { createPrisma } from '../prisma/client.ts';
import { migrate } from '../prisma/migrate.ts';
import { createChildren, launchNode } from './children.ts';
import type { Children } from './children.ts';
import type { Home } from './home.ts';
import { findNatsServer, natsSeedFile, startNats } from './nats.ts';
import { startPostgres } from './postgres.ts';
import type { Printer } from './printer.ts';
import { mains, processEnv, STOP_ORDER } from './processes.ts';
import type { Urls } from './processes.ts';
import type { Settings } from './settings.ts';
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

/** PostgreSQL's own user is the first of the block; those of apps and builds come after it. */
const POSTGRES_UID = 0;

/** Starts database, messages and all processes under supervision; resolves when the public port answers for all of them. */
export async function startPlatform({ settings, home, printer, signal, adopt }: StartOptions): Promise<StartedPlatform> {
  const children = createChildren({
    recordFile: join(home.dir, 'run/processes.json'),
    onCrash: (name, how) => { printer.problem(`${name} ${how}; starting it again.`); },
    onRestartFailed: (name, error) => { printer.problem(`${name} could not be started again: ${String(error)}`); },
  });
  const platform: StartedPlatform = { firstUser: null, stop: () => stopAll(children) };
  adopt(platform);
  printer.progress('Starting PostgreSQL and NATS');
  const [database, nats] = await Promise.all([keepDatabase(children, settings, home, printer), keepNats(children, settings, home, printer)]);
  signal.throwIfAborted();
  printer.progress('Bringing the database up to date');
  await migrate(database);
  platform.firstUser = await firstUser(database, settings.email);
  const urls: Urls = { database, nats, seedFile: (name) => (settings.natsSeedDir ? join(settings.natsSeedDir, `${name}.nk`) : natsSeedFile(join(home.keys, 'nats'), name)) };
  const keep = (name: BusProcess): Promise<void> => children.keep({
    name, stopSignal: 'SIGTERM', stopSeconds: name === 'local-node' ? 45 : 25,
    launch: () => launchNode(mains[name], processEnv(name, home, settings, urls), (line) => { printer.childLine(name, line); }),
  });
  printer.progress('Starting the platform');
  // The gateway makes the streams that the others use.
  await keep('gateway');
  signal.throwIfAborted();
  await Promise.all(busProcesses.filter((name) => name !== 'gateway').map(keep));
  await untilAnswers(settings, signal);
  return platform;
}

async function firstUser(database: string, email: string): Promise<StartedPlatform['firstUser']> {
  const db = createPrisma(database, 1);
  try {
    return await createFirstUser(db, email);
  } finally {
    await db.$disconnect();
  }
}

async function keepDatabase(children: Children, settings: Settings, home: Home, printer: Printer): Promise<string> {
  if (settings.databaseUrl) return settings.databaseUrl;
  let url = '';
  await children.keep({
    name: 'postgres', stopSignal: 'SIGINT', stopSeconds: 30,
    launch: async () => {
      const started = await startPostgres({
        dataDir: join(home.open, 'postgres'), socketDir: home.postgresSocketDir, passwordFile: join(home.keys, 'postgres.password'),
        uid: home.uidBase === undefined ? undefined : home.uidBase + POSTGRES_UID,
      }, (line) => { printer.childLine('postgres', line); });
      url = started.url;
      return started.child;
    },
  });
  return url;
}

async function keepNats(children: Children, settings: Settings, home: Home, printer: Printer): Promise<string> {
  if (settings.natsUrl) return settings.natsUrl;
  const server = await findNatsServer(join(home.dir, 'nats/bin'), (text) => { printer.progress(text); });
  let url = '';
  await children.keep({
    name: 'nats', stopSignal: 'SIGTERM', stopSeconds: 20,
    launch: async () => {
      const started = await startNats({ server, dir: join(home.dir, 'nats'), keyDir: join(home.keys, 'nats') }, (line) => { printer.childLine('nats', line); });
      url = started.url;
      return started.child;
    },
  });
  return url;
}

async function stopAll(children: Children): Promise<void> {
  for (const name of STOP_ORDER) await children.stop(name);
  await children.stop('nats');
  await children.stop('postgres');
}
